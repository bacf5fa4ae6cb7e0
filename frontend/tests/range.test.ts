import assert from "node:assert/strict";
import { test } from "node:test";
import {
  between,
  extent,
  lowerBound,
  nearest,
  padded,
  panned,
  share,
  window,
  within,
  zoomed,
} from "../src/charts/range.ts";
import { linearTicks } from "../src/charts/ticks.ts";

const x = Float64Array.from([0, 10, 20, 40]);

test("the nearest point is found, at the ends too", () => {
  assert.deepEqual(
    [-5, 0, 4, 5, 6, 29, 31, 99].map((at) => nearest(x, at)),
    [0, 0, 0, 0, 1, 2, 3, 3],
  );
  assert.equal(nearest(new Float64Array(), 1), -1);
});

test("a window takes one more point on either side, so that lines reach the edge", () => {
  assert.deepEqual(window(x, [12, 18]), [1, 3]);
  assert.deepEqual(window(x, [10, 20]), [0, 4]);
  assert.deepEqual(window(x, null), [0, 4]);
  assert.equal(lowerBound(x, 41), 4);
});

test("the extent passes over what cannot be drawn", () => {
  const y = Float64Array.from([Number.NaN, -2, Number.POSITIVE_INFINITY, 5]);
  assert.deepEqual(extent([y], 0, 4, false), [-2, 5]);
  assert.deepEqual(extent([y], 0, 4, true), [5, 5]);
  assert.equal(extent([y], 0, 1, false), null);
});

test("a flat line lies in the middle of its axis", () => {
  const [low, high] = padded([7, 7], false);
  assert.ok(low < 7 && high > 7 && Math.abs(low + high - 14) < 1e-9);
  assert.deepEqual(padded([0, 0], false), [-1, 1]);
  assert.deepEqual(padded(null, false), [0, 1]);
});

test("the greatest numbers there are still have an axis", () => {
  const all = padded([-1.7e308, 1.7e308], false);
  assert.ok(all.every(Number.isFinite) && all[0] < -1.7e308 && all[1] > 1.7e308);
  assert.equal(within(0, all), 0.5);
  assert.ok(Math.abs(between(within(-1e308, all), all) / -1e308 - 1) < 1e-12);
  assert.ok(within(1.6e308, [-1e307, 1e307]) > 1);
  const ticks = linearTicks(...all, 5);
  assert.ok(ticks.length >= 2 && ticks.every((tick) => all[0] <= tick && tick <= all[1]));
  assert.equal(share(0, [-1.7e308, 1.7e308]), 0.5);
  assert.equal(share(5e-324, [0, 5e-324]), 1);
  assert.equal(share(3, [3, 3]), 0.5);
});

test("zooming keeps the place under the pointer, and out of all is no zoom", () => {
  assert.deepEqual(zoomed([0, 100], [0, 100], 25, 0.5), [12.5, 62.5]);
  assert.equal(zoomed([12.5, 62.5], [0, 100], 25, 4), null);
  assert.deepEqual(zoomed([80, 100], [0, 100], 100, 2), [60, 100]);
});

test("moving stops at the ends and keeps the width", () => {
  assert.deepEqual(panned([10, 20], [0, 100], 0.5), [15, 25]);
  assert.deepEqual(panned([10, 20], [0, 100], -9), [0, 10]);
  assert.deepEqual(panned([90, 95], [0, 100], 9), [95, 100]);
});
