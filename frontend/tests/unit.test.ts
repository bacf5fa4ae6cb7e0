import assert from "node:assert/strict";
import { test } from "node:test";
import { unitLabels, unitOf, withUnit, wordsOf } from "../src/charts/unit.ts";

test("a name tells its unit", () => {
  assert.equal(unitOf("process/cpu_percent"), "%");
  assert.equal(unitOf("network/sent_bytes_per_s"), "B/s");
  assert.equal(unitOf("process/threads"), null);
  assert.equal(wordsOf("gpu0/sm_clock_mhz"), "gpu0/sm clock");
});

test("a value has a scale that it fits", () => {
  assert.equal(withUnit(12.34e9, "B"), "12.34\u00a0GB");
  assert.equal(withUnit(1500, "B/s"), "1.5\u00a0kB/s");
  assert.equal(withUnit(0, "B/s"), "0\u00a0B/s");
  assert.equal(withUnit(45, "%"), "45%");
  assert.equal(withUnit(Number.NaN, "W"), "NaN");
});

test("an axis has one scale", () => {
  assert.deepEqual(unitLabels([0, 5e8, 1e9], "B"), ["0 GB", "0.5 GB", "1.0 GB"]);
  assert.deepEqual(unitLabels([20, 40], "\u00b0C"), ["20\u00b0C", "40\u00b0C"]);
});
