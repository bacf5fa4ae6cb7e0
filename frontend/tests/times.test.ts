import assert from "node:assert/strict";
import { test } from "node:test";
import { shownState } from "../src/ui/state.ts";
import { aheadOf } from "../src/ui/times.ts";

const SENT = Date.parse("Thu, 26 Nov 2026 07:00:00 GMT") * 1000;
const HOUR = 3600e6;

test("a server's date tells how far its clock is ahead; a few seconds, or no date, tell nothing", () => {
  const date = "Thu, 26 Nov 2026 07:00:00 GMT";
  assert.equal(aheadOf(date, SENT - HOUR), HOUR);
  assert.equal(aheadOf(date, SENT + HOUR), -HOUR);
  assert.equal(aheadOf(date, SENT + 2e6), 0);
  assert.equal(aheadOf(null, SENT), 0);
});

test("a heartbeat is judged by the store's clock: a reader an hour off sees who lives and who was lost", () => {
  const run = (age: number) => ({
    state: "running" as const,
    reason: null,
    heartbeat: { at: SENT - age, seq: 1 },
  });
  for (const off of [HOUR, -HOUR]) {
    const own = SENT + off;
    const at = own + aheadOf("Thu, 26 Nov 2026 07:00:00 GMT", own);
    assert.equal(shownState(run(30e6), 150, at).state, "running");
    assert.equal(shownState(run(200e6), 150, at).state, "crashed");
  }
});
