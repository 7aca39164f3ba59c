// SPDX-License-Identifier: Apache-2.0

// Latency over time.

const heat = data.heat;
const HEAT_LEVELS = 8;          // Colors.
const rowMiddle = heat.rows.map((from, i) => i === 0 ? heat.rows[1] / 2
  : Math.sqrt(from * (heat.rows[i + 1] || from * 1.25)));

// Returns of column 'cells' of a stage, [row, count...], the row in which
// the percentile is, or null.
function percentileRow(cells, percent) {
  const n = sum(cells.slice(1));
  let left = Math.max(1, Math.ceil(n * percent / 100));
  for (let i = 1; i < cells.length; i++) {
    left -= cells[i];
    if (left <= 0) {
      return cells[0] + i - 1;
    }
  }
  return null;
}

function columnText(stage, i, cells) {
  const from = heat.from + i * heat.width;
  const n = sum(cells.slice(1));
  const about = percent => duration(rowMiddle[percentileRow(cells,
    percent)]);
  return moment(from, heat.width) + " to "
    + moment(from + heat.width, heat.width) + ": "
    + many(heat.upcalls[i], "upcall")
    + (heat.lost[i] ? ", " + count(heat.lost[i]) + " lost" : "")
    + (n ? "; " + stage + " of " + count(n) + ": half about "
      + about(50) + " or less, 99 % about " + about(99) + " or less" : "");
}

// Draws a line through the rows of a percentile of each column.
function drawPercentile(svg, columns, percent, name, x, y) {
  let d = "";
  let drawing = false;
  columns.forEach((cells, i) => {
    const row = percentileRow(cells, percent);
    if (row === null) {
      drawing = false;
      return;
    }
    const at = heat.from + (i + 0.5) * heat.width;
    const next = percentileRow(columns[i + 1] || [], percent);
    const px = x(at).toFixed(1);
    const py = y(rowMiddle[row]).toFixed(1);
    d += (drawing ? "L" : "M") + px + "," + py;
    if (!drawing && next === null) {
      d += "h2";
    }
    drawing = true;
  });
  svg.append("path").attr("class", name).attr("d", d || "M0,0");
}

// Returns where the row begins, in ns.
function rowEdge(row) {
  return row === 0 ? heat.rows[1] / 2
    : heat.rows[row] || heat.rows[row - 1] * 1.25;
}

// Returns the least and the greatest latency to be shown of 'columns', with
// room for more than a power of ten.
function heatRange(columns) {
  const known = columns.filter(cells => cells.length);
  const first = known.length
    ? Math.min(...known.map(cells => cells[0])) : 20;
  const last = known.length
    ? Math.max(...known.map(cells => cells[0] + cells.length - 2)) : 40;
  const low = rowEdge(first);
  const high = rowEdge(last + 1);
  const k = Math.sqrt(Math.max(1, 20 / (high / low)));
  return [Math.max(low / k, heat.rows[1] / 2), high * k];
}

// Draws 'columns' of a stage.
function drawCells(svg, columns, x, y) {
  const most = Math.max(1, ...columns.map(c => Math.max(0, ...c.slice(1))));
  const level = n => most === 1 ? HEAT_LEVELS
    : 1 + Math.min(HEAT_LEVELS - 1, Math.floor(
      Math.log(n) / Math.log(most + 1) * HEAT_LEVELS));
  const list = [];
  columns.forEach((cells, i) => {
    const x0 = x(heat.from + i * heat.width);
    const x1 = x(heat.from + (i + 1) * heat.width);
    cells.slice(1).forEach((n, j) => {
      if (n) {
        const row = cells[0] + j;
        const y0 = y(Math.max(y.domain()[0], rowEdge(row)));
        const y1 = y(rowEdge(row + 1));
        list.push({name: "heat-" + level(n), x: x0, width: x1 - x0 + 0.25,
          y: y1, height: y0 - y1 + 0.25});
      }
    });
  });
  boxes(svg, list);
}

// Draws how many upcalls came in each column, and how many of them were lost,
// from 'top' on.
function drawStrip(svg, x, top, height) {
  const [left, right] = x.range();
  const base = top + height;
  const peak = Math.max(1, ...heat.upcalls);
  const scale = scaleLinear().domain([0, peak]).range([0, height]);
  const list = [];
  heat.upcalls.forEach((n, i) => {
    const x0 = x(heat.from + i * heat.width);
    const width = Math.max(1,
      x(heat.from + (i + 1) * heat.width) - x0 - 0.3);
    const lost = heat.lost[i] ? Math.max(2, scale(heat.lost[i])) : 0;
    const h = Math.max(n ? 1 : 0, scale(n));
    list.push({name: "plain", x: x0, width, y: base - h,
      height: Math.max(0, h - lost)});
    list.push({name: "lost", x: x0, width, y: base - lost, height: lost});
  });
  boxes(svg, list);
  line(svg, "base", left, base, right, base);
  text(svg, left - 6, top + 10, "end", count(peak), "quiet");
  text(svg, left - 6, base, "end", "0", "quiet");
}

// Draws lines at 1, 10, 100... ns.
function latencyAxis(svg, y, left, right) {
  const axis = svg.append("g").attr("class", "axis");
  let above = Infinity;
  decades(y).forEach(tick => {
    line(axis, "grid", left, y(tick), right, y(tick));
    if (above - y(tick) > 14) {
      text(axis, left - 6, y(tick) + 4, "end", decade(tick), "quiet");
      above = y(tick);
    }
  });
}

function drawHeat(svg, width, stage) {
  if (!stats.upcalls) {
    return drawNothing(svg, "There is no upcall.");
  }
  const columns = heat.stages[stage];
  const left = 52;
  const right = width - 8;
  const top = 8;
  const bottom = top + Math.max(180, Math.min(320, width * 0.45));
  const strip = {top: bottom + 34, height: 56};
  const end = heat.from + Math.max(columns.length, 1) * heat.width;
  const x = scaleLinear().domain([heat.from, end]).range([left, right]);
  const y = scaleLog().domain(heatRange(columns)).range([bottom, top]);

  latencyAxis(svg, y, left, right);
  timeAxis(svg, x, bottom, top);
  drawCells(svg, columns, x, y);
  drawPercentile(svg, columns, 99, "p99", x, y);
  drawPercentile(svg, columns, 50, "median", x, y);
  drawStrip(svg, x, strip.top, strip.height);
  return {
    height: strip.top + strip.height + 6,
    items: columns.map((cells, i) => {
      const x0 = x(heat.from + i * heat.width);
      return {x: x0, width: x(heat.from + (i + 1) * heat.width) - x0, y: top,
        height: strip.top + strip.height - top,
        text: columnText(stage, i, cells)};
    }),
  };
}

function heatRows(stage) {
  return heat.stages[stage].map((cells, i) => [i, cells])
    .filter(([i]) => heat.upcalls[i])
    .map(([i, cells]) => {
      const p = percent => {
        const row = percentileRow(cells, percent);
        return row === null ? "–" : duration(rowMiddle[row]);
      };
      return [moment(heat.from + i * heat.width, heat.width),
        count(heat.upcalls[i]), count(heat.lost[i]), p(50), p(90), p(99)];
    });
}

function drawTime() {
  const figure = get("heat");
  let stage = "total";
  let tableNow = null;
  figure.append(el("figcaption", {}, "How many upcalls (the darker or, on "
    + "dark ground, the lighter, the more) took how long, when they came. "
    + (stats.upcalls ? "A column is " + duration(heat.width) + " wide. " : "")
    + "Below: how many upcalls came in it, and how many of them were lost."));
  figure.append(!stats.upcalls ? "" : key([["heat-2", "few upcalls"], ["heat-7", "many"],
    ["median", "half took less, about"],
    ["p99", "99 % took less, about"], ["plain", "upcalls"],
    ["lost", "of them lost"]]));
  const chart = new Chart(figure, "Latency over time, as a heat map",
    (svg, width) => drawHeat(svg, width, stage));

  function choose(name) {
    stage = name;
    const next = alternative(
      name + " over time; percentiles are within 12 %",
      [["From"], ["Upcalls", 1], ["Lost", 1], ["p50", 1], ["p90", 1],
        ["p99", 1]], heatRows(name));
    if (tableNow) {
      next.open = tableNow.open;
      tableNow.replaceWith(next);
      chart.redraw();
    } else {
      figure.append(next);
    }
    tableNow = next;
  }

  get("stage-choice").append(...STAGES.map(name => {
    const input = el("input", {type: "radio", name: "stage", value: name});
    input.checked = name === stage;
    input.disabled = !stats.latency[name].count;
    input.addEventListener("change", () => choose(name));
    return el("label", {title: data.names.stages[name]}, input,
      " " + name);
  }));
  choose(stage);
}
