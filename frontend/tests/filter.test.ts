import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilter } from "../src/project/filter.ts";
import { FilterError } from "../src/project/lexer.ts";
import type { Row } from "../src/project/rows.ts";
import type { Json } from "../src/types.ts";

const COLUMNS = [
  "name",
  "id",
  "state",
  "tags",
  "duration",
  "created",
  "config.lr",
  "config.opt",
  "summary.val/loss",
  "config.a b",
];

function row(facts: Partial<Row>, config: [string, Json][] = [], summary: [string, Json][] = []): Row {
  const base = {
    id: "r",
    name: "brisk-lake-1",
    state: "finished",
    reason: null,
    created: 0,
    ended: null,
    age: 0,
  };
  const rest = {
    heartbeat: null,
    duration: 100,
    step: 5,
    tags: [],
    group: null,
    jobType: null,
    notes: null,
    groups: 1,
  };
  return { ...base, ...rest, config: new Map(config), summary: new Map(summary), ...facts } as Row;
}

const run = row(
  { tags: ["best", "v2"], duration: 7300 },
  [
    ["lr", 0.001],
    ["opt", "AdamW"],
    ["a b", true],
  ],
  [["val/loss", "NaN"]],
);
const holds = (text: string, of = run) => parseFilter(text, COLUMNS).test(of);

test("conditions hold or not as they read", () => {
  const right = [
    "",
    "config.lr < 0.01 and state = finished",
    "lr >= 1e-3",
    "opt = adamw",
    'opt = "AdamW" or lr > 5',
    "not (lr > 0.01)",
    "tags = best and tags != worst",
    "tags ~ ^v\\d",
    "name ~ 'lake-1$'",
    "state in (failed, finished)",
    "duration > 2h and duration < 3h",
    "val/loss = nan",
    "`config.a b`",
    "created < 2026-11-23",
    "lr = 0.001 AND state == finished",
  ];
  for (const text of right) assert.ok(holds(text), text);
  const wrong = [
    "lr > 0.01",
    "opt = sgd",
    "state != finished",
    "not tags",
    "tags = worst",
    "val/loss < 1",
    "opt < 3",
  ];
  for (const text of wrong) assert.ok(!holds(text), text);
});

test("a run without the value passes no comparison, only a question for its absence", () => {
  const bare = row({});
  assert.ok(!holds("lr < 1", bare) && !holds("lr > 1", bare) && !holds("lr", bare));
  assert.ok(holds("lr = null", bare) && holds("not lr", bare) && holds("lr != 1", bare));
});

test("and binds more than or", () => {
  assert.ok(holds("state = finished or state = failed and lr > 5"));
  assert.ok(!holds("(state = finished or state = failed) and lr > 5"));
});

test("what was understood is said in full", () => {
  assert.equal(
    parseFilter("lr<1 and  state == failed", COLUMNS).understood,
    "config.lr < 1 and state = failed",
  );
});

test("an error names its place", () => {
  const cases: [string, string, string][] = [
    ["lr < 0.01 and statee = x", "statee", "no run has"],
    ["lr <", " ", "expected a value"],
    ["lr < 1 state", "state", "expected “and”"],
    ["(lr < 1", " ", "expected “)”"],
    ["name = 'open", "'open", "not closed"],
    ["name ~ '['", "'['", "regular expression"],
    ["created > soon", "soon", "date"],
    ["and", "and", "no run has"],
  ];
  for (const [text, place, message] of cases) {
    assert.throws(
      () => parseFilter(text, COLUMNS),
      (error: unknown) => {
        assert.ok(error instanceof FilterError, text);
        assert.equal(`${text} `.slice(error.start, error.end), place, text);
        assert.ok(error.message.includes(message), error.message);
        return true;
      },
    );
  }
});

test("no expression brings anything but a FilterError", () => {
  const parts = [
    "lr",
    "<",
    "(",
    ")",
    "and",
    "not",
    "'a'",
    "1",
    ",",
    "in",
    "`",
    "~",
    "=",
    "state",
    "\\",
    "__proto__",
  ];
  let seed = 7;
  const random = (n: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % n;
  };
  for (let i = 0; i < 3000; i++) {
    const text = Array.from({ length: random(8) }, () => parts[random(parts.length)]).join(
      random(2) ? " " : "",
    );
    try {
      parseFilter(text, COLUMNS).test(run);
    } catch (error) {
      assert.ok(error instanceof FilterError, `${text}: ${error}`);
    }
  }
});
