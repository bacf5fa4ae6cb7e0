import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHash, joinNames, parseHash, splitNames } from "../src/ui/viewstate.ts";

test("a view survives the address", () => {
  const view = new Map([
    ["q", "a&b=#+ ü"],
    ["zoom", "1_2"],
    ["log", ""],
  ]);
  const read = parseHash(`#${formatHash(view)}`);
  assert.deepEqual(
    [...read],
    [
      ["q", "a&b=#+ ü"],
      ["zoom", "1_2"],
    ],
  );
});

test("names with commas and percent signs keep apart", () => {
  const names = ["a,b", "c%2C", "train/loss", "100%"];
  assert.deepEqual(splitNames(joinNames(names)), names);
  assert.deepEqual(splitNames(""), []);
});

test("a word named like a part of every object is only a word", () => {
  assert.equal(parseHash("#__proto__=1").get("__proto__"), "1");
  assert.equal(parseHash("#").get("constructor"), undefined);
});
