// SPDX-License-Identifier: Apache-2.0

// Passes.

function drawPasses() {
  const p = stats.passes;
  if (!p || !p.count) {
    return;
  }
  get("passes").hidden = false;
  get("passes-content").append(el("p", {}, "The file has also records of "
    + many(p.count, "pass", "passes") + " of packets."),
  table("Passes by outcome", [["Outcome"], ["Passes", 1], ["Share", 1]],
    Object.keys(p.outcomes).filter(o => p.outcomes[o]).map(
      o => [o, count(p.outcomes[o]), share(p.outcomes[o], p.count)])));
}

// All of it.

function fail(what) {
  const problem = get("problem");
  problem.textContent = "This page could not be drawn: " + what;
  problem.hidden = false;
  doc.documentElement.dataset.state = "failed";
}

window.addEventListener("error", event => fail(event.message));
try {
  drawTraced();
  drawVerdict();
  drawTime();
  drawStages();
  drawWho();
  drawHandlers();
  drawSlowest();
  drawSockets();
  drawPasses();
  drawAll();
  doc.documentElement.dataset.state = "drawn";
  window.addEventListener("resize", drawAll);
  window.addEventListener("beforeprint", drawAll);
} catch (error) {
  fail(String(error));
  throw error;
}
