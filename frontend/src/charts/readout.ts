// The figures of a chart in words: what a head shows, what a screen reader hears.
import { count, duration, number, short } from "../format.ts";
import type { Reading, Trace } from "./line.ts";
import type { Facts } from "./source.ts";
import { type Unit, withUnit } from "./unit.ts";

export interface Figures {
  readonly value: number;
  readonly range: string;
  /** Whether there is a value at all. */
  readonly known: boolean;
}

/** From the least to the greatest value; nothing where they are one. */
export function span(min: number, max: number, unit: Unit | null = null): string {
  if (Number.isNaN(min) || Number.isNaN(max)) return "";
  return min === max ? "" : `${valueWords(min, unit, 3)} \u2013 ${valueWords(max, unit, 3)}`;
}

/** A value for narrow places, with its unit where it has one. */
export function valueWords(x: number, unit: Unit | null | undefined, digits = 4): string {
  return unit ? withUnit(x, unit, digits) : short(x, digits);
}

/** At rest: the last value, and the least and greatest of all. */
export function figures(facts: Facts | null): Figures {
  if (!facts) return { value: Number.NaN, range: "", known: false };
  return { value: facts.last, range: span(facts.min, facts.max, facts.unit), known: true };
}

/** Under the crosshair: the value there, and the band where a point stands for several steps. */
export function hoverFigures(reading: Reading): Figures {
  const { value, min, max, smoothed } = reading;
  const band = min !== null && max !== null ? span(min, max, reading.line.trace.unit) : "";
  return { value, range: band || (smoothed === null ? "" : `~ ${number(smoothed, 3)}`), known: true };
}

/** How fine the drawn points are: `1,000,000 points, 256 steps in one drawn`. */
export function resolution(traces: readonly Trace[]): string {
  const points = traces.reduce((sum, { series }) => sum + series.count, 0);
  const width = Math.max(1, ...traces.map(({ series }) => series.width));
  const all = `${count(points)} point${points === 1 ? "" : "s"}`;
  if (width > 1 && traces.some(({ sampled }) => sampled))
    return `${all}; one drawn is of up to ${duration(width / 1000)}, as mean and range`;
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
    const words = (x: number) => withUnit(x, facts.unit ?? null);
    const edges = `lowest ${words(facts.min)}, highest ${words(facts.max)}`;
    return `${key}: last ${words(facts.last)}, ${edges}${odd}${scale}`;
  }
  return `${key}: ${traces.length} run${traces.length === 1 ? "" : "s"}${scale}`;
}
