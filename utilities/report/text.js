// SPDX-License-Identifier: Apache-2.0

// What all charts need: the data, numbers and text, elements of HTML.
//
// The files of this directory are put together to one script, in the order of
// build-page.py.  It draws what is in the element "data", see
// report_put_json() in lib/file/report.c.  Nothing of that is trusted: it
// becomes text, never HTML.  D3 may be of any version from 3 on.

const doc = document;
const data = JSON.parse(doc.getElementById("data").textContent);
const stats = data.stats;
const scaleLinear = d3.scaleLinear || d3.scale.linear;
const scaleLog = d3.scaleLog || d3.scale.log;
const STAGES = Object.keys(data.names.stages);
const ROWS = 12;              // Of a chart; its table has more.

// Numbers and text.

// Returns 'x' with one decimal, rounded as printf() rounds: exactly in the
// middle, to the even digit.
function fixed1(x) {
  const digits = x.toFixed(60);
  if (/\.\d50*$/.test(digits)) {
    const down = digits.match(/^-?\d+\.\d/)[0];
    if (Number(down.slice(-1)) % 2 === 0) {
      return down;
    }
  }
  return x.toFixed(1);
}

// Returns 'ns' as duration_put() of lib/base/duration.c writes it.
function duration(ns) {
  const units = [["s", 1e9], ["ms", 1e6], ["us", 1e3]];
  if (ns === null || ns === undefined) {
    return "–";
  }
  for (const [name, unit] of units) {
    if (ns >= unit * 0.99995) {
      return fixed1(ns / unit) + name;
    }
  }
  return Math.round(ns) + "ns";
}

// Returns a time from the start with the digits that 'step' needs.
function moment(ns, step) {
  const [name, unit] = (Math.abs(ns) >= 1e9 || step >= 1e9 ? ["s", 1e9]
    : Math.abs(ns) >= 1e6 || step >= 1e6 ? ["ms", 1e6]
      : Math.abs(ns) >= 1e3 || step >= 1e3 ? ["us", 1e3] : ["ns", 1]);
  const digits = Math.min(6, Math.max(0, Math.ceil(
    -Math.log10(Math.max(step, 1) / unit) - 1e-9)));
  return (ns / unit).toFixed(digits) + name;
}

// Returns 'n' with spaces, at which no line ends, between thousands.
function count(n) {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, "\u00a0");
}

function many(n, one, more) {
  return count(n) + " " + (n === 1 ? one : more || one + "s");
}

function share(part, all) {
  return fixed1(all ? 100 * part / all : 0) + "\u00a0%";
}

function sum(values) {
  return values.reduce((a, b) => a + b, 0);
}

// Elements.

function el(name, attributes, ...children) {
  const e = doc.createElement(name);
  for (const key of Object.keys(attributes || {})) {
    e.setAttribute(key, attributes[key]);
  }
  for (const child of children.flat()) {
    if (child !== null) {
      e.append(child);
    }
  }
  return e;
}

function get(id) {
  return doc.getElementById(id);
}

// A table: 'columns' has a title for each, and whether it has numbers.
function table(caption, columns, rows) {
  const cell = (kind, i, text) => el(
    kind, columns[i][1] ? {class: "number"} : {}, text);
  return el(
    "div", {class: "scroll", tabindex: 0, role: "region",
      "aria-label": caption},
    el("table", {}, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, columns.map((c, i) => {
        const th = cell("th", i, c[0]);
        th.setAttribute("scope", "col");
        return th;
      }))),
      el("tbody", {}, rows.map(row => el(
        "tr", {}, row.map((text, i) => cell("td", i, text)))))));
}

// What a chart shows, as a table that can be unfolded.
function alternative(caption, columns, rows) {
  return el("details", {}, el("summary", {}, "Table: " + caption),
    table(caption, columns, rows));
}

function key(entries) {
  return el("ul", {class: "key"}, entries.map(([shape, text]) => {
    const li = el("li", {});
    const svg = d3.select(li).append("svg").attr("viewBox", "0 0 26 16")
      .attr("aria-hidden", "true");
    if (shape === "median" || shape === "p99") {
      svg.append("path").attr("class", shape).attr("d", "M0,8H26");
    } else if (shape === "mark") {
      svg.append("path").attr("class", shape).attr("d", "M13,0V16");
    } else {
      svg.append("rect").attr("class", shape).attr("width", 26)
        .attr("height", 16);
    }
    li.append(text);
    return li;
  }));
}
