// SPDX-License-Identifier: Apache-2.0

// What handlers did.

function laneName(lane) {
  return lane.name + " (" + lane.tid + ")";
}

function laneText(lane, bar) {
  const [from, length, busy, batches, upcalls] = bar;
  return laneName(lane) + " at " + moment(from, Math.max(length / 100, 1))
    + ", for " + duration(length) + ": " + (batches > 1
    ? many(batches, "batch", "batches") + ", in them for " + duration(busy)
    : "a batch") + ", of " + many(upcalls, "upcall");
}

function drawLanes(svg, width, view) {
  const lanes = data.lanes.handlers;
  const left = 4;
  const right = width - 4;
  const titles = lanes.map(l => laneName(l) + ": busy "
    + share(sum(l.bars.map(b => b[2])), view.all) + ", "
    + many(l.upcalls, "upcall") + " in "
    + many(sum(l.bars.map(b => b[3])), "batch", "batches"));
  const more = titles.some(t => wrap(svg, left, 0, t, right - left, true) > 1)
    ? 15 : 0;
  const rowHeight = 44 + more;
  const x = scaleLinear().domain([view.from, view.until])
    .range([left, right]);
  const bottom = lanes.length * rowHeight + 4;
  const most = Math.max(1, ...lanes.map(
    l => Math.max(1, ...l.bars.map(b => b[4] / b[3]))));
  const items = [];
  const list = [];

  if (!lanes.length) {
    return drawNothing(svg, "No handler received an upcall.");
  }
  timeAxis(svg, x, bottom, 0);
  lanes.forEach((lane, i) => {
    const y = i * rowHeight;
    const low = y + 40 + more;
    wrap(svg, left, y + 14, titles[i], right - left);
    line(svg, "grid", left, low, right, low);
    lane.bars.forEach(bar => {
      if (bar[0] + bar[1] < view.from || bar[0] > view.until) {
        return;
      }
      const x0 = x(Math.max(bar[0], view.from));
      const x1 = Math.max(x0 + 1, x(Math.min(bar[0] + bar[1],
        view.until)));
      // The weakest colours are not to be told from the page.
      const level = Math.ceil(4 + 4 * Math.log(bar[4] / bar[3])
        / Math.log(Math.max(most, 2)));
      const height = 20 * Math.max(0.3, Math.min(1, bar[1]
        ? bar[2] / bar[1] : 1));
      list.push({name: "heat-" + Math.min(8, Math.max(4, level)), x: x0,
        width: x1 - x0, y: low - height, height});
      items.push({group: i, x: x0, width: x1 - x0, y: low - 20, height: 20,
        text: laneText(lane, bar)});
    });
  });
  boxes(svg, list);
  return {height: bottom + 24, items};
}

// Buttons that have 'redraw' show less or more of the time, or another part
// of it.
function tools(view, redraw) {
  const whole = {from: view.from, until: view.until};
  const all = whole.until - whole.from;

  function move(from, length) {
    length = Math.min(all, Math.max(1000, length));
    view.from = Math.min(Math.max(from, whole.from), whole.until - length);
    view.until = view.from + length;
    redraw();
  }

  const length = () => view.until - view.from;
  const buttons = [
    ["Zoom in", () => move(view.from + length() * 0.375, length() / 4)],
    ["Zoom out", () => move(view.from - length() * 1.5, length() * 4)],
    ["Earlier", () => move(view.from - length() / 2, length())],
    ["Later", () => move(view.from + length() / 2, length())],
    ["All", () => move(whole.from, all)],
  ];
  return el("div", {class: "tools", role: "group",
    "aria-label": "Time that is shown"}, buttons.map(([name, action]) => {
    const button = el("button", {type: "button"}, name);
    button.addEventListener("click", action);
    return button;
  }));
}

function drawHandlers() {
  const figure = get("lanes");
  const lanes = data.lanes;
  const ends = lanes.handlers.map(l => l.bars.length
    ? l.bars[l.bars.length - 1] : [0, 0]).map(b => b[0] + b[1]);
  const starts = lanes.handlers.map(l => l.bars.length ? l.bars[0][0] : 0);
  const view = {from: Math.min(0, ...starts),
    until: Math.max(1000, data.duration, ...ends)};
  view.all = view.until - view.from;
  const n = sum(lanes.handlers.map(l => l.bars.length));
  const notes = [lanes.span === null
    ? "A bar is a batch: from its first receive to the end of the last "
      + "thing known to be done for it."
    : "There were too many batches for a bar each: those of a handler that "
      + "began in the same " + duration(lanes.span) + " are one bar ("
      + count(n) + " bars), the taller, the more of it was in batches.",
  "The stronger its colour, the more upcalls are in a batch."];
  if (lanes.others) {
    notes.push("Of more handlers, " + many(lanes.others, "upcall")
      + " are not shown here.");
  }
  figure.append(el("figcaption", {}, notes.join(" ")));
  const slot = el("div", {});
  figure.append(slot);
  const chart = new Chart(figure, "Batches of handlers over time, a lane for "
    + "each", (svg, width) => drawLanes(svg, width, view));
  if (lanes.handlers.length) {
    slot.append(tools(view, () => chart.redraw()));
  }
  figure.append(alternative("What handlers did",
    [["Handler"], ["Upcalls", 1], ["Batches", 1], ["Largest bar", 1],
      ["Longest bar", 1], ["Busy", 1]],
    lanes.handlers.map(l => [laneName(l), count(l.upcalls),
      count(sum(l.bars.map(b => b[3]))),
      many(Math.max(0, ...l.bars.map(b => b[4])), "upcall"),
      duration(Math.max(0, ...l.bars.map(b => b[1]))),
      share(sum(l.bars.map(b => b[2])), view.all)])));
}
