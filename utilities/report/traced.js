// SPDX-License-Identifier: Apache-2.0

// What was traced.

function value(v) {
  return v === null || v === undefined ? "unknown"
    : typeof v === "object" ? JSON.stringify(v) : String(v);
}

function time(ms) {
  const date = new Date(ms);
  return typeof ms === "number" && !isNaN(date)
    ? date.toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC")
    : "unknown";
}

function options(o) {
  if (!o || typeof o !== "object") {
    return value(o);
  }
  const set = Object.keys(o).filter(k => o[k] !== null && o[k] !== false);
  // Lines break between options, not within one.
  return set.flatMap(k => [el("span", {class: "word"}, "--" + k
    + (o[k] === true ? "" : "=" + (Array.isArray(o[k]) ? o[k].join(",")
      : value(o[k])))), " "]);
}

function target(t) {
  return t && typeof t === "object"
    ? value(t.binary) + ", process " + value(t.pid)
      + (t.usdt ? ", with USDT probes" : "") : value(t);
}

function drawTraced() {
  const s = source.startup || {};
  const end = source.end || {};
  const records = stats.records || {};
  get("title").textContent = "Upcalls of Open vSwitch"
    + (s.openvswitch ? " " + value(s.openvswitch) : "")
    + (s.host ? " on " + value(s.host) : "");
  doc.title = get("title").textContent;
  get("subtitle").textContent = (data.origin_ms === null
    ? "Time of the first upcall unknown"
    : "First upcall at " + time(data.origin_ms)) + ", over "
    + duration(data.duration) + "; kernel " + value(s.kernel)
    + "; " + target(s.target);
  get("traces").append(el("table", {class: "values"}, el("tbody", {}, [
    // What receive has written says it.
    ["Host", s.host === undefined ? "not in the file" : value(s.host)],
    ["System ID", s["system-id"] === undefined ? null
      : value(s["system-id"])],
    ["Kernel", value(s.kernel)],
    ["Open vSwitch", value(s.openvswitch)],
    ["Target", target(s.target)],
    ["Started", time(s.started_ms)],
    ["Traced for", duration(stats.duration)],
    ["Options", options(s.options)],
    ["Traced with", "ovs-upcall-traced " + value(s.version)],
    ["Ended", source.end ? value(end.stopped) : "no last line"],
    ["Upcalls produced", records.produced],
    ["of these recorded", records.delivered],
    ["of these dropped", records.dropped],
    ["Read", many(source.records, "record") + " from "
      + source.files.join(", ")
      + (source.n_files > source.files.length ? " and "
        + many(source.n_files - source.files.length, "more file") : "")],
  ].filter(row => row[1] !== null).map(([name, v]) => el(
    "tr", {}, el("th", {scope: "row"}, name),
    el("td", {}, typeof v === "number" ? count(v)
      : v === undefined ? "unknown" : v))))));
  get("made").textContent = "Made by ovs-upcall-trace " + data.version
    + " at " + time(data.made_ms) + ".";
}
