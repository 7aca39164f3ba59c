// SPDX-License-Identifier: Apache-2.0

// Who upcalls.

// Cuts 'text' off so that it is not wider than 'width' in 'node'.
function fit(node, value, width) {
  let n = value.length;
  node.text(value);
  while (n > 3 && node.node().getComputedTextLength() > width) {
    n = Math.floor(n * 0.9);
    node.text(value.slice(0, n) + "…");
  }
}

// Draws 'value' on as many lines as it needs in 'width', of the two that there
// may be, from 'y' on, and cuts off what does not fit.  Returns the number of
// lines.  With 'dry', draws nothing.
function wrap(svg, x, y, value, width, dry) {
  const node = text(svg, x, y, "start", value);
  const words = value.split(" ");
  let n = words.length;
  while (n > 1 && node.node().getComputedTextLength() > width) {
    n--;
    node.text(words.slice(0, n).join(" "));
  }
  const rest = words.slice(n).join(" ");
  if (rest && !dry) {
    fit(text(svg, x, y + 15, "start", ""), rest, width);
  }
  if (dry) {
    node.remove();
  } else if (n === 1) {
    fit(node, words[0], width);
  }
  return rest ? 2 : 1;
}

// Draws a bar for each of 'rows': {name, count, lost, note}.
function drawBars(svg, width, rows, what) {
  const all = Math.max(1, ...rows.map(r => r.count));
  const x = scaleLinear().domain([0, all]).range([0, width - 2]);
  const rowHeight = 34;
  const items = [];
  rows.forEach((row, i) => {
    const y = i * rowHeight;
    const label = count(row.count) + ", " + share(row.count, what.all);
    const number = text(svg, width - 2, y + 13, "end", label);
    const room = width - 10 - number.node().getComputedTextLength();
    fit(text(svg, 0, y + 13, "start", ""), row.name, room);
    const w = Math.max(row.count ? 1 : 0, x(row.count));
    const lost = row.lost ? Math.min(w, Math.max(2, x(row.lost))) : 0;
    boxes(svg, [
      {name: row.rest ? "rest" : what.name || "plain", x: 0, y: y + 18,
        width: w - lost, height: 11},
      {name: "lost", x: w - lost, y: y + 18, width: lost, height: 11}]);
    items.push({x: 0, y: y, width: width - 2, height: 31,
      text: row.name + ": " + many(row.count, what.unit) + ", "
        + share(row.count, what.all) + (row.lost ? ", "
          + count(row.lost) + " lost" : "")
        + (row.note ? "; " + row.note : "")});
  });
  return rows.length ? {height: rows.length * rowHeight, items}
    : drawNothing(svg, what.none);
}

// Returns the first rows, and one for all others.  Rows that stand for
// several come last.
function first(rows) {
  rows = [...rows.filter(r => !r.rest), ...rows.filter(r => r.rest)];
  if (rows.length <= ROWS) {
    return rows;
  }
  const rest = rows.slice(ROWS - 1);
  const n = sum(rest.map(r => r.stands || 1));
  return [...rows.slice(0, ROWS - 1), {
    name: "(" + count(n) + " others)", rest: true,
    count: sum(rest.map(r => r.count)),
    lost: sum(rest.map(r => r.lost || 0)),
  }];
}

function row(name, r) {
  const latency = r.latency || {};
  const total = latency.total || {};
  const n = r.others || r.past || 0;
  return {
    name: r.others ? "(" + count(r.others) + " more)"
      : r.past ? "(" + count(r.past) + " earlier ones)" : name,
    rest: n > 0, stands: n || 1,
    count: r.count, lost: (r.outcomes || {}).lost || 0,
    p50: total.p50, p99: total.p99, max: total.max,
    note: total.count ? "total: half in " + duration(total.p50)
      + ", 99 % in " + duration(total.p99) : "",
  };
}

function who(id, title, caption, rows) {
  const figure = get(id);
  figure.append(el("h3", {}, title));
  figure.append(el("figcaption", {}, caption));
  if (rows.some(r => r.lost)) {
    figure.append(key([["plain", "upcalls"], ["lost", "of them lost"]]));
  }
  new Chart(figure, "Upcalls by " + title.toLowerCase(),
    (svg, width) => drawBars(svg, width, first(rows),
      {all: stats.upcalls, unit: "upcall", none: "None."}));
  figure.append(alternative("Upcalls by " + title.toLowerCase(),
    [[title], ["Upcalls", 1], ["Share", 1], ["Lost", 1], ["p50", 1],
      ["p99", 1], ["max", 1]],
    rows.map(r => [r.name, count(r.count), share(r.count, stats.upcalls),
      count(r.lost), duration(r.p50), duration(r.p99),
      duration(r.max)])));
}

function portName(p) {
  return p.name !== null && p.name !== undefined ? p.name
    : p.number !== null && p.number !== undefined ? "port " + p.number
      : "unknown";
}

function drawWho() {
  const several = stats.datapaths.filter(d => d.name).length > 1;
  who("ports", "Port", "Input ports of the packets.", stats.ports.map(
    p => row(portName(p) + (several && p.datapath ? " of " + p.datapath
      : ""), p)));
  who("classes", "Class", "Why they were sent to user space.",
    Object.keys(stats.classes).filter(c => stats.classes[c])
      .map(c => {
        const total = stats.total_by_class[c] || {};
        const r = row(c, {count: stats.classes[c], latency: {total},
          outcomes: {lost: stats.lost.classes[c]}});
        if (data.names.classes[c]) {
          r.note = data.names.classes[c]
            + (r.note ? "; " + r.note : "");
        }
        return r;
      }).sort((a, b) => b.count - a.count));
  who("receivers", "Handler", "Threads of ovs-vswitchd that received them; "
    + "what was lost or abandoned has none.", stats.handlers.map(
    h => row(value(h.name) + " (" + value(h.tid) + ")", h)));
}

// What was lost where.

function drawSockets() {
  const figure = get("losses");
  const rows = stats.lost.sockets.map(s => {
    const errors = Object.keys(s.errors || {})
      .map(e => e + " " + count(s.errors[e])).join(", ");
    const n = s.others || s.past || 0;
    return {name: n ? "(" + count(n) + " others)"
      : (s.handler ? s.handler + ", " : "") + "socket " + value(s.portid),
    count: s.lost, note: errors, rest: n > 0, stands: n || 1};
  });
  const kernel = stats.lost.datapaths.filter(d => d.lost)
    .map(d => value(d.name) + " " + count(d.lost));
  figure.append(el("figcaption", {}, "Upcalls that were not enqueued, by "
    + "the netlink socket that they were sent to, and the handler that "
    + "receives from it." + (kernel.length ? " The datapaths themselves "
      + "counted: " + kernel.join(", ") + "." : "")));
  new Chart(figure, "Lost upcalls by socket", (svg, width) => drawBars(
    svg, width, first(rows), {all: stats.lost.upcalls, unit: "lost upcall",
      name: "lost", none: "No upcall was lost at a socket."}));
  figure.append(alternative("Lost upcalls by socket",
    [["Socket"], ["Lost", 1], ["Share", 1], ["Errors"]],
    rows.map(r => [r.name, count(r.count),
      share(r.count, stats.lost.upcalls), r.note])));
}
