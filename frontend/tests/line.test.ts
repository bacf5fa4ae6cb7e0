import assert from "node:assert/strict";
import { test } from "node:test";
import { bestColumns, columnsIn, inRows, rowsIn } from "../src/charts/layout.ts";
import {
  heightOf,
  lineOf,
  notPositive,
  placeOfStep,
  positive,
  readingAt,
  stepAt,
  type Trace,
  wholeOf,
} from "../src/charts/line.ts";
import { sections } from "../src/charts/source.ts";
import { sparkPath, thinned } from "../src/charts/spark.ts";
import type { Series } from "../src/data/codec.ts";
import { pause } from "../src/data/poll.ts";
import { stepsWithin } from "../src/run/data.ts";

const of = (...x: number[]) => Float64Array.from(x);

function trace(step: Float64Array, value: Float64Array, more: Partial<Series> = {}): Trace {
  const time = step.map((s) => 5e6 + s * 1e6);
  const series = {
    key: "k",
    index: 0,
    count: step.length,
    width: 1,
    detail: false,
    step,
    time,
    value,
    min: null,
    max: null,
  };
  return { run: "r", label: "r", slot: 0, start: 5e6, series: { ...series, ...more } };
}

test("a line lies along steps, time since the start, or wall time", () => {
  const t = trace(of(0, 2), of(1, 2));
  const xs = (axis: "step" | "relative" | "wall") => [...lineOf(t, axis, { kind: "none" }).x];
  assert.deepEqual(
    [xs("step"), xs("relative"), xs("wall")],
    [
      [0, 2],
      [0, 2],
      [5, 7],
    ],
  );
});

test("points whose time goes back are put in order of time", () => {
  const line = lineOf(trace(of(0, 1, 2), of(10, 11, 12), { time: of(9e6, 7e6, 8e6) }), "relative", {
    kind: "none",
  });
  assert.deepEqual(
    [[...line.x], [...line.y], [...line.step]],
    [
      [2, 3, 4],
      [11, 12, 10],
      [1, 2, 0],
    ],
  );
});

test("the axis is high enough for the band, so that no spike is cut away", () => {
  const line = lineOf(trace(of(0, 1, 2), of(1, 1, 1), { min: of(1, 0, 1), max: of(1, 100, 1) }), "step", {
    kind: "none",
  });
  const [low, high] = heightOf([line], [0, 2], false);
  assert.ok(low <= 0 && high >= 100);
});

test("a smoothed line keeps the values it was made of", () => {
  const line = lineOf(trace(of(0, 1), of(0, 10)), "step", { kind: "ema", weight: 0.5 });
  const reading = readingAt(line, 0.9)!;
  assert.equal(reading.value, 10);
  assert.ok(reading.smoothed! < 10);
});

test("one point or none still has a range to be drawn in", () => {
  assert.deepEqual(wholeOf([lineOf(trace(of(7), of(1)), "step", { kind: "none" })]), [6.5, 7.5]);
  assert.deepEqual(wholeOf([]), [0, 1]);
});

test("values that a log scale cannot show are counted", () => {
  const line = lineOf(trace(of(0, 1, 2, 3), of(0, -1, 5, Number.NaN)), "step", { kind: "none" });
  assert.equal(notPositive([line], [0, 3]), 2);
});

test("charts are sorted into sections by what comes before the first slash", () => {
  const found = sections(["loss", "train/a", "val/b", "train/c/d", "__proto__", "/odd"]);
  assert.deepEqual(
    [...found],
    [
      ["", ["loss", "__proto__", "/odd"]],
      ["train", ["train/a", "train/c/d"]],
      ["val", ["val/b"]],
    ],
  );
});

test("a small line breaks where a value is not finite", () => {
  assert.equal(sparkPath([0, 1, Number.NaN, 1], 30, 10, 0), "M0 10L10 0M30 0");
  assert.equal(sparkPath([], 30, 10), "");
  assert.deepEqual([...thinned(of(1, 3, 5, 7), 2)], [2, 6]);
});

test("a page looks less often when nobody sees it, and when the store is out of reach", () => {
  assert.equal(pause(5, false, 0), 5);
  assert.equal(pause(5, true, 0), 60);
  assert.ok(pause(5, false, 3) === 40 && pause(5, false, 50) === 120);
});

test("there are as many columns as have room, and one at least", () => {
  assert.deepEqual(
    [0, 200, 543, 544, 1440].map((width) => columnsIn(width, 268, 8)),
    [1, 1, 1, 2, 5],
  );
});

test("sections that do not fill a row share rows, where the first of them stands", () => {
  const sizes = [1, 6, 2, 9, 2];
  const ids = (columns: number) => inRows(sizes, (n) => n, columns);
  assert.deepEqual(ids(5), [1, 2, 2, 6, 9]);
  assert.deepEqual(ids(2), [1, 6, 2, 9, 2]);
  assert.deepEqual(ids(1), sizes);
});

test("the width goes to larger charts where more columns would save no row", () => {
  assert.equal(rowsIn([5, 5, 5, 5], 9), 4);
  assert.equal(bestColumns([5, 5, 5, 5], 2, 9), 5);
  assert.equal(bestColumns([1, 6, 2, 2], 2, 5), 5);
  assert.equal(bestColumns([10_000], 2, 9), 9);
  assert.equal(bestColumns([1], 2, 5), 2);
});

test("a log scale of x leaves out what lies at zero or below, and has a range for what is left", () => {
  const line = lineOf(trace(of(0, 1, 100), of(5, 6, 7)), "step", { kind: "none" }, true);
  assert.deepEqual(
    [[...line.x], [...line.y]],
    [
      [1, 100],
      [6, 7],
    ],
  );
  assert.deepEqual(wholeOf([line], true), [1, 100]);
  assert.deepEqual(positive([-5, 50], [line]), [1, 50]);
  assert.deepEqual(positive([-5, 0], [line]), [1, 100]);
  const point = lineOf(trace(of(0.2), of(1)), "step", { kind: "none" }, true);
  assert.deepEqual(wholeOf([point], true), [0.1, 0.4]);
  assert.deepEqual(wholeOf([], true), [1, 10]);
});

test("a stretch of a metric is the steps at which it is there, with a point on either side", () => {
  const tokens = trace(of(0, 10, 20, 30, 40), of(0, 1, 2, 3, 4)).series;
  assert.deepEqual(stepsWithin(tokens, 1.5, 2.5), { by: "step", from: 10, to: 30 });
  assert.deepEqual(stepsWithin(tokens, -9, 0), { by: "step", from: 0, to: 10 });
  assert.deepEqual(stepsWithin(tokens, 4, 9), { by: "step", from: 30, to: 40 });
  assert.equal(stepsWithin(tokens, 5, 9), null);
  const folded = { ...tokens, width: 10, min: of(0, 0.5, 1.5, 2.5, 3.5), max: of(0.5, 1.5, 2.5, 3.5, 4.5) };
  assert.deepEqual(stepsWithin(folded, 1.2, 1.3), { by: "step", from: 0, to: 29 });
});

test("charts along different axes meet at a step", () => {
  const line = lineOf(trace(of(0, 10, 20), of(5, 6, 7)), "relative", { kind: "none" });
  assert.equal(stepAt(line, 9), 10);
  assert.equal(placeOfStep(line, 12), 10);
  assert.equal(placeOfStep(line, Number.NaN), null);
  assert.equal(placeOfStep(undefined, 1), null);
});
