import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import {
  cell,
  columnsOf,
  compare,
  defaultColumns,
  renewed,
  rowsOf,
  sorted,
  stale,
} from "../src/project/rows.ts";
import { colourSlots, drawRuns } from "../src/project/visible.ts";

const NAMES = [
  "id",
  "name",
  "state",
  "created_at",
  "heartbeat_at",
  "tags",
  "config",
  "summary",
  "groups",
  "charts",
];

async function table(n: number) {
  const cells = Array.from({ length: n }, (_, i) => {
    const config = `{"lr":${i % 3},"__proto__":${i},"same":1}`;
    return `["r${n - i}","run ${n - i}","finished",${n - i},null,[],${config},{"loss":${i === 1 ? '"NaN"' : i}},1,0]`;
  });
  return rowsOf(payload(cells));
}

function payload(rows: readonly string[]) {
  const charts =
    '[{"keys":["loss","__proto__","secret"],"goals":{"loss":"min","__proto__":"max"},"hidden":["secret"]}]';
  const z = deflateRawSync(`{"charts":${charts},"rows":[${rows.join(",")}]}`).toString("base64");
  return { revision: "x", columns: NAMES, group_size: 2, z };
}

test("runs with the same metrics share an index of the files that hold them", async () => {
  const [a, b] = await table(2);
  assert.equal(a!.charts, b!.charts);
  assert.deepEqual(a!.charts.keys, ["loss", "__proto__"]);
  assert.deepEqual(
    [a!.charts.group("__proto__"), a!.charts.group("secret"), a!.charts.group("x")],
    [0, 1, null],
  );
  assert.deepEqual(
    [a!.charts.goal("loss"), a!.charts.goal("__proto__"), a!.charts.goal("x")],
    ["min", "max", null],
  );
  assert.equal(a!.charts.files, 2);
});

test("rows keep keys that are parts of every object", async () => {
  const rows = await table(3);
  assert.deepEqual(
    rows.map((row) => cell(row, "config.__proto__")),
    [0, 1, 2],
  );
  assert.equal(cell(rows[0]!, "config.constructor"), undefined);
  assert.ok(columnsOf(rows).includes("config.__proto__"));
});

test("the usual columns are those that differ between runs", async () => {
  const columns = defaultColumns(await table(5));
  assert.ok(columns.includes("config.lr") && columns.includes("summary.loss"));
  assert.ok(!columns.includes("config.same"));
});

test("sorting puts what is absent or NaN last either way, and keeps ties in order", async () => {
  const rows = await table(4);
  const ids = (by: string) => sorted(rows, by).map((row) => row.id);
  assert.deepEqual(ids("summary.loss"), ["r4", "r2", "r1", "r3"]);
  assert.deepEqual(ids("-summary.loss"), ["r1", "r2", "r4", "r3"]);
  assert.deepEqual(ids("config.same"), ["r4", "r3", "r2", "r1"]);
  assert.deepEqual(ids(""), ["r4", "r3", "r2", "r1"]);
  assert.ok(compare(2, 10, false) < 0 && compare("2", "10", false) > 0);
});

test("a running run without a recent heartbeat is crashed", async () => {
  const [row] = await rowsOf(payload(['["a","a","running",1,1000000,[],{},{},0,null]']));
  assert.equal(row!.state, "crashed");
  assert.match(row!.reason!, /^no heartbeat since /);
});

const USUAL = {
  first: 10,
  shown: new Set<string>(),
  hidden: new Set<string>(),
  colours: new Map(),
  baseline: "",
};

test("the newest ten runs are drawn until the reader says otherwise", async () => {
  const rows = await table(20);
  const ids = (choice: object) =>
    drawRuns(rows, { ...USUAL, ...choice }, new Map()).runs.map(({ row }) => row.id);
  assert.deepEqual(
    ids({}),
    rows.slice(0, 10).map((row) => row.id),
  );
  const chosen = ids({ shown: new Set(["r1"]), hidden: new Set(["r20"]) });
  assert.deepEqual(chosen, [...rows.slice(1, 10).map((row) => row.id), "r1"]);
  assert.deepEqual(ids({ first: 1, baseline: "r7" }), ["r20", "r7"]);
});

test("more runs than can be told apart are not drawn, and counted", async () => {
  const drawing = drawRuns(await table(150), { ...USUAL, first: 120 }, new Map());
  assert.deepEqual([drawing.runs.length, drawing.left], [100, 20]);
});

test("a colour that the reader gave is kept, and no other run has it", async () => {
  const rows = await table(10);
  const { slots } = drawRuns(rows, { ...USUAL, colours: new Map([["r4", 0]]) }, new Map([["r1", 0]]));
  assert.equal(slots.get("r4"), 0);
  assert.equal([...slots.values()].filter((slot) => slot === 0).length, 1);
});

test("ten runs in a row have ten colours, and a run keeps its own", async () => {
  const rows = await table(30);
  const first = colourSlots(rows.slice(0, 10), new Map());
  assert.equal(new Set([...first.values()]).size, 10);
  assert.ok([...first.values()].every((slot) => slot < 10));
  const later = colourSlots([...rows.slice(5, 10), ...rows.slice(20, 28)], first);
  for (const { id } of rows.slice(5, 10)) assert.equal(later.get(id), first.get(id));
  assert.equal(new Set([...later.values()]).size, 13);
});

test("newer rows take their places, and keep the number that gives a run its colour", async () => {
  const row = (id: string, state: string, beat: number, loss: number) =>
    `["${id}","${id}","${state}",1,${beat},[],{},{"loss":${loss}},1,0]`;
  const now = Date.now() * 1000;
  const before = await rowsOf(
    payload([row("b", "running", now, 1), row("a", "running", now, 1), row("z", "finished", 0, 1)]),
  );
  const newer = await rowsOf(
    payload([row("a", "running", now + 9, 2), row("b", "running", now - 9, 2), row("x", "running", now, 2)]),
  );
  const after = renewed(before, newer);
  assert.deepEqual(
    after.map((r) => [r.id, r.summary.get("loss"), r.age]),
    [
      ["b", 1, 2],
      ["a", 2, 1],
      ["z", 1, 0],
    ],
  );
});

test("a running run turns to crashed when its signs of life are long ago, and others stay as they are", async () => {
  const now = Date.now() * 1000;
  const [row] = await rowsOf(payload([`["a","a","running",1,${now},[],{},{},1,0]`]));
  assert.equal(stale([row!]), null);
  const quiet = { ...row!, heartbeat: now - 3600e6 };
  const found = stale([row!, quiet, { ...quiet, state: "finished" }])!;
  assert.deepEqual(
    found.map(({ state }) => state),
    ["running", "crashed", "finished"],
  );
  assert.match(found[1]!.reason!, /^no heartbeat since/);
});
