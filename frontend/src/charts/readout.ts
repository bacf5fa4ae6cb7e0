// The figures of a chart in words: what a head shows, what a screen reader hears.
import { count, number, short } from "../format.ts";
import type { Reading, Trace } from "./line.ts";
import type { Facts } from "./source.ts";

export interface Figures {
  readonly value: number;
  readonly range: string;
  /** Whether there is a value at all. */
  readonly known: boolean;
}

/** From the least to the greatest value; nothing where they are one. */
export function span(min: number, max: number): string {
  if (Number.isNaN(min) || Number.isNaN(max)) return "";
  return min === max ? "" : `${short(min, 3)} \u2013 ${short(max, 3)}`;
}

/** At rest: the last value, and the least and greatest of all. */
export function figures(facts: Facts | null): Figures {
  if (!facts) return { value: Number.NaN, range: "", known: false };
  return { value: facts.last, range: span(facts.min, facts.max), known: true };
}

/** Under the crosshair: the value there, and the band where a point stands for several steps. */
export function hoverFigures(reading: Reading): Figures {
  const { value, min, max, smoothed } = reading;
  const band = min !== null && max !== null ? span(min, max) : "";
  return { value, range: band || (smoothed === null ? "" : `~ ${number(smoothed, 3)}`), known: true };
}

/** How fine the drawn points are: `1,000,000 points, 256 steps in one drawn`. */
export function resolution(traces: readonly Trace[]): string {
  const points = traces.reduce((sum, { series }) => sum + series.count, 0);
  const width = Math.max(1, ...traces.map(({ series }) => series.width));
  const all = `${count(points)} point${points === 1 ? "" : "s"}`;
  return width === 1
    ? `${all}, each drawn`
    : `${all}; one drawn is up to ${count(width)} steps, as mean and range`;
}

/** What the chart shows, for those who cannot see it. */
export function chartSummary(
  key: string,
  facts: Facts | null,
  traces: readonly Trace[],
  log: boolean,
): string {
  const scale = log ? ", log scale" : "";
  if (facts) {
    const odd = facts.nonfinite ? `, ${facts.nonfinite} not finite` : "";
    const edges = `lowest ${number(facts.min)}, highest ${number(facts.max)}`;
    return `${key}: last ${number(facts.last)}, ${edges}${odd}${scale}`;
  }
  return `${key}: ${traces.length} run${traces.length === 1 ? "" : "s"}${scale}`;
}
