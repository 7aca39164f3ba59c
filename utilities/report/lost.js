// SPDX-License-Identifier: Apache-2.0

// What was lost.

const source = data.source;

// Returns a number for each member of 'o' that is not 0, as text.
function parts(o, meanings) {
  return Object.keys(o || {}).filter(name => o[name]).map(
    name => name + " " + count(o[name]) + (meanings && meanings[name]
      ? " (" + meanings[name] + ")" : "")).join(", ");
}

// Appends to 'list' what tracing itself has lost.
function judgeTracing(list) {
  const records = stats.records;
  const passes = (stats.passes || {}).records || {};
  // What came after the last one that was asked for is no loss.
  const after = records ? records.by_cause.stopped || 0 : 0;

  if (records && records.dropped > after) {
    const causes = Object.assign({}, records.by_cause, {stopped: 0});
    list.push(["warn", "Lost by tracing", "Of "
      + many(records.dropped - after, "upcall") + " of "
      + count(records.produced) + " there is no record: "
      + parts(causes, data.names.drops) + "."]);
  }
  if (passes.dropped) {
    list.push(["warn", "Lost by tracing", "Of "
      + many(passes.dropped, "pass", "passes") + " there is no record: "
      + parts(passes.by_cause) + "."]);
  }
  for (const missed of [stats.missed, (stats.passes || {}).missed]) {
    if (parts(missed)) {
      list.push(["warn", "Missed", "The kernel did not run programs of the "
        + "trace: " + parts(missed) + ". What these would have seen is "
        + "unknown."]);
    }
  }
  if (stats.gaps.records) {
    list.push(["warn", "Lost by writing",
      many(stats.gaps.records, "record") + " are missing in the file: what "
      + "wrote it was slower than what happened."]);
  }
  if (source.error) {
    list.push(["warn", "Damaged", source.error]);
  } else if (!source.end) {
    list.push(["warn", "No end", "The file has no last line: it is still "
      + "being written, or was not ended properly."]);
  }
  if (!records) {
    list.push(["warn", "Not known", "How many records tracing has dropped "
      + "is not in what was read."]);
  }
  if (after) {
    list.push(["note", "Not asked for", many(after, "upcall") + " came "
      + "after the last one that was to be recorded."]);
  }
}

// Returns what was lost: how bad it is, in one word, and in a sentence.
function judge() {
  const list = [];
  const lost = stats.lost.upcalls;
  const all = stats.upcalls;
  const outcome = name => stats.outcomes[name] || 0;

  if (lost) {
    const first = stats.lost.sockets[0];
    const errors = first ? Object.keys(first.errors || {}) : [];
    list.push(["bad", "Lost", many(lost, "upcall") + " of " + count(all)
      + " (" + share(lost, all) + ") did not get to ovs-vswitchd, and "
      + "neither did their packets" + (first && first.portid !== null
        ? "; most at socket " + first.portid
          + (first.handler ? " (" + first.handler + ")" : "")
          + (errors.length ? ": " + errors.join(", ") : "") : "") + "."]);
  }
  if (outcome("abandoned")) {
    list.push(["bad", "Abandoned", many(outcome("abandoned"), "upcall")
      + " (" + share(outcome("abandoned"), all) + ") waited at a socket "
      + "and were never received."]);
  }
  if (outcome("failed")) {
    list.push(["bad", "Failed", "The kernel refused to execute "
      + many(outcome("failed"), "packet") + " ("
      + share(outcome("failed"), all) + ")."]);
  }
  judgeTracing(list);
  const unknown = outcome("unknown") ? " Of "
    + count(outcome("unknown")) + " it is not known what became of them."
    : "";
  if (!all) {
    list.push(["warn", "Empty", "There is no upcall in what was read."]);
  } else if (list.every(entry => entry[0] === "note")) {
    list.unshift(["good", "Nothing was lost", "None of "
      + many(all, "upcall") + " was lost, abandoned or refused, and none "
      + "that was traced is missing here." + unknown]);
  } else if (!list.some(entry => entry[0] === "bad")) {
    list.unshift(["good", "No packet was lost", "None of the "
      + many(all, "upcall") + " in the file was lost, abandoned or "
      + "refused." + unknown]);
  }
  return list;
}

function drawVerdict() {
  get("verdict").append(...judge().map(([level, word, sentence]) => el(
    "li", {class: level}, el("strong", {}, word + ":"), sentence)));
  const total = stats.latency.total;
  const tiles = [
    ["Upcalls", count(stats.upcalls)],
    ["Lost", count(stats.lost.upcalls)],
    ["Time", duration(data.duration)],
    ["Upcalls per second", data.duration
      ? count(Math.round(stats.upcalls / (data.duration / 1e9))) : "–"],
    ["Median of total", duration(total.p50)],
    ["p99 of total", duration(total.p99)],
    ["Longest total", duration(total.max)],
  ];
  get("tiles").append(...tiles.map(([name, value]) => el(
    "div", {}, el("dt", {}, name), el("dd", {}, value))));
}
