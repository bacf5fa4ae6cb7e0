// Which runs are drawn, and in which colour.
import { COLOURS } from "../charts/palette.ts";
import type { Row } from "./rows.ts";

/** Runs that are drawn without having been asked for: the first of the table. */
export const AUTOMATIC = 10;

/** The drawn runs: the table's first ten but for those hidden, and all that were chosen. */
export function visibleRuns(
  table: readonly Row[],
  shown: ReadonlySet<string>,
  hidden: ReadonlySet<string>,
): Row[] {
  return table.filter((row, i) => (i < AUTOMATIC ? !hidden.has(row.id) : shown.has(row.id)));
}

/**
 * A colour for each drawn run. One that had a colour keeps it; a new one gets that of its age, so that
 * ten runs in a row differ, or else the first that is free. Past ten, slots go on with dashes.
 */
export function colourSlots(runs: readonly Row[], before: ReadonlyMap<string, number>): Map<string, number> {
  const slots = new Map<string, number>();
  const used = new Set<number>();
  const give = (id: string, slot: number) => {
    slots.set(id, slot);
    used.add(slot);
  };
  for (const { id } of runs) {
    const had = before.get(id);
    if (had !== undefined && !used.has(had)) give(id, had);
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
