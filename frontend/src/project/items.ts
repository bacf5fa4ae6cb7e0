// What the table lists: runs, or groups of runs with equal values that fold.
import { value as words } from "../format.ts";
import type { Json } from "../types.ts";
import { columnTitle } from "./cells.ts";
import { cell, compare, type Row } from "./rows.ts";

export interface RunItem {
  readonly kind: "run";
  readonly row: Row;
  readonly depth: number;
}

export interface GroupItem {
  readonly kind: "group";
  /** The values that its runs share, as JSON: the same on every visit. */
  readonly id: string;
  /** `optimizer = adam`. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly depth: number;
  readonly open: boolean;
  /** The groups within that are not divided further, itself where it is one. */
  readonly leaves: readonly Leaf[];
}

/** A group that is drawn as one line. */
export interface Leaf {
  readonly id: string;
  readonly label: string;
  readonly rows: readonly Row[];
}

export type Item = RunItem | GroupItem;

/** The runs as they are, or in groups of equal values of the columns `by`; those in `open` list what they hold. */
export function itemsOf(
  rows: readonly Row[],
  by: readonly string[],
  open: ReadonlySet<string>,
  sort: string,
): Item[] {
  if (!by.length) return rows.map((row) => ({ kind: "run", row, depth: 0 }));
  return groupItems(rows, by, open, sort, [], []);
}

/** The groups that are not divided further. */
export function leavesOf(items: readonly Item[]): Leaf[] {
  return items.flatMap((item) => (item.kind === "group" && item.depth === 0 ? item.leaves : []));
}

function groupItems(
  rows: readonly Row[],
  by: readonly string[],
  open: ReadonlySet<string>,
  sort: string,
  above: readonly Json[],
  labels: readonly string[],
): Item[] {
  const [column = "", ...further] = by;
  const groups = divided(rows, column).map(({ value, members }) => {
    const path = [...above, value];
    const id = JSON.stringify(path);
    const label = `${columnTitle(column)} = ${value === null ? "\u2013" : words(value)}`;
    const inner = [...labels, label];
    const below = further.length
      ? groupItems(members, further, open, sort, path, inner)
      : members.map((row): Item => ({ kind: "run", row, depth: above.length + 1 }));
    const leaves = further.length
      ? below.flatMap((item) => (item.kind === "group" && item.depth === above.length + 1 ? item.leaves : []))
      : [{ id, label: inner.join(", "), rows: members }];
    const opened = open.has(id);
    const head: GroupItem = {
      kind: "group",
      id,
      label,
      rows: members,
      depth: above.length,
      open: opened,
      leaves,
    };
    return { head, below: opened ? below : [] };
  });
  return ranked(groups, sort).flatMap(({ head, below }) => [head, ...below]);
}

/** Rows by their value in a column, in order of their first; what is absent and null are one. */
function divided(rows: readonly Row[], column: string): { value: Json; members: Row[] }[] {
  const groups = new Map<string, { value: Json; members: Row[] }>();
  for (const row of rows) {
    const value = cell(row, column) ?? null;
    const key = JSON.stringify(value);
    const group = groups.get(key);
    if (group) group.members.push(row);
    else groups.set(key, { value, members: [row] });
  }
  return [...groups.values()];
}

/** Groups by the mean of the column that rows are sorted by, where it has numbers; else as their first rows are. */
function ranked<T extends { readonly head: GroupItem }>(groups: readonly T[], sort: string): T[] {
  const down = sort.startsWith("-");
  const column = down ? sort.slice(1) : sort;
  if (!column) return [...groups];
  const keyed = groups.map((group) => ({ group, mean: aggregate(group.head.rows, column).mean }));
  if (keyed.every(({ mean }) => mean === null)) return [...groups];
  return keyed.sort((a, b) => compare(a.mean, b.mean, down)).map(({ group }) => group);
}

/** What the runs of a group have in a column. */
export interface Aggregate {
  /** Of the finite numbers; null where there are none. */
  readonly mean: number | null;
  readonly min: number;
  readonly max: number;
  readonly numbers: number;
  /** How many values differ, and the first of them. */
  readonly distinct: number;
  readonly first: Json | undefined;
}

export function aggregate(rows: readonly Row[], column: string): Aggregate {
  const numbers: number[] = [];
  const seen = new Map<string, Json>();
  for (const row of rows) {
    const v = cell(row, column);
    if (v === undefined || v === null) continue;
    if (typeof v === "number") numbers.push(v);
    seen.set(JSON.stringify(v), v);
  }
  return {
    mean: numbers.length ? numbers.reduce((sum, v) => sum + v / numbers.length, 0) : null,
    min: numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    max: numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    numbers: numbers.length,
    distinct: seen.size,
    first: seen.values().next().value,
  };
}
