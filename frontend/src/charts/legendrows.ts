// Where the entries of a legend stand: pure, apart from what draws them.
import type { Line, Reading } from "./line.ts";

export interface LegendEntry {
  readonly label: string;
  /** Colour and dash, as of a run. */
  readonly slot: number;
}

const EDGE = 12;
const SAMPLE = 18;

export interface Placed extends LegendEntry {
  readonly x: number;
  readonly row: number;
}

/** Entries one after the other, in as many rows as they need; `widthOf` measures a text. */
export function legendRows(
  entries: readonly LegendEntry[],
  width: number,
  widthOf: (text: string) => number,
): Placed[] {
  let x = EDGE;
  let row = 0;
  return entries.map((entry) => {
    const wide = SAMPLE + 6 + widthOf(entry.label) + 16;
    if (x > EDGE && x + wide > width - EDGE) [x, row] = [EDGE, row + 1];
    const placed = { ...entry, x, row };
    x += wide;
    return placed;
  });
}

export interface Ranked {
  readonly line: Line;
  readonly value: number;
}

/** Lines with the value to show, the greatest first; those without one last. */
export function ranked(lines: readonly Line[], readings: readonly Reading[]): Ranked[] {
  const under = new Map(readings.map((reading) => [reading.line, reading.smoothed ?? reading.value]));
  const entries = lines.map((line) => ({ line, value: under.get(line) ?? line.y.at(-1) ?? Number.NaN }));
  return entries.sort((a, b) => {
    if (Number.isNaN(a.value) || Number.isNaN(b.value))
      return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
    return a.value > b.value ? -1 : a.value < b.value ? 1 : 0;
  });
}
