// The x axis of a chart: steps, time since the run's start, or wall time.
import type { Series } from "../data/codec.ts";
import { absolute, count, duration, number } from "../format.ts";
import { durationLabel, durationTicks, tickLabels, wallLabel, wallTicks, wholeTicks } from "./ticks.ts";

export type XAxis = "step" | "relative" | "wall";

export function parseAxis(text: string): XAxis {
  return text === "relative" || text === "wall" ? text : "step";
}

/** Where each point lies on the axis, in steps or seconds; `start` is the run's, in microseconds. */
export function positions(series: Series, axis: XAxis, start: number): Float64Array {
  if (axis === "step") return series.step;
  return axis === "relative" ? series.time.map((t) => (t - start) / 1e6) : series.time.map((t) => t / 1e6);
}

/** The order that makes `x` ascend, or null where it does already (times may not ascend with steps). */
export function ascending(x: Float64Array): Uint32Array | null {
  let sorted = true;
  for (let i = 1; i < x.length && sorted; i++) sorted = x[i - 1]! <= x[i]!;
  if (sorted) return null;
  return Uint32Array.from(x.keys()).sort((a, b) => x[a]! - x[b]!);
}

export function axisTicks(axis: XAxis, low: number, high: number, most: number): number[] {
  if (axis === "step") return wholeTicks(low, high, most);
  if (axis === "relative") return durationTicks(low, high, most);
  const offset = -new Date(low * 1000).getTimezoneOffset() * 60;
  return wallTicks(low, high, most, offset);
}

export function axisLabels(axis: XAxis, ticks: readonly number[]): string[] {
  if (axis === "step") return tickLabels(ticks);
  const gap = ticks.length > 1 ? ticks[1]! - ticks[0]! : 1;
  return ticks.map((t) => (axis === "relative" ? durationLabel(t, gap) : wallLabel(t, gap)));
}

/** One place on the axis in words: `step 1,200`, `3 m 20 s`, a date. */
export function axisWords(axis: XAxis, x: number): string {
  if (axis === "step") return `step ${Number.isInteger(x) ? count(x) : number(x, 7)}`;
  return axis === "relative" ? duration(x) : absolute(x * 1e6);
}
