import assert from "node:assert/strict";
import { test } from "node:test";
import type { Series } from "../src/data/codec.ts";
import { differences, earliest, firstDivergence, flatFacts } from "../src/project/differences.ts";

function series(step: number[], value: number[], width = 1): Series {
  const values = Float64Array.from(value);
  const edges = width === 1 ? null : values;
  return {
    key: "loss",
    index: 0,
    count: step.length,
    width,
    detail: false,
    step: Float64Array.from(step),
    time: Float64Array.from(step),
    value: values,
    min: edges,
    max: edges,
  };
}

test("what differs comes first, and what one run lacks differs", () => {
  const found = differences([
    new Map<string, number>([
      ["same", 1],
      ["lr", 0.1],
    ]),
    new Map<string, number>([
      ["same", 1],
      ["lr", 0.2],
      ["new", 3],
    ]),
  ]);
  assert.deepEqual(
    found.map(({ name, values, same }) => [name, values, same]),
    [
      ["lr", [0.1, 0.2], false],
      ["new", [undefined, 3], false],
      ["same", [1, 1], true],
    ],
  );
});

test("a list of packages is a version a name", () => {
  const facts = flatFacts({ git: { commit: "a" }, packages: ["torch==2.4", "numpy==1.0"], list: ["x", 1] });
  assert.deepEqual(
    [...facts],
    [
      ["git.commit", "a"],
      ["packages.torch", "2.4"],
      ["packages.numpy", "1.0"],
      ["list", ["x", 1]],
    ],
  );
});

test("curves part at the first step that both have and where they differ", () => {
  const a = series([0, 1, 2, 3], [5, Number.NaN, 7, 8]);
  assert.deepEqual(firstDivergence(a, series([0, 1, 3], [5, Number.NaN, 9])), {
    kind: "differs",
    step: 3,
    width: 1,
  });
  assert.deepEqual(firstDivergence(a, series([1, 2, 9], [Number.NaN, 7, 1])), { kind: "same", steps: 2 });
  assert.deepEqual(firstDivergence(a, series([10], [1])), { kind: "apart" });
  assert.deepEqual(firstDivergence(a, series([0], [5], 2)), { kind: "apart" });
});

test("where points stand for several steps, the first difference is within those", () => {
  const a = series([0, 8, 16], [1, 2, 3], 8);
  assert.deepEqual(firstDivergence(a, series([1, 8, 17], [1, 2, 4], 8)), {
    kind: "differs",
    step: 16,
    width: 8,
  });
});

test("of several curves the earliest difference counts", () => {
  const a = series([0, 1, 2], [1, 2, 3]);
  const late = series([0, 1, 2], [1, 2, 9]);
  const early = series([0, 1, 2], [1, 9, 3]);
  assert.deepEqual(earliest([a, late, early]), { kind: "differs", step: 1, width: 1 });
  assert.deepEqual(earliest([a, a]), { kind: "same", steps: 3 });
  assert.deepEqual(earliest([a]), { kind: "apart" });
});
