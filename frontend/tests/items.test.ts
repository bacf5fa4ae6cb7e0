import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBrushes, parseBrushes, within } from "../src/project/brush.ts";
import { ChartIndex } from "../src/project/chartindex.ts";
import { moved } from "../src/project/columns.ts";
import { csvCell, csvOf } from "../src/project/csv.ts";
import { deltaOf } from "../src/project/delta.ts";
import { aggregate, type GroupItem, itemsOf, leavesOf } from "../src/project/items.ts";
import type { Row } from "../src/project/rows.ts";
import { selectedAfter } from "../src/project/selection.ts";
import { drawGroups } from "../src/project/visible.ts";
import type { Json } from "../src/types.ts";

function row(id: string, config: { [key: string]: Json }, loss?: Json): Row {
  return {
    id,
    name: id,
    state: "finished",
    reason: null,
    created: 1_795_000_000_000_000,
    ended: null,
    heartbeat: null,
    duration: null,
    step: null,
    tags: [],
    group: null,
    jobType: null,
    notes: null,
    config: new Map(Object.entries(config)),
    summary: new Map(loss === undefined ? [] : [["loss", loss]]),
    groups: 0,
    charts: new ChartIndex({ keys: [], goals: {}, hidden: [] }, 24),
    age: 0,
  };
}

const ROWS = [
  row("a", { lr: 0.1, net: "mlp" }, 4),
  row("b", { lr: 0.2, net: "mlp" }, 1),
  row("c", { lr: 0.1, net: "vit" }, 2),
  row("d", { net: "vit" }, "NaN"),
];
const shape = (items: readonly { kind: string }[]) =>
  items.map((item) => {
    const group = item as unknown as GroupItem;
    return item.kind === "run"
      ? (item as unknown as { row: Row }).row.id
      : `${group.label} ${group.rows.length}`;
  });

test("runs with equal values make groups that fold", () => {
  assert.deepEqual(shape(itemsOf(ROWS, ["config.net"], new Set(), "")), ["net = mlp 2", "net = vit 2"]);
  const open = itemsOf(ROWS, ["config.net"], new Set(['["vit"]']), "");
  assert.deepEqual(shape(open), ["net = mlp 2", "net = vit 2", "c", "d"]);
});

test("what a run lacks is a group of its own, and groups hold groups", () => {
  const items = itemsOf(ROWS, ["config.net", "config.lr"], new Set(['["vit"]', '["vit",null]']), "");
  assert.deepEqual(shape(items), ["net = mlp 2", "net = vit 2", "lr = 0.1 1", "lr = \u2013 1", "d"]);
  const leaves = leavesOf(items);
  assert.deepEqual(
    leaves.map(({ id, rows }) => [id, rows.length]),
    [
      ['["mlp",0.1]', 1],
      ['["mlp",0.2]', 1],
      ['["vit",0.1]', 1],
      ['["vit",null]', 1],
    ],
  );
  assert.equal(leaves[0]!.label, "net = mlp, lr = 0.1");
});

test("groups are sorted by their mean", () => {
  const by = (sort: string) => shape(itemsOf(ROWS, ["config.lr"], new Set(), sort))[0];
  assert.equal(by("summary.loss"), "lr = 0.2 1");
  assert.equal(by("-summary.loss"), "lr = 0.1 2");
});

test("an aggregate is of the finite numbers, and counts what differs", () => {
  const { mean, min, max, numbers, distinct } = aggregate(ROWS, "summary.loss");
  assert.deepEqual([mean! > 2.33 && mean! < 2.34, min, max, numbers, distinct], [true, 1, 4, 3, 4]);
  assert.deepEqual(aggregate(ROWS, "config.net").first, "mlp");
  assert.equal(aggregate(ROWS, "config.none").mean, null);
});

test("drawn groups share out the lines that can be drawn", () => {
  const many = Array.from({ length: 300 }, (_, i) => row(`r${i}`, { net: i % 3 }));
  const leaves = leavesOf(itemsOf(many, ["config.net"], new Set(), ""));
  const choice = {
    first: 10,
    shown: new Set<string>(),
    hidden: new Set(["[1]"]),
    colours: new Map(),
    baseline: "",
  };
  const { runs, slots, left } = drawGroups(leaves, choice, new Map());
  assert.deepEqual([runs.length, left], [100, 100]);
  assert.deepEqual([...new Set(runs.map(({ group }) => group!.id))], ["[0]", "[2]"]);
  assert.notEqual(slots.get("[0]"), slots.get("[2]"));
});

test("a difference to the baseline is better or worse by the metric's goal", () => {
  assert.deepEqual(deltaOf(0.5, 0.4, "max"), {
    text: "+0.1",
    tone: "better",
    words: "+0.1 (+25 %) from the baseline\u2019s 0.4, better",
  });
  assert.equal(deltaOf(0.5, 0.4, "min")!.tone, "worse");
  assert.equal(deltaOf(0.5, 0.4, null)!.tone, "neutral");
  assert.equal(deltaOf(0.4, 0.4, "min")!.text, "=");
  assert.equal(deltaOf("NaN", 0.4, "min"), null);
  assert.equal(deltaOf(undefined, 0.4, "min"), null);
});

test("a range of runs is selected from the last one to this", () => {
  const order = ["a", "b", "c", "d"];
  assert.deepEqual(selectedAfter(["a"], order, "c", true, "a"), ["a", "b", "c"]);
  assert.deepEqual(selectedAfter(["a", "c"], order, "c", false, ""), ["a"]);
  assert.deepEqual(selectedAfter([], order, "b", true, "gone"), ["b"]);
});

test("a column moves to the place of another", () => {
  assert.deepEqual(moved(["n", "a", "b", "c"], "c", "a"), ["n", "c", "a", "b"]);
  assert.deepEqual(moved(["n", "a", "b", "c"], "a", "b"), ["n", "b", "a", "c"]);
  assert.deepEqual(moved(["n", "a"], "gone", "a"), ["n", "a"]);
});

test("cells that a spreadsheet would take for formulas are quoted", () => {
  assert.equal(csvCell("=1+1"), `"'=1+1"`);
  assert.equal(csvCell("@x"), `"'@x"`);
  assert.equal(csvCell('a "b", c'), '"a ""b"", c"');
  assert.equal(csvCell(-0.5), "-0.5");
  assert.equal(csvCell("-Infinity"), "-Infinity");
  assert.equal(csvCell(null), "");
  const csv = csvOf([row("=r", { "a,b": "x\ny" })], ["name", "created", "config.a,b"]);
  assert.equal(csv, 'id,name,created,"config.a,b"\r\n"\'=r","\'=r",2026-11-18T11:06:40.000Z,"x\ny"\r\n');
});

test("marked ranges pass through the address and filter", () => {
  const brushes = [
    { column: "config.a:b,c", low: -0.5, high: 1e-7, values: null },
    { column: "config.net", low: Number.NaN, high: Number.NaN, values: ["vit", "x,y"] },
  ];
  assert.deepEqual(parseBrushes(formatBrushes(brushes)), brushes);
  assert.deepEqual(parseBrushes("nonsense,a:2_1,b:[1]"), []);
  const kept = ROWS.filter((r) => within(r, parseBrushes('summary.loss:2_9,config.net:["vit"]')));
  assert.deepEqual(
    kept.map(({ id }) => id),
    ["c"],
  );
});
