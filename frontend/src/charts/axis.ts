// The x axis of a chart: steps, time since the run's start, wall time, or another metric.
import type { Series } from "../data/codec.ts";
import { absolute, count, duration, number } from "../format.ts";
import { lowerBound } from "./range.ts";
import {
  durationLabel,
  durationTicks,
  linearTicks,
  tickLabels,
  wallLabel,
  wallTicks,
  wholeTicks,
} from "./ticks.ts";

/** A colon before the name of a metric. */
export type XAxis = "step" | "relative" | "wall" | `:${string}`;

/** Null where the text names no axis. */
export function parseAxis(text: string): XAxis | null {
  return text === "step" || text === "relative" || text === "wall" || isMetric(text) ? text : null;
}

function isMetric(text: string): text is `:${string}` {
  return text.startsWith(":");
}

/** The metric that is the axis; null where none is. */
export function metricOf(axis: XAxis): string | null {
  return isMetric(axis) ? axis.slice(1) : null;
}

/**
 * Where each point lies on the axis: in steps, seconds, or values of the metric `along` at the same step;
 * `start` is the run's, in microseconds. NaN has no place.
 */
export function positions(
  series: Series,
  axis: XAxis,
  start: number,
  along: Series | null = null,
): Float64Array {
  if (axis === "step") return series.step;
  if (isMetric(axis)) return series.step.map((step) => (along ? valueAt(along, step) : Number.NaN));
  return axis === "relative" ? series.time.map((t) => (t - start) / 1e6) : series.time.map((t) => t / 1e6);
}

/** A metric's value at a step, on the straight line between its neighbours; NaN before the first and after the last. */
export function valueAt(series: Series, step: number): number {
  const { step: steps, value } = series;
  const i = lowerBound(steps, step);
  if (steps[i] === step) return value[i]!;
  if (i === 0 || i === steps.length) return Number.NaN;
  const share = (step - steps[i - 1]!) / (steps[i]! - steps[i - 1]!);
  return value[i - 1]! + (value[i]! - value[i - 1]!) * share;
}

/**
 * The order that makes `x` ascend, without those that have no place; null where it ascends already
 * (times may not ascend with steps, and an infinity has no place either).
 */
export function ascending(x: Float64Array): Uint32Array | null {
  let sorted = true;
  for (let i = 0; i < x.length && sorted; i++)
    sorted = Number.isFinite(x[i]) && (i === 0 || x[i - 1]! <= x[i]!);
  if (sorted) return null;
  const placed = Uint32Array.from(x.keys()).filter((i) => Number.isFinite(x[i]));
  return placed.sort((a, b) => x[a]! - x[b]!);
}

export function axisTicks(axis: XAxis, low: number, high: number, most: number): number[] {
  if (axis === "step") return wholeTicks(low, high, most);
  if (isMetric(axis)) return linearTicks(low, high, most);
  if (axis === "relative") return durationTicks(low, high, most);
  const offset = -new Date(low * 1000).getTimezoneOffset() * 60;
  return wallTicks(low, high, most, offset);
}

export function axisLabels(axis: XAxis, ticks: readonly number[]): string[] {
  if (axis === "step" || isMetric(axis)) return tickLabels(ticks);
  const gap = ticks.length > 1 ? ticks[1]! - ticks[0]! : 1;
  return ticks.map((t) => (axis === "relative" ? durationLabel(t, gap) : wallLabel(t, gap)));
}

/** One place on the axis in words: `step 1,200`, `3 m 20 s`, a date. */
export function axisWords(axis: XAxis, x: number): string {
  if (axis === "step") return `step ${Number.isInteger(x) ? count(x) : number(x, 7)}`;
  if (isMetric(axis)) return `${axis.slice(1, 60)} ${number(x, 6)}`;
  return axis === "relative" ? duration(x) : absolute(x * 1e6);
}
