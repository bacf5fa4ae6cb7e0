// Which runs are drawn, and in which colour.
import { COLOURS } from "../charts/palette.ts";
import type { DrawnRun } from "./data.ts";
import type { Leaf } from "./items.ts";
import type { Row } from "./rows.ts";

/** Runs that are drawn without having been asked for: the first of the table. */
export const AUTOMATIC = 10;
/** Runs drawn at most: more lines than that no eye tells apart, and each is a file to load. */
export const MOST = 100;

export interface Choice {
  readonly first: number;
  readonly shown: ReadonlySet<string>;
  readonly hidden: ReadonlySet<string>;
  /** Colours that the reader gave. */
  readonly colours: ReadonlyMap<string, number>;
  /** The run that is drawn wherever it stands. */
  readonly baseline: string;
}

/** What is drawn. */
export interface Drawing {
  readonly runs: readonly DrawnRun[];
  /** Colour of each drawn run, or of each group and the runs in it. */
  readonly slots: ReadonlyMap<string, number>;
  /** What would be drawn without choices. */
  readonly first: ReadonlySet<string>;
  /** Runs that should be drawn, and are too many. */
  readonly left: number;
}

interface Numbered {
  readonly id: string;
  readonly age: number;
}

function wanted<T extends { readonly id: string }>(all: readonly T[], choice: Choice): T[] {
  const { first, shown, hidden, baseline } = choice;
  return all.filter(({ id }, i) => (i < first || id === baseline ? !hidden.has(id) : shown.has(id)));
}

function firstOf(all: readonly { readonly id: string }[], { first, baseline }: Choice): Set<string> {
  return new Set(all.filter(({ id }, i) => i < first || id === baseline).map(({ id }) => id));
}

/** The drawn runs: the table's first but for those hidden, the baseline, and all that were chosen. */
export function drawRuns(
  table: readonly Row[],
  choice: Choice,
  before: ReadonlyMap<string, number>,
): Drawing {
  const all = wanted(table, choice);
  const rows = all.slice(0, MOST);
  const slots = colourSlots(rows, before, choice.colours);
  const runs = rows.map((row) => ({ row, slot: slots.get(row.id)!, group: null }));
  return { runs, slots, first: firstOf(table, choice), left: all.length - rows.length };
}

/** The drawn groups, each with as many of its runs as are its share. */
export function drawGroups(
  leaves: readonly Leaf[],
  choice: Choice,
  before: ReadonlyMap<string, number>,
): Drawing {
  const groups = wanted(leaves, choice).slice(0, MOST);
  const all = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  const each = all <= MOST ? MOST : Math.max(1, Math.floor(MOST / groups.length));
  const numbered = groups.map(({ id }) => ({ id, age: leaves.findIndex((leaf) => leaf.id === id) }));
  const slots = colourSlots(numbered, before, choice.colours);
  const runs = groups.flatMap(({ id, label, rows }) =>
    rows.slice(0, each).map((row) => ({ row, slot: slots.get(id)!, group: { id, label } })),
  );
  const shades = new Map([...slots, ...runs.map(({ row, slot }) => [row.id, slot] as const)]);
  return { runs, slots: shades, first: firstOf(leaves, choice), left: all - runs.length };
}

/**
 * A colour for each drawn run. First come those that the reader gave; one that had a colour keeps it; a new
 * one gets that of its age, so that ten runs in a row differ, or else the first that is free. Past ten,
 * slots go on with dashes.
 */
export function colourSlots(
  runs: readonly Numbered[],
  before: ReadonlyMap<string, number>,
  given: ReadonlyMap<string, number> = new Map(),
): Map<string, number> {
  const slots = new Map<string, number>();
  const used = new Set<number>();
  const give = (id: string, slot: number) => {
    slots.set(id, slot);
    used.add(slot);
  };
  for (const { id } of runs) if (given.has(id)) give(id, given.get(id)!);
  for (const { id } of runs) {
    const had = before.get(id);
    if (had !== undefined && !slots.has(id) && !used.has(had)) give(id, had);
  }
  for (const { id, age } of runs) {
    if (slots.has(id)) continue;
    let slot = age % COLOURS;
    if (used.has(slot)) slot = 0;
    while (used.has(slot)) slot += 1;
    give(id, slot);
  }
  return slots;
}
