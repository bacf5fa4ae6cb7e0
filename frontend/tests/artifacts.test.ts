import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePath, treeOf } from "../src/artifacts/files.ts";

test("files become a tree of folders that knows its sizes", () => {
  const tree = treeOf([
    ["a.txt", 1, null],
    ["sub/b", 2, null],
    ["sub/deep/c", null, "s3://bucket/c"],
    ["__proto__/d", 4, null],
  ]);
  assert.deepEqual([tree.count, tree.size], [4, 7]);
  assert.deepEqual([...tree.folders.keys()], ["sub", "__proto__"]);
  assert.deepEqual([tree.folders.get("sub")?.count, tree.folders.get("sub")?.size], [2, 2]);
  assert.equal(tree.folders.get("sub")?.folders.get("deep")?.files[0]?.ref, "s3://bucket/c");
});

test("only the path of a version is one", () => {
  assert.deepEqual(parsePath("e/p/n:v3"), { entity: "e", project: "p", name: "n", version: "v3" });
  for (const wrong of ["e/p/n:best", "p/n:v3", "e/p/n", "e/p/../n:v1", ""])
    assert.equal(parsePath(wrong), null);
});
