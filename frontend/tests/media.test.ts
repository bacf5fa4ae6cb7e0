import assert from "node:assert/strict";
import { test } from "node:test";
import { besidePage } from "../src/media/data.ts";
import { compare } from "../src/media/sorting.ts";
import { spreadOver } from "../src/media/spread.ts";

test("a media file's address stays within the run", () => {
  assert.equal(besidePage("media/image/a b/1#x.png"), "files/media/image/a%20b/1%23x.png");
  for (const path of ["../x", "a/../b", "/etc/passwd", "a//b", "", ".", 3, null, undefined]) {
    assert.equal(besidePage(path), null);
  }
  assert.equal(besidePage("javascript:alert(1)"), "files/javascript%3Aalert(1)");
});

test("counts keep their sum when they are shared out over other intervals", () => {
  const spread = { counts: [1, 3, 4], edges: [0, 1, 2, 4] };
  const shares = spreadOver(spread, 0, 4, 8);
  assert.deepEqual([...shares], [0.5, 0.5, 1.5, 1.5, 1, 1, 1, 1]);
  const wider = spreadOver(spread, -4, 8, 5);
  assert.ok(Math.abs(wider.reduce((sum, n) => sum + n, 0) - 8) < 1e-9);
});

test("an interval without width goes to one row", () => {
  assert.deepEqual([...spreadOver({ counts: [7], edges: [1, 1] }, 0, 2, 2)], [0, 7]);
});

test("mixed values sort: numbers, texts, the rest, and what is empty always last", () => {
  const values = [null, "b10", 3, "b9", [1], -1, true, "NaN"];
  const up = [...values].sort((a, b) => compare(a, b, 1));
  assert.deepEqual(up, [-1, 3, "b9", "b10", true, [1], null, "NaN"]);
  const down = [...values].sort((a, b) => compare(a, b, -1));
  assert.deepEqual(down.slice(-2), [null, "NaN"]);
  assert.deepEqual(down.slice(0, 1), [[1]]);
});
