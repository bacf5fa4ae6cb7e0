import assert from "node:assert/strict";
import { test } from "node:test";
import { ema, formatSmoothing, gaussian, parseSmoothing, runningMean, smooth } from "../src/charts/smooth.ts";

const of = (...y: number[]) => Float64Array.from(y);

test("every smoothing leaves a constant line as it is", () => {
  const flat = of(3, 3, 3, 3, 3, 3);
  for (const y of [ema(flat, 0.9), runningMean(flat, 3), gaussian(flat, 2)]) {
    for (const v of y) assert.ok(Math.abs(v - 3) < 1e-12);
  }
});

test("an exponential mean begins at the first value and is not pulled to zero", () => {
  const y = ema(of(10, 20), 0.9);
  assert.equal(y[0], 10);
  assert.ok(Math.abs(y[1]! - (10 * 0.09 + 20 * 0.1) / 0.19) < 1e-12);
});

test("a running mean takes the points around, fewer at the ends", () => {
  assert.deepEqual([...runningMean(of(0, 3, 6, 9), 3)], [1.5, 3, 6, 7.5]);
});

test("non-finite points stay where they are and spoil nothing else", () => {
  const y = of(1, Number.NaN, 3, Number.POSITIVE_INFINITY, 5);
  for (const s of [ema(y, 0.5), runningMean(y, 3), gaussian(y, 1)]) {
    assert.ok(Number.isNaN(s[1]));
    assert.equal(s[3], Number.POSITIVE_INFINITY);
    assert.ok([s[0], s[2], s[4]].every((v) => Number.isFinite(v)));
  }
});

test("no smoothing gives back the very line", () => {
  const y = of(1, 2);
  assert.equal(smooth(y, { kind: "none" }), y);
  assert.equal(smooth(y, { kind: "ema", weight: 0 }), y);
});

test("smoothing survives the address, and nonsense in it means none", () => {
  for (const text of ["ema:0.6", "mean:11", "gaussian:4.5"]) {
    assert.equal(formatSmoothing(parseSmoothing(text)), text);
  }
  for (const text of ["", "ema", "ema:", "ema:x", "ema:-1", "mean:NaN", "cubic:3"]) {
    assert.deepEqual(parseSmoothing(text), { kind: "none" });
  }
  assert.deepEqual(parseSmoothing("ema:7"), { kind: "ema", weight: 0.999 });
});
