// From a decoded series to what a chart draws: pure, apart from the canvas.
import type { Series } from "../data/codec.ts";
import { ascending, positions, type XAxis } from "./axis.ts";
import { extent, lowerBound, nearest, padded, type Range, union, window } from "./range.ts";
import { type Smoothing, smooth } from "./smooth.ts";
import type { Unit } from "./unit.ts";

/** A series of one run, with the colour that the run has on the page. */
export interface Trace {
  readonly run: string;
  readonly label: string;
  readonly slot: number;
  /** The run's start in microseconds: zero of relative time. */
  readonly start: number;
  readonly series: Series;
  readonly unit?: Unit | null;
  /** Whether its points are samples over time, whose steps mean nothing to a reader. */
  readonly sampled?: boolean;
}

/** Whether two lists draw the same. */
export function sameTraces(a: readonly Trace[], b: readonly Trace[]): boolean {
  return a.length === b.length && a.every((t, i) => t.series === b[i]!.series && t.slot === b[i]!.slot);
}

export interface Line {
  readonly trace: Trace;
  readonly x: Float64Array;
  /** As drawn: smoothed where smoothing is on. */
  readonly y: Float64Array;
  /** The values themselves, drawn faint under a smoothed line; else null. */
  readonly raw: Float64Array | null;
  readonly min: Float64Array | null;
  readonly max: Float64Array | null;
  readonly step: Float64Array;
}

/** Lay a trace out along an axis. */
export function lineOf(trace: Trace, axis: XAxis, by: Smoothing): Line {
  const { series } = trace;
  const x = positions(series, axis, trace.start);
  const order = ascending(x);
  const sorted = (a: Float64Array) => (order ? Float64Array.from(order, (i) => a[i]!) : a);
  const value = sorted(series.value);
  const y = smooth(value, by);
  return {
    trace,
    x: sorted(x),
    y,
    raw: y === value ? null : value,
    min: series.min && sorted(series.min),
    max: series.max && sorted(series.max),
    step: sorted(series.step),
  };
}

/** From the first to the last point of all lines; a range of some width even for one point. */
export function wholeOf(lines: readonly Line[]): Range {
  let whole: Range | null = null;
  for (const { x } of lines) if (x.length) whole = union(whole, [x[0]!, x[x.length - 1]!]);
  if (!whole) return [0, 1];
  return whole[0] === whole[1] ? [whole[0] - 0.5, whole[1] + 0.5] : whole;
}

/** The y range, in axis units, that shows everything between two x: the band and the raw line too. */
export function heightOf(lines: readonly Line[], range: Range, log: boolean): Range {
  let height: Range | null = null;
  for (const line of lines) {
    const [from, to] = window(line.x, range);
    const parts = [line.y, line.raw, line.min, line.max].filter((a) => a !== null);
    height = union(height, extent(parts, from, to, log));
  }
  return padded(height, log);
}

/** Whether any line has a point between two x. */
export function hasPoints(lines: readonly Line[], range: Range): boolean {
  return lines.some(({ x }) => {
    const first = x[lowerBound(x, range[0])];
    return first !== undefined && first <= range[1];
  });
}

/** How many finite values within a range a log scale has no place for. */
export function notPositive(lines: readonly Line[], range: Range): number {
  let n = 0;
  for (const { x, y, raw } of lines) {
    const values = raw ?? y;
    const [from, to] = window(x, range);
    for (let i = from; i < to; i++) if (Number.isFinite(values[i]) && values[i]! <= 0) n += 1;
  }
  return n;
}

/** What a chart says of one line at a place on the x axis. */
export interface Reading {
  readonly line: Line;
  readonly index: number;
  readonly x: number;
  readonly step: number;
  readonly value: number;
  readonly min: number | null;
  readonly max: number | null;
  /** The smoothed value, where smoothing is on. */
  readonly smoothed: number | null;
}

export function readingAt(line: Line, x: number): Reading | null {
  const index = nearest(line.x, x);
  if (index < 0) return null;
  return {
    line,
    index,
    x: line.x[index]!,
    step: line.step[index]!,
    value: (line.raw ?? line.y)[index]!,
    min: line.min?.[index] ?? null,
    max: line.max?.[index] ?? null,
    smoothed: line.raw ? line.y[index]! : null,
  };
}
