// The runs of a project as rows, and what can be asked of them.
import { inflate } from "../data/codec.ts";
import { isNum } from "../format.ts";
import type { ChartList, Json, State, TablePayload } from "../types.ts";
import { shownState } from "../ui/state.ts";
import { ChartIndex } from "./chartindex.ts";

/** A running run whose heartbeat is older counts as crashed (seconds). */
export const STALE_AFTER_S = 150;

export interface Row {
  readonly id: string;
  readonly name: string;
  readonly state: State;
  readonly reason: string | null;
  readonly created: number;
  readonly ended: number | null;
  readonly heartbeat: number | null;
  readonly duration: number | null;
  readonly step: number | null;
  readonly tags: readonly string[];
  readonly group: string | null;
  readonly jobType: string | null;
  readonly notes: string | null;
  readonly config: ReadonlyMap<string, Json>;
  readonly summary: ReadonlyMap<string, Json>;
  /** Number of charts files. */
  readonly groups: number;
  /** Which of them holds which metric. */
  readonly charts: ChartIndex;
  /** 0 for the oldest run of the project: a number that stays the same as runs are added. */
  readonly age: number;
}

type Cells = (name: string) => Json | undefined;

const text = (v: Json | undefined): string | null => (typeof v === "string" ? v : null);
const real = (v: Json | undefined): number | null => (typeof v === "number" ? v : null);

function mapOf(value: Json | undefined): Map<string, Json> {
  return new Map(value && typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : []);
}

function rowOf(cell: Cells, age: number, charts: ChartIndex): Row {
  const heartbeat = real(cell("heartbeat_at"));
  const stored = { state: cell("state") as State, reason: text(cell("reason")) };
  const beat = heartbeat === null ? null : { at: heartbeat, seq: 0 };
  return {
    id: text(cell("id")) ?? "",
    name: text(cell("name")) ?? "",
    ...shownState({ ...stored, heartbeat: beat }, STALE_AFTER_S),
    created: real(cell("created_at")) ?? 0,
    ended: real(cell("ended_at")),
    heartbeat,
    duration: real(cell("duration_s")),
    step: real(cell("last_step")),
    tags: (cell("tags") as string[] | undefined) ?? [],
    group: text(cell("group")),
    jobType: text(cell("job_type")),
    notes: text(cell("notes")),
    config: mapOf(cell("config")),
    summary: mapOf(cell("summary")),
    groups: real(cell("groups")) ?? 0,
    charts,
    age,
  };
}

/** Decode the table; rows come newest first. */
export async function rowsOf(payload: TablePayload): Promise<Row[]> {
  const table = JSON.parse(new TextDecoder().decode(await inflate(payload.z))) as Table;
  const place = new Map(payload.columns.map((name, i) => [name, i]));
  const shared = table.charts.map((list) => new ChartIndex(list, payload.group_size));
  const none = new ChartIndex({ keys: [], goals: {}, hidden: [] }, payload.group_size);
  return table.rows.map((cells, i) => {
    const cell = (name: string) => cells[place.get(name) ?? -1];
    return rowOf(cell, table.rows.length - 1 - i, shared[real(cell("charts")) ?? -1] ?? none);
  });
}

/** Rows in their places, with those that are newer; one that an older page wrote is none. */
export function renewed(rows: readonly Row[], newer: readonly Row[]): Row[] {
  const found = new Map(newer.map((row) => [row.id, row]));
  return rows.map((row) => {
    const fresh = found.get(row.id);
    return fresh && (fresh.heartbeat ?? 0) >= (row.heartbeat ?? 0) ? { ...fresh, age: row.age } : row;
  });
}

/** The rows as their heartbeats say now; null where these say nothing new. */
export function stale(rows: readonly Row[]): Row[] | null {
  let crashed = false;
  const now = rows.map((row) => {
    if (row.state !== "running" || row.heartbeat === null) return row;
    const { state, reason, heartbeat: at } = row;
    const shown = shownState({ state, reason, heartbeat: { at, seq: 0 } }, STALE_AFTER_S);
    if (shown.state === state) return row;
    crashed = true;
    return { ...row, ...shown };
  });
  return crashed ? now : null;
}

/** What a table's `z` holds. */
interface Table {
  readonly charts: readonly ChartList[];
  readonly rows: readonly Json[][];
}

const OWN = new Map<string, (row: Row) => Json>([
  ["name", (r) => r.name],
  ["id", (r) => r.id],
  ["state", (r) => r.state],
  ["reason", (r) => r.reason],
  ["created", (r) => r.created],
  ["ended", (r) => r.ended],
  ["duration", (r) => r.duration],
  ["step", (r) => r.step],
  ["tags", (r) => [...r.tags]],
  ["group", (r) => r.group],
  ["job_type", (r) => r.jobType],
  ["notes", (r) => r.notes],
]);

/** Fields whose numbers are moments, in microseconds. */
export const MOMENTS: ReadonlySet<string> = new Set(["created", "ended"]);

/** What a row holds in a column: one of its own, `config.<key>` or `summary.<key>`. */
export function cell(row: Row, column: string): Json | undefined {
  const own = OWN.get(column);
  if (own) return own(row);
  if (column.startsWith("config.")) return row.config.get(column.slice(7));
  return column.startsWith("summary.") ? row.summary.get(column.slice(8)) : undefined;
}

/** All columns that some run has, the runs' own first. */
export function columnsOf(rows: readonly Row[]): string[] {
  const config = new Set<string>();
  const summary = new Set<string>();
  for (const row of rows) {
    for (const key of row.config.keys()) config.add(key);
    for (const key of row.summary.keys()) summary.add(key);
  }
  const named = (prefix: string, keys: Set<string>) => [...keys].map((k) => `${prefix}.${k}`);
  return [...OWN.keys(), ...named("summary", summary), ...named("config", config)];
}

const LOOK_AT = 300;
const TELLING = /loss|acc|f1|auc|error|reward|score|perplexity/i;

/** Columns to begin with: how each run ended, what is most telling of it, and what differs between runs. */
export function defaultColumns(rows: readonly Row[]): string[] {
  const sample = rows.slice(0, LOOK_AT);
  const columns = columnsOf(sample);
  const varied = (c: string) => new Set(sample.map((r) => JSON.stringify(cell(r, c)))).size > 1;
  const validated = (c: string) => Number(!/val|eval|test/i.test(c));
  const telling = columns.filter((c) => c.startsWith("summary.") && TELLING.test(c));
  const results = telling.sort((a, b) => validated(a) - validated(b)).slice(0, 2);
  const settings = columns
    .filter((c) => c.startsWith("config.") && !/seed/i.test(c) && varied(c))
    .slice(0, 2);
  return ["name", "state", ...results, ...settings, "created", "duration"];
}

/** Order of two values: numbers by size, words by the alphabet; what is absent or NaN comes last either way. */
export function compare(a: Json | undefined, b: Json | undefined, down: boolean): number {
  const absent = (v: Json | undefined) => v === undefined || v === null || v === "NaN";
  if (absent(a) || absent(b)) return Number(absent(a)) - Number(absent(b));
  const sign = down ? -1 : 1;
  if (isNum(a) && isNum(b)) return sign * (Number(a) - Number(b) || 0);
  if (isNum(a) !== isNum(b)) return sign * (isNum(a) ? -1 : 1);
  const [x, y] = [words(a), words(b)];
  return sign * (x < y ? -1 : x > y ? 1 : 0);
}

function words(v: Json | undefined): string {
  return typeof v === "string" ? v.toLowerCase() : JSON.stringify(v);
}

/** Rows by a column (`-` before its name: greatest first); equal ones stay as they are. */
export function sorted(rows: readonly Row[], by: string): Row[] {
  if (!by) return [...rows];
  const down = by.startsWith("-");
  const column = down ? by.slice(1) : by;
  const keyed = rows.map((row) => ({ row, key: cell(row, column) }));
  return keyed.sort((a, b) => compare(a.key, b.key, down)).map(({ row }) => row);
}
