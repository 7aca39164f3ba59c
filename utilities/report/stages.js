// SPDX-License-Identifier: Apache-2.0

// Latency by stage.

const PERCENTILES = [["p50", "p50"], ["p90", "p90"], ["p99", "p99"],
  ["p999", "p99.9"]];

// Height of a row.
const STAGE_HEIGHT = 78;

// Adds the buckets of a histogram up to 'n' bins of equal width in 'x'.
function bins(buckets, x, n) {
  const [left, right] = x.range();
  const result = new Array(n).fill(0);
  buckets.forEach(([from, until, c]) => {
    const at = x(Math.max((from + until) / 2, x.domain()[0]));
    const i = Math.floor((at - left) / (right - left) * n);
    result[Math.min(n - 1, Math.max(0, i))] += c;
  });
  return result;
}

// Draws the histogram of 'stage' on the line 'base'.  Returns its items, of
// 'group'.
function drawHistogram(svg, stage, x, base, group) {
  const l = stats.latency[stage];
  const [left, right] = x.range();
  const tall = STAGE_HEIGHT - 26;
  const n = Math.max(20, Math.floor((right - left) / 6));
  const width = (right - left) / n;
  const counts = bins(l.buckets, x, n);
  const most = Math.max(...counts);
  const height = c => c ? Math.max(1, c / most * tall) : 0;

  boxes(svg, counts.map((c, i) => ({name: stage, x: left + i * width,
    width: width - 0.5, y: base - height(c), height: height(c)})));
  PERCENTILES.forEach(([name]) => {
    const at = x(Math.max(l[name], x.domain()[0]));
    line(svg, "mark", at, base - (name === "p50" ? 14 : 9), at, base + 2);
  });
  return counts.map((c, i) => ({group, x: left + i * width, width,
    y: base - tall, height: tall, n: c,
    text: stage + ", about " + duration(x.invert(left + i * width)) + " to "
      + duration(x.invert(left + (i + 1) * width)) + ": "
      + many(c, "upcall") + " (" + share(c, l.count) + ")"}))
    .filter(item => item.n);
}

// Draws lines at 1, 10, 100... ns, with their times at 'bottom'.
function histogramAxis(svg, x, bottom) {
  const axis = svg.append("g").attr("class", "axis");
  let before = -Infinity;
  decades(x).forEach(tick => {
    line(axis, "grid", x(tick), 0, x(tick), bottom + 4);
    if (x(tick) - before > 46) {
      text(axis, x(tick), bottom + 18,
        x(tick) > x.range()[1] - 16 ? "end"
          : x(tick) < x.range()[0] + 16 ? "start" : "middle",
        decade(tick), "quiet");
      before = x(tick);
    }
  });
}

// Draws a row for each stage.
function drawHistograms(svg, width) {
  const known = STAGES.map(s => stats.latency[s]).filter(l => l.count);
  if (!known.length) {
    return drawNothing(svg, "No stage of any upcall is known.");
  }
  const low = Math.max(10, Math.min(...known.map(l => l.min)) * 0.8);
  const high = Math.max(low * 20, ...known.map(l => l.max * 1.2));
  const x = scaleLog().domain([low, high]).range([8, width - 8]);
  const bottom = STAGES.length * STAGE_HEIGHT;
  const items = [];

  histogramAxis(svg, x, bottom);
  STAGES.forEach((stage, i) => {
    const l = stats.latency[stage];
    const base = (i + 1) * STAGE_HEIGHT - 2;
    text(svg, 8, base - STAGE_HEIGHT + 18, "start", stage + (l.count
      ? ": half in " + duration(l.p50) + ", 99 % in " + duration(l.p99)
      : ": unknown"));
    line(svg, "base", 8, base, width - 8, base);
    if (l.count) {
      items.push(...drawHistogram(svg, stage, x, base, i));
    }
  });
  return {height: bottom + 22, items};
}

function drawStages() {
  const figure = get("histograms");
  const columns = [["Stage"], ["Count", 1], ["min", 1], ["mean", 1],
    ...PERCENTILES.map(p => [p[1], 1]), ["max", 1], ["What it is"]];
  figure.append(el("figcaption", {}, "How many upcalls were how long in "
    + "each stage, each row with a height of its own."));
  if (STAGES.some(s => stats.latency[s].count)) {
    figure.append(key([["mark", "p50 (long), p90, p99 and p99.9"]]));
  }
  new Chart(figure, "Histograms of latency by stage", drawHistograms);
  figure.append(table("Latency by stage", columns, STAGES.map(stage => {
    const l = stats.latency[stage];
    const cells = ["min", "mean", ...PERCENTILES.map(p => p[0]), "max"]
      .map(name => l.count ? duration(name === "mean"
        ? Math.floor(l.mean) : l[name]) : "–");
    return [stage, count(l.count), ...cells, data.names.stages[stage]];
  })));
}
