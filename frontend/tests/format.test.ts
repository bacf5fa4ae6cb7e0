import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, duration, exact, num, number, relative, short, value } from "../src/format.ts";

test("numbers have significant digits", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [0.0123456, "0.01235"],
    [1234.5678, "1235"],
    [12345.678, "12,346"],
    [123456, "123,456"],
    [-0.5, "\u22120.5"],
    [1.2e-7, "1.2e\u22127"],
    [1e9, "1e9"],
    [9999.9, "10,000"],
    [0.1 + 0.2, "0.3"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "\u2212\u221e"],
  ];
  for (const [x, text] of cases) assert.equal(number(x), text);
});

test("great numbers are short in narrow places, and exact on hover", () => {
  assert.equal(short(900_000_000), "900M");
  assert.equal(short(12_345), "12,345");
  assert.equal(short(-4.2e13), "\u221242T");
  assert.equal(exact(0.1 + 0.2), "0.30000000000000004");
});

test("non-finite numbers come from JSON as words", () => {
  assert.ok(Number.isNaN(num("NaN")));
  assert.equal(num("-Infinity"), Number.NEGATIVE_INFINITY);
  assert.ok(Number.isNaN(num(null)));
  assert.equal(value("Infinity"), "\u221e");
  assert.equal(value([1, 2]), "[1,2]");
  assert.equal(value("text"), "text");
});

test("lengths of time have two units at most", () => {
  const cases: [number, string][] = [
    [0.85, "850 ms"],
    [12.4, "12 s"],
    [59.96, "1 m"],
    [200, "3 m 20 s"],
    [7500, "2 h 5 m"],
    [300_000, "3 d 11 h"],
  ];
  for (const [s, text] of cases) assert.equal(duration(s), text);
});

test("a moment is told from now", () => {
  const now = 1_795_000_000_000_000;
  const ago = (s: number) => relative(now - s * 1e6, now);
  assert.deepEqual([1, 40, 90, 7300, 3 * 86400].map(ago), [
    "just now",
    "40 s ago",
    "1 min ago",
    "2 h ago",
    "3 d ago",
  ]);
  assert.equal(ago(-600), "in 10 min");
});

test("bytes are in binary units", () => {
  assert.deepEqual([0, 1023, 1536, 64 * 2 ** 30].map(bytes), ["0 B", "1023 B", "1.5 KiB", "64 GiB"]);
});
