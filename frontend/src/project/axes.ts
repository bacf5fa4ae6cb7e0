// A column of the table as an axis: numbers (plain or log), moments, or words side by side.
import { linearTicks, logLabel, logTicks, tickLabels, wallLabel, wallTicks } from "../charts/ticks.ts";
import { isNum, number, value as words } from "../format.ts";
import type { Json } from "../types.ts";
import type { Brush } from "./brush.ts";
import { cell, MOMENTS, type Row } from "./rows.ts";

/** From here on, one great value over a small one, positive numbers lie on a log scale by themselves. */
const LOG_FROM = 50;
/** The same for few different values: those of a setting are chosen, not spread by chance. */
const LOG_FROM_OF_FEW = 10;
const FEW = 8;
const MOST_TICKS = 10;

export interface Tick {
  /** From 0, the low end, to 1. */
  readonly at: number;
  readonly label: string;
}

export interface ColumnAxis {
  readonly column: string;
  readonly log: boolean;
  /** Whether a log scale has a place for all numbers; null for words. */
  readonly canLog: boolean | null;
  /** Where a run lies, from 0 to 1; null where it has no value with a place. */
  place(row: Row): number | null;
  ticks(most: number): Tick[];
  /** What the two ends are called. */
  readonly ends: readonly [string, string];
  /** What lies between two places. */
  brush(from: number, to: number): Brush;
  /** Between which places a brush lies; null where it fits nothing here. */
  span(brush: Brush): [number, number] | null;
}

/** The axis of a column over these runs; `flipped` turns the scale that it would have into the other. */
export function axisOf(rows: readonly Row[], column: string, flipped = false): ColumnAxis {
  const values = rows.map((row) => cell(row, column)).filter((v) => v !== undefined && v !== null);
  const numbers = values.filter(isNum).map(Number);
  if (!numbers.length || numbers.length < values.length) return wordAxis(values, column);
  return numberAxis(numbers.filter(Number.isFinite), column, flipped);
}

function numberAxis(numbers: readonly number[], column: string, flipped: boolean): ColumnAxis {
  const low = numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const canLog = low > 0;
  const few = new Set(numbers).size <= FEW;
  const log = canLog && spread(numbers) >= (few ? LOG_FROM_OF_FEW : LOG_FROM) !== flipped;
  const scale = (v: number) => (log ? Math.log10(v) : v);
  const [from, to] = low <= high ? widened(scale(low), scale(high)) : [0, 1];
  // Halves: the difference of two numbers may be more than a number holds.
  const share = (v: number) => (scale(v) / 2 - from / 2) / (to / 2 - from / 2);
  const valueAt = (at: number) => {
    const v = from + (to / 2 - from / 2) * at * 2;
    return log ? 10 ** v : v;
  };
  return {
    column,
    log,
    canLog,
    ends: MOMENTS.has(column) ? ["earliest", "latest"] : [number(low, 3), number(high, 3)],
    place: (row) => {
      const v = cell(row, column);
      return isNum(v) && Number.isFinite(Number(v)) ? share(Number(v)) : null;
    },
    ticks: (most) => {
      // Settings mostly have few values, which say more than round numbers between them.
      const few = [...new Set(numbers)].sort((a, b) => a - b);
      if (few.length <= Math.min(most, FEW) && !MOMENTS.has(column))
        return few.map((v) => ({ at: share(v), label: number(v, 4) }));
      return ticksOf(from, to, Math.min(most, MOST_TICKS), log, MOMENTS.has(column));
    },
    brush: (a, b) => ({ column, low: valueAt(a), high: valueAt(b), values: null }),
    span: (brush) => {
      if (brush.values || (log && brush.high <= 0)) return null;
      const bottom = log && brush.low <= 0 ? 0 : share(brush.low);
      return [Math.max(0, bottom), Math.min(1, share(brush.high))];
    },
  };
}

/** A great value over a small one; not the very ends, which chance makes. */
function spread(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return at(0.95) / at(0.05);
}

function widened(low: number, high: number): [number, number] {
  return low === high ? [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2] : [low, high];
}

function ticksOf(from: number, to: number, most: number, log: boolean, moment: boolean): Tick[] {
  const at = (t: number) => (t / 2 - from / 2) / (to / 2 - from / 2);
  if (moment) {
    const offset = -new Date(from / 1000).getTimezoneOffset() * 60;
    const ticks = wallTicks(from / 1e6, to / 1e6, most, offset);
    const gap = ticks.length > 1 ? ticks[1]! - ticks[0]! : 1;
    return ticks.map((t) => ({ at: at(t * 1e6), label: wallLabel(t, gap) }));
  }
  const ticks = log ? logTicks(from, to, most) : linearTicks(from, to, most);
  const labels = log ? ticks.map(logLabel) : tickLabels(ticks);
  return ticks.map((t, i) => ({ at: at(t), label: labels[i]! }));
}

function wordAxis(values: readonly Json[], column: string): ColumnAxis {
  const text = (v: Json) => words(v, 17);
  const all = [...new Set(values.map(text))].sort((a, b) => (a < b ? -1 : 1));
  const places = new Map(all.map((word, i) => [word, (i + 0.5) / all.length]));
  return {
    column,
    log: false,
    canLog: null,
    ends: [all[0] ?? "", all.at(-1) ?? ""],
    place: (row) => {
      const v = cell(row, column);
      return v === undefined || v === null ? null : (places.get(text(v)) ?? null);
    },
    ticks: (most) => {
      const stride = Math.ceil(all.length / Math.max(1, most));
      return all
        .filter((_, i) => i % stride === 0)
        .map((word) => ({ at: places.get(word)!, label: word || "(empty)" }));
    },
    brush: (a, b) => {
      const inside = all.filter((word) => places.get(word)! >= a && places.get(word)! <= b);
      return { column, low: Number.NaN, high: Number.NaN, values: inside };
    },
    span: ({ values: marked }) => {
      const at = (marked ?? []).map((word) => places.get(word)).filter((place) => place !== undefined);
      if (!at.length) return null;
      const half = 0.5 / all.length;
      return [Math.min(...at) - half, Math.max(...at) + half];
    },
  };
}

/** A run's value in a column, in words. */
export function valueWords(row: Row, column: string): string {
  const v = cell(row, column);
  if (v === undefined || v === null) return "\u2013";
  if (MOMENTS.has(column) && typeof v === "number") return new Date(v / 1000).toLocaleString();
  return isNum(v) ? number(Number(v), 5) : words(v).slice(0, 120);
}
