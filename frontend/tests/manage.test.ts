import assert from "node:assert/strict";
import { test } from "node:test";
import { tagsIn } from "../src/ui/manage.ts";

test("tags that a person typed are told apart by commas, each once", () => {
  assert.deepEqual(tagsIn(" a, b b ,,a, "), ["a", "b b"]);
  assert.deepEqual(tagsIn(""), []);
});
