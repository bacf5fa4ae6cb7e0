import assert from "node:assert/strict";
import { test } from "node:test";
import {
  durationLabel,
  durationTicks,
  linearTicks,
  logLabel,
  logTicks,
  tickLabels,
  wallTicks,
  wholeTicks,
} from "../src/charts/ticks.ts";

test("linear ticks are round and as many as there is room for", () => {
  assert.deepEqual(linearTicks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(linearTicks(-3, 7, 4), [0, 5]);
  for (const [low, high] of [
    [0, 1e-9],
    [1e12, 1e12 + 5],
    [-0.3, 0.7],
    [5, 5e15],
  ] as const) {
    const ticks = linearTicks(low, high, 6);
    assert.ok(ticks.length >= 1 && ticks.length <= 8, `${low} ${high} ${ticks}`);
    const slack = (high - low) * 1e-8;
    assert.ok(ticks.every((t) => t >= low - slack && t <= high + slack));
  }
});

test("ticks of steps are whole, however near one looks", () => {
  assert.deepEqual(wholeTicks(0, 4, 8), [0, 1, 2, 3, 4]);
  assert.deepEqual(wholeTicks(10.2, 11.9, 5), [11]);
});

test("labels tell a tick from its neighbours", () => {
  assert.deepEqual(tickLabels([0, 0.5, 1]), ["0", "0.5", "1.0"]);
  assert.deepEqual(tickLabels([0, 5000, 10000]), ["0", "5k", "10k"]);
  assert.deepEqual(tickLabels([1_000_000, 1_000_010]), ["1000000", "1000010"]);
  assert.deepEqual(tickLabels([0, 2e-5]), ["0", "2e\u22125"]);
});

test("a log axis has its decades, and round values within one", () => {
  assert.deepEqual(logTicks(-3, 1, 5).map(logLabel), ["0.001", "0.01", "0.1", "1", "10"]);
  assert.deepEqual(logTicks(Math.log10(0.3), Math.log10(0.5), 4).map(logLabel), [
    "0.3",
    "0.35",
    "0.4",
    "0.45",
    "0.5",
  ]);
  assert.deepEqual([4, 5, 6, 9, -5].map(logLabel), ["10k", "100k", "1M", "1G", "1e\u22125"]);
});

test("time since the start has ticks of minutes and hours", () => {
  assert.deepEqual(durationTicks(0, 200, 5), [0, 60, 120, 180]);
  assert.deepEqual(
    [0, 30, 90].map((s) => durationLabel(s, 30)),
    ["0", "30s", "1:30"],
  );
  assert.deepEqual(
    [durationLabel(5400, 1800), durationLabel(7200, 3600), durationLabel(864000, 86400)],
    ["1h30", "2h", "10d"],
  );
});

test("wall time has its ticks on round local times", () => {
  const offset = 5.5 * 3600;
  for (const t of wallTicks(1_795_000_000, 1_795_040_000, 6, offset)) assert.equal((t + offset) % 7200, 0);
});
