import assert from "node:assert/strict";
import { test } from "node:test";
import { ascending, parseAxis, positions, valueAt } from "../src/charts/axis.ts";
import { beyond, bulkOf, heightOf, type Line, lineOf, type Trace } from "../src/charts/line.ts";
import { gridOf, merged, sample } from "../src/charts/merge.ts";
import { NO_SMOOTHING } from "../src/charts/smooth.ts";

function trace(run: string, step: number[], value: number[], group: string | null = null): Trace {
  const series = {
    key: "loss",
    index: 0,
    count: step.length,
    width: 1,
    detail: false,
    step: Float64Array.from(step),
    time: Float64Array.from(step, (s) => s * 1e6),
    value: Float64Array.from(value),
    min: null,
    max: null,
  };
  return {
    run,
    label: run,
    slot: 0,
    start: 0,
    series,
    group: group === null ? null : { id: group, label: group },
  };
}

const line = (t: Trace): Line => lineOf(t, "step", NO_SMOOTHING);

test("runs of a group become one line: their mean, between the least and the greatest", () => {
  const lines = [
    line(trace("a", [0, 2, 4], [0, 2, 4], "g")),
    line(trace("b", [0, 1, 2], [10, 10, 10], "g")),
    line(trace("c", [0], [7])),
  ];
  const [group, alone] = merged(lines);
  assert.equal(alone, lines[2]);
  assert.deepEqual([...group!.x], [0, 1, 2, 4]);
  assert.deepEqual([...group!.y], [5, 5.5, 6, 4]);
  assert.deepEqual([...group!.min!], [0, 1, 2, 4]);
  assert.deepEqual([...group!.max!], [10, 10, 10, 4]);
  assert.equal(group!.trace.label, "g (2)");
  assert.equal(group!.trace.run, "g");
});

test("what is not finite is left out of a group", () => {
  const [group] = merged([
    line(trace("a", [0, 1], [Number.NaN, 1], "g")),
    line(trace("b", [0, 1], [3, Number.POSITIVE_INFINITY], "g")),
  ]);
  assert.deepEqual([...group!.y], [3, 1]);
});

test("places are shared where they are the same, and never too many", () => {
  const same = Float64Array.from([1, 2]);
  assert.equal(gridOf([same, Float64Array.from([1, 2])]), same);
  const long = (from: number) => Float64Array.from({ length: 3000 }, (_, i) => from + 2 * i);
  const grid = gridOf([long(0), long(1)]);
  assert.ok(grid.length <= 2049 && grid[0] === 0 && grid[grid.length - 1] === 5999);
  assert.deepEqual(
    [...sample(Float64Array.from([1, 3]), Float64Array.from([0, 1]), Float64Array.from([0, 2, 4]))],
    [Number.NaN, 0.5, Number.NaN],
  );
});

test("another metric is an axis, at the same steps or between its own", () => {
  const epoch = trace("a", [0, 10, 20], [0, 1, 2]).series;
  const loss = trace("a", [-1, 0, 5, 20, 21], [9, 8, 7, 6, 5]).series;
  const x = positions(loss, ":epoch", 0, epoch);
  assert.deepEqual([...x], [Number.NaN, 0, 0.5, 2, Number.NaN]);
  assert.deepEqual([...ascending(x)!], [1, 2, 3]);
  assert.deepEqual([...positions(loss, ":epoch", 0, null)].map(Number.isNaN), Array(5).fill(true));
  assert.equal(valueAt(epoch, 15), 1.5);
  assert.equal(parseAxis(":wall"), ":wall");
  const drawn = lineOf({ ...trace("a", [0, 5], [8, 7]), along: epoch }, ":epoch", NO_SMOOTHING);
  assert.deepEqual(
    [[...drawn.x], [...drawn.y]],
    [
      [0, 0.5],
      [8, 7],
    ],
  );
});

test("outliers are left beyond the axis and counted", () => {
  const values = Array.from({ length: 100 }, (_, i) => i % 10);
  values[50] = 1e6;
  const lines = [line(trace("a", [...values.keys()], values))];
  const whole = heightOf(lines, [0, 99], false);
  const cut = heightOf(lines, [0, 99], false, true);
  assert.ok(whole[1] > 1e6 && cut[1] < 20 && cut[0] < 0);
  assert.equal(beyond(lines, [0, 99], cut, false), 1);
  assert.deepEqual(bulkOf(Float64Array.from([5, 5, 5])), [
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
  const flat = [line(trace("a", [0, 1], [5, 5]))];
  assert.deepEqual(heightOf(flat, [0, 1], false, true), heightOf(flat, [0, 1], false));
});
