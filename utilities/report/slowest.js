// SPDX-License-Identifier: Apache-2.0

// The slowest.

function partsText(slow) {
  return STAGES.filter(s => slow.parts[s] && s !== "total")
    .map(s => s + " " + duration(slow.parts[s][1] - slow.parts[s][0])
      + " from " + duration(slow.parts[s][0]))
    .join(", ") || "no stage of it is known";
}

// Returns its time and the first line of its text, without that time.
function slowTitle(slow) {
  return duration(slow.total) + " "
    + slow.text.split("\n")[0].replace(/, [\d.]+ us$/, "");
}

// Draws all of them, each below its title.
function drawSlow(svg, width, list) {
  const most = list[0].total;
  const left = 26;
  const right = width - 4;
  const x = scaleLinear().domain([0, Math.max(1, most)])
    .range([left, right]);
  const titles = list.map(slowTitle);
  const more = titles.some(t => wrap(svg, left, 0, t, right - left, true) > 1)
    ? 15 : 0;
  const rowHeight = 42 + more;
  const bottom = list.length * rowHeight + 4;
  const items = [];

  timeAxis(svg, x, bottom, 0);
  list.forEach((slow, i) => {
    const y = i * rowHeight;
    const title = titles[i];
    text(svg, 0, y + 13, "start", i + 1 + ".", "quiet");
    wrap(svg, left, y + 13, title, right - left);
    boxes(svg, [{name: "rest", x: left, y: y + 26 + more, height: 4,
      width: Math.max(1, x(slow.total) - left)}]);
    // What is within another comes later.
    const shapes = [["handle", 21, 14], ["queue", 19, 18],
      ["translate", 19, 18], ["install", 19, 18], ["execute", 19, 18]];
    boxes(svg, shapes.filter(s => slow.parts[s[0]]).map(
      ([name, top, height]) => {
        const [from, until] = slow.parts[name];
        return {name, x: x(from), y: y + top + more, height,
          width: Math.max(1.5, x(until) - x(from))};
      }));
    items.push({x: 0, y: y, width: width - 4, height: 40 + more,
      text: i + 1 + ". " + title + ". At " + moment(slow.at, 1e3) + ": "
        + partsText(slow) + "."});
  });
  return {height: bottom + 24, items};
}

function drawSlowest() {
  const figure = get("slow");
  const list = data.slowest;
  if (!list.length) {
    figure.append(el("figcaption", {}, "Of no upcall it is known how long "
      + "it took."));
    figure.dataset.drawn = "yes";
    return;
  }
  figure.append(el("figcaption", {}, many(list.length, "upcall")
    + " that took longest, and what their time went into, to scale. What "
    + "is not coloured is not known, or time before it was in the queue."));
  figure.append(key(STAGES.filter(s => s !== "total").map(
    s => [s, s + ": " + data.names.stages[s]])));
  new Chart(figure, "The slowest upcalls, with the stages of each",
    (svg, width) => drawSlow(svg, width, list));
  figure.append(el("details", {}, el("summary", {},
    "Text: the slowest upcalls, with all that is known of their way"),
  el("ol", {class: "slow"}, list.map(slow => el("li", {},
    el("div", {class: "what"}, "At " + moment(slow.at, 1e3) + ": "
      + partsText(slow)),
    el("pre", {tabindex: 0}, slow.text))))));
}
