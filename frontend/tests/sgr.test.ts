import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, finds, plain, runs } from "../src/run/logs/sgr.ts";

const E = String.fromCharCode(27);

test("a line without colours is one run", () => {
  assert.deepEqual(runs("a <b> c"), [{ text: "a <b> c", classes: [] }]);
});

test("styles and the sixteen colours are classes", () => {
  assert.deepEqual(runs(`x${E}[1;31mred${E}[0m y${E}[97;44mz${E}[0m`), [
    { text: "x", classes: [] },
    { text: "red", classes: ["sgr-bold", "sgr-ink-1"] },
    { text: " y", classes: [] },
    { text: "z", classes: ["sgr-ink-15", "sgr-paper-4"] },
  ]);
  assert.deepEqual(runs(`${E}[105mq`), [{ text: "q", classes: ["sgr-paper-13"] }]);
});

test("256 colours and true colours are colours", () => {
  assert.deepEqual(runs(`${E}[38;5;9ma${E}[48;5;196mb${E}[38;2;1;2;3mc${E}[38;5;240md`), [
    { text: "a", classes: ["sgr-ink-9"] },
    { text: "b", classes: [], paper: "rgb(255, 0, 0)" },
    { text: "c", classes: [], ink: "rgb(1, 2, 3)" },
    { text: "d", classes: [], ink: "rgb(88, 88, 88)" },
  ]);
});

test("what is found is cut out, across colours too", () => {
  const line = `one ${E}[32mtwo${E}[0m three`;
  assert.equal(plain(line), "one two three");
  const places = finds(plain(line), /o t/i);
  assert.deepEqual(places, [[6, 9]]);
  assert.deepEqual(
    cut(runs(line), places).map(({ text, found }) => [text, found]),
    [
      ["one ", false],
      ["tw", false],
      ["o", true],
      [" t", true],
      ["hree", false],
    ],
  );
  assert.deepEqual(finds("abc", /x*/i), []);
});
