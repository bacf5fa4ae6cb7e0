import assert from "node:assert/strict";
import { test } from "node:test";
import { completions, quoted } from "../src/project/filterbox.ts";

const COLUMNS = ["state", "config.lr", "config.model.lr_decay", "summary.a b"];
const names = (text: string) => completions(text, text.length, COLUMNS).names;

test("names are offered that begin with the word, then those that hold it", () => {
  assert.deepEqual(names("config.l"), ["config.lr"]);
  assert.deepEqual(names("state = x and lr"), ["config.lr", "config.model.lr_decay"]);
  assert.deepEqual(completions("(stat", 5, COLUMNS), { from: 1, names: ["state"] });
});

test("nothing is offered for values, for whole names and for the language's own words", () => {
  for (const text of ["", "config.lr < sta", "state", "state = a and"])
    assert.deepEqual(names(text), [], text);
});

test("names with strange signs are quoted", () => {
  assert.equal(quoted("config.lr"), "config.lr");
  assert.equal(quoted("summary.a b"), "`summary.a b`");
});
