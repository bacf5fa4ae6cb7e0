import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCsv, treeOf } from "../src/files/tree.ts";

const file = (path: string, size = 1) => ({ path, size, time: 0, preview: null });

test("a folder knows what it holds, however deep", () => {
  const root = treeOf([file("a/b/c", 5), file("a/d", 2), file("e"), file("__proto__/x")]);
  assert.equal(root.count, 4);
  assert.equal(root.size, 9);
  assert.deepEqual(
    root.folders.map((f) => [f.name, f.count, f.size]),
    [
      ["a", 2, 7],
      ["__proto__", 1, 1],
    ],
  );
  assert.deepEqual(
    root.folders[0]!.folders.map((f) => f.name),
    ["b"],
  );
  assert.deepEqual(
    root.files.map((f) => f.path),
    ["e"],
  );
});

test("separated values are read with their quotes, and no more than wanted", () => {
  assert.deepEqual(parseCsv('a,b\r\n"x, ""y""",2\n', ",", 9), [
    ["a", "b"],
    ['x, "y"', "2"],
  ]);
  assert.deepEqual(parseCsv("1\t2\n3", "\t", 9), [["1", "2"], ["3"]]);
  assert.equal(parseCsv("1\n2\n3\n", ",", 2).length, 2);
});
