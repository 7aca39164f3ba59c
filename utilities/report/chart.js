// SPDX-License-Identifier: Apache-2.0

// Charts, and what they consist of.

const charts = [];

// A chart in 'figure' that is called 'label', drawn whenever its width changes.
//
// 'draw' gets an SVG element and its width.  It returns the height, and items:
// places of which the text says what is there.  The pointer and the arrow keys
// read them out below the chart: left and right go along the items, up and
// down from one group of them to the next, if they have "group".
class Chart {
  constructor(figure, label, draw) {
    this.figure = figure;
    this.draw = draw;
    this.width = 0;
    this.items = [];
    this.current = -1;
    this.readout = el("p", {class: "readout", role: "status",
      "aria-live": "polite"});
    this.svg = d3.select(figure).append("svg").attr("class", "chart")
      .attr("role", "group").attr("aria-label", label)
      .attr("aria-roledescription", "chart, read with arrow keys")
      .attr("tabindex", 0);
    this.svg.node().addEventListener("keydown", e => this.onKey(e));
    this.svg.node().addEventListener("pointermove", e => this.onPointer(e));
    figure.append(this.readout);
    charts.push(this);
  }

  redraw() {
    this.svg.selectAll("*").remove();
    const drawn = this.draw(this.svg, this.width);
    this.items = drawn.items;
    this.svg.attr("width", this.width).attr("height", drawn.height)
      .attr("viewBox", "0 0 " + this.width + " " + drawn.height);
    this.cursor = this.svg.append("rect").attr("class", "cursor");
    this.show(-1);
    this.figure.dataset.items = this.items.length;
    this.figure.dataset.drawn = "yes";
  }

  // Reads out item 'i', or what to do if there is none.
  show(i) {
    const item = this.items[i];
    this.current = i;
    this.readout.hidden = !this.items.length;
    this.cursor.attr("display", item ? null : "none");
    if (item) {
      this.readout.textContent = item.text;
      this.cursor.attr("x", item.x - 1).attr("y", item.y - 1)
        .attr("width", Math.max(item.width, 1) + 2)
        .attr("height", item.height + 2);
    } else {
      this.readout.textContent = this.items.length
        ? "Point at it, or use the arrow keys in it, to read values."
        : "There is nothing in it.";
    }
  }

  // Returns the number of the item next to that point, of those that 'among'
  // chooses; -1 if there is none.
  nearest(x, y, among) {
    let best = -1;
    let least = Infinity;
    this.items.forEach((item, i) => {
      const dx = Math.max(item.x - x, 0, x - item.x - item.width);
      const dy = Math.max(item.y - y, 0, y - item.y - item.height);
      if (among(item) && dx + 4 * dy < least) {
        least = dx + 4 * dy;
        best = i;
      }
    });
    return best;
  }

  step(by) {
    const n = this.items.length;
    const i = this.current < 0 ? (by > 0 ? 0 : n - 1) : this.current + by;
    return Math.min(Math.max(i, 0), n - 1);
  }

  // Returns the number of an item of the next group that has any, in the
  // direction of 'by', or of the next item.
  stepGroup(by) {
    const item = this.items[this.current];
    if (!item || item.group === undefined) {
      return this.step(by);
    }
    const groups = this.items.map(i => i.group)
      .filter(g => (g - item.group) * by > 0);
    const group = by > 0 ? Math.min(...groups) : Math.max(...groups);
    return groups.length ? this.nearest(item.x + item.width / 2, item.y,
      i => i.group === group) : this.current;
  }

  onKey(event) {
    const moves = {
      ArrowRight: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      ArrowDown: () => this.stepGroup(1),
      ArrowUp: () => this.stepGroup(-1),
      Home: () => 0,
      End: () => this.items.length - 1,
    };
    if (moves[event.key] && this.items.length && !event.ctrlKey
        && !event.altKey && !event.metaKey) {
      event.preventDefault();
      this.show(moves[event.key]());
    }
  }

  onPointer(event) {
    const box = this.svg.node().getBoundingClientRect();
    const k = this.width / box.width;
    this.show(this.nearest((event.clientX - box.left) * k,
      (event.clientY - box.top) * k, () => true));
  }
}

// Draws all charts whose width is another than before.
function drawAll() {
  for (const c of charts) {
    const width = Math.floor(c.figure.getBoundingClientRect().width);
    if (width > 0 && width !== c.width) {
      c.width = width;
      c.redraw();
    }
  }
}

function line(svg, name, x1, y1, x2, y2) {
  return svg.append("line").attr("class", name).attr("x1", x1)
    .attr("y1", y1).attr("x2", x2).attr("y2", y2);
}

function text(svg, x, y, anchor, value, name) {
  return svg.append("text").attr("x", x).attr("y", y)
    .attr("text-anchor", anchor).attr("class", name || null).text(value);
}

// Draws a chart that has nothing in it, and says so.
function drawNothing(svg, what) {
  text(svg, 0, 16, "start", what, "quiet");
  return {height: 24, items: []};
}

// Draws an axis of times from the start below 'y'.
function timeAxis(svg, x, y, top) {
  const [from, until] = x.domain();
  const [left, right] = x.range();
  // Round numbers in the unit of its labels.
  const ticks = x.ticks(Math.max(2, Math.floor((right - left) / 110)));
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : until - from;
  const axis = svg.append("g").attr("class", "axis");
  line(axis, "base", left, y, right, y);
  ticks.forEach(tick => {
    line(axis, "grid", x(tick), top, x(tick), y + 4);
    const anchor = x(tick) > right - 20 ? "end"
      : x(tick) < left + 12 ? "start" : "middle";
    text(axis, x(tick), y + 17, anchor, moment(tick, step), "quiet");
  });
}

// Returns 1, 10, 100... ns that are in the domain of 'scale'; if these are not
// three, with 2 and 5 times as many.
function decades(scale) {
  const [from, until] = scale.domain();
  const all = [];
  for (let t = 1; t <= until; t *= 10) {
    all.push([t, t], [2 * t, 0], [5 * t, 0]);
  }
  const within = t => t >= from && t <= until;
  const whole = all.map(t => t[1]).filter(within);
  return whole.length < 3 ? all.map(t => t[0]).filter(within) : whole;
}

// A decade without a fraction.
function decade(ns) {
  return duration(ns).replace(".0", "");
}

// Draws a rectangle for each of 'boxes', those of a class in one path.
function boxes(svg, list) {
  const paths = new Map();
  list.forEach(b => {
    const d = "M" + b.x.toFixed(2) + "," + b.y.toFixed(2)
      + "h" + b.width.toFixed(2) + "v" + b.height.toFixed(2)
      + "h" + (-b.width).toFixed(2) + "z";
    paths.set(b.name, (paths.get(b.name) || "") + d);
  });
  for (const [name, d] of paths) {
    svg.append("path").attr("class", name).attr("d", d);
  }
}
