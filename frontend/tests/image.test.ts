import assert from "node:assert/strict";
import { test } from "node:test";
import { legendRows, ranked } from "../src/charts/legendrows.ts";
import type { Line, Reading } from "../src/charts/line.ts";

test("a picture's legend goes on in a new row where the width ends", () => {
  const entries = ["a", "bb", "c"].map((label, slot) => ({ label, slot }));
  const rows = legendRows(entries, 150, (text) => text.length * 20);
  assert.deepEqual(
    rows.map(({ x, row }) => [x, row]),
    [
      [12, 0],
      [12, 1],
      [12, 2],
    ],
  );
  assert.deepEqual(
    legendRows(entries, 1000, () => 10).map(({ x, row }) => [x, row]),
    [
      [12, 0],
      [62, 0],
      [112, 0],
    ],
  );
});

test("a legend is in order of the values under the crosshair, or of the last ones", () => {
  const line = (...y: number[]) => ({ y: Float64Array.from(y) }) as Line;
  const [a, b, c, none] = [line(1, 5), line(9, 2), line(Number.NaN), line()];
  const at = (readings: Reading[]) => ranked([a, b, c, none], readings).map(({ value }) => value);
  assert.deepEqual(at([]), [5, 2, Number.NaN, Number.NaN]);
  const readings = [
    { line: a, value: 1, smoothed: null },
    { line: b, value: 9, smoothed: 8 },
  ] as Reading[];
  assert.deepEqual(at(readings), [8, 1, Number.NaN, Number.NaN]);
});
