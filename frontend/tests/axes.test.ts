import assert from "node:assert/strict";
import { test } from "node:test";
import { axisOf } from "../src/project/axes.ts";
import { within } from "../src/project/brush.ts";
import { ChartIndex } from "../src/project/chartindex.ts";
import type { Row } from "../src/project/rows.ts";
import type { Json } from "../src/types.ts";

function rows(values: readonly (Json | undefined)[]): Row[] {
  return values.map((v, i) => ({
    id: `r${i}`,
    name: `r${i}`,
    state: "finished",
    reason: null,
    created: i,
    ended: null,
    heartbeat: null,
    duration: null,
    step: null,
    tags: [],
    group: null,
    jobType: null,
    notes: null,
    config: new Map(v === undefined ? [] : [["x", v]]),
    summary: new Map(),
    groups: 0,
    charts: new ChartIndex({ keys: [], goals: {}, hidden: [] }, 24),
    age: i,
  }));
}

const places = (values: readonly (Json | undefined)[], flipped = false) => {
  const all = rows(values);
  const axis = axisOf(all, "config.x", flipped);
  return all.map((row) => axis.place(row));
};

test("numbers lie along an axis, on a log scale where they are far apart", () => {
  assert.deepEqual(places([0, 5, 10]), [0, 0.5, 1]);
  assert.deepEqual(places([0.001, 0.1, 10]), [0, 0.5, 1]);
  assert.deepEqual(places([1, 500.5, 1000], true), [0, 0.5, 1]);
  assert.deepEqual(places([3, 3]), [0.5, 0.5]);
  assert.deepEqual(places([-1e308, 1e308]), [0, 1]);
});

test("one small value among even ones makes no log scale", () => {
  const even = Array.from({ length: 100 }, (_, i) => (i + 1) / 100);
  assert.equal(axisOf(rows([1e-9, ...even]), "config.x").log, false);
  assert.equal(axisOf(rows([3e-4, 1e-3, 3e-3, 1e-2]), "config.x").log, true);
  assert.equal(axisOf(rows([4, 8, 12]), "config.x").log, false);
});

test("what is absent or not finite has no place", () => {
  assert.deepEqual(places([0, undefined, null, "NaN", "Infinity", 1]), [0, null, null, null, null, 1]);
  assert.deepEqual(places([undefined]), [null]);
});

test("words lie side by side", () => {
  assert.deepEqual(places(["b", "a", "b"]), [0.75, 0.25, 0.75]);
  assert.deepEqual(places([true, "a"]), [0.75, 0.25]);
});

test("few values are the ticks themselves", () => {
  const axis = axisOf(rows([16, 32, 64]), "config.x");
  assert.deepEqual(
    axis.ticks(10).map(({ label }) => label),
    ["16", "32", "64"],
  );
});

test("a mark keeps the runs between two places, and is found again there", () => {
  const all = rows([0.001, 0.01, 0.1, 1, undefined]);
  const axis = axisOf(all, "config.x");
  const brush = axis.brush(0.3, 0.7);
  assert.deepEqual(
    all.filter((row) => within(row, [brush])).map(({ id }) => id),
    ["r1", "r2"],
  );
  const [low, high] = axis.span(brush)!;
  assert.ok(Math.abs(low - 0.3) < 1e-9 && Math.abs(high - 0.7) < 1e-9);
  const words = rows(["a", "b", "c"]);
  const named = axisOf(words, "config.x");
  assert.deepEqual(named.brush(0.4, 0.9).values, ["b", "c"]);
  const [from, to] = named.span(named.brush(0.4, 0.9))!;
  assert.ok(Math.abs(from - 1 / 3) < 1e-9 && to === 1);
});
