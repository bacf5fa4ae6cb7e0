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
  /** The metric that is the x axis, where one is; null where the run has it not. */
  readonly along?: Series | null;
  /** Runs of one group are drawn as one line. */
  readonly group?: Group | null;
}

/** Runs that are drawn as one line, with the colour that they share. */
export interface Group {
  readonly id: string;
  readonly label: string;
}

/** Whether two lists draw the same. */
export function sameTraces(a: readonly Trace[], b: readonly Trace[]): boolean {
  return a.length === b.length && a.every((t, i) => sameTrace(t, b[i]!));
}

function sameTrace(a: Trace, b: Trace): boolean {
  return a.series === b.series && a.slot === b.slot && a.along === b.along && a.group?.id === b.group?.id;
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

/** Lay a trace out along an axis, on a log scale where `log`; points that have no place on it are left out. */
export function lineOf(trace: Trace, axis: XAxis, by: Smoothing, log = false): Line {
  const { series } = trace;
  const places = positions(series, axis, trace.start, trace.along ?? null);
  const x = log ? places.map((at) => (at > 0 ? at : Number.NaN)) : places;
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
export function wholeOf(lines: readonly Line[], log = false): Range {
  let whole: Range | null = null;
  for (const { x } of lines) if (x.length) whole = union(whole, [x[0]!, x[x.length - 1]!]);
  if (!whole) return log ? [1, 10] : [0, 1];
  if (whole[0] < whole[1]) return whole;
  return log ? [whole[0] / 2, whole[0] * 2] : [whole[0] - 0.5, whole[0] + 0.5];
}

/** The part of a range that a log scale has a place for; the whole range of the lines where none has. */
export function positive(range: Range, lines: readonly Line[]): Range {
  const whole = wholeOf(lines, true);
  const low = range[0] > 0 ? range[0] : Math.min(whole[0], range[1] / 10);
  return range[1] > 0 ? [low, range[1]] : whole;
}

/**
 * The y range, in axis units, that shows everything between two x: the band and the raw line too; with
 * `cut` only what lies near the bulk of the values.
 */
export function heightOf(lines: readonly Line[], range: Range, log: boolean, cut = false): Range {
  let height: Range | null = null;
  for (const line of lines) {
    const [from, to] = window(line.x, range);
    const parts = [line.y, line.raw, line.min, line.max].filter((a) => a !== null);
    height = union(height, extent(parts, from, to, log));
  }
  if (!cut || !height) return padded(height, log);
  const bulk = bulkOf(usable(lines, range, log));
  return padded([Math.max(height[0], bulk[0]), Math.min(height[1], bulk[1])], log);
}

/** The values within a range that the scale has a place for. */
function usable(lines: readonly Line[], range: Range, log: boolean): Float64Array {
  return joined(
    lines.map((line) => {
      const [from, to] = window(line.x, range);
      const values = (line.raw ?? line.y).subarray(from, to);
      return values.filter((v) => Number.isFinite(v) && (!log || v > 0));
    }),
  );
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The middle nine tenths of the values, and half as much on either side: what is beyond is an outlier. */
export function bulkOf(values: Float64Array): Range {
  const sorted = values.slice().sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const [low, high] = [at(0.05), at(0.95)];
  const room = high / 2 - low / 2;
  return room > 0 ? [low - room, high + room] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

/** How many finite values within a range lie above or below the axis. */
export function beyond(lines: readonly Line[], range: Range, height: Range, log: boolean): number {
  const low = log ? 10 ** height[0] : height[0];
  const high = log ? 10 ** height[1] : height[1];
  return usable(lines, range, log).reduce((n, v) => n + Number(v < low || v > high), 0);
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

/** The step of a line at a place on the x axis; NaN where it has no points. */
export function stepAt(line: Line | undefined, x: number): number {
  return line?.step[nearest(line.x, x)] ?? Number.NaN;
}

/** The place on the x axis of the point that is nearest to a step; null where there is none. */
export function placeOfStep(line: Line | undefined, step: number): number | null {
  let best: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  line?.step.forEach((own, i) => {
    const apart = Math.abs(own - step);
    if (apart < least) [least, best] = [apart, line.x[i]!];
  });
  return best;
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
