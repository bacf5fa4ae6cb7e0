// Values with a unit: what an axis and a crosshair say of them.
import { number } from "../format.ts";
import { tickLabels } from "./ticks.ts";

export type Unit = "%" | "B" | "B/s" | "\u00b0C" | "W" | "MHz";

const SUFFIXES: readonly (readonly [string, Unit])[] = [
  ["_percent", "%"],
  ["_bytes", "B"],
  ["_bytes_per_s", "B/s"],
  ["_celsius", "\u00b0C"],
  ["_watts", "W"],
  ["_mhz", "MHz"],
];
const SCALES: readonly (readonly [number, string])[] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** The unit that a metric's name tells. */
export function unitOf(key: string): Unit | null {
  return SUFFIXES.find(([suffix]) => key.endsWith(suffix))?.[1] ?? null;
}

/** A name without its unit, as words. */
export function wordsOf(key: string): string {
  const suffix = SUFFIXES.map(([s]) => s).find((s) => key.endsWith(s)) ?? "";
  return key.slice(0, key.length - suffix.length).replace(/_/g, " ");
}

function scaleOf(size: number, unit: Unit): readonly [number, string] {
  const scaled = unit === "B" || unit === "B/s";
  return (scaled && SCALES.find(([s]) => size >= s)) || [1, ""];
}

/** Labels of an axis, all in one unit. */
export function unitLabels(ticks: readonly number[], unit: Unit): string[] {
  const [scale, prefix] = scaleOf(Math.max(...ticks.map(Math.abs), 0), unit);
  const space = unit === "%" || unit === "\u00b0C" ? "" : " ";
  return tickLabels(ticks.map((t) => t / scale)).map((label) => label + space + prefix + unit);
}

/** One value with its unit: `12.3 GB`, `45%`. */
export function withUnit(x: number, unit: Unit | null, digits = 4): string {
  if (!unit || !Number.isFinite(x)) return number(x, digits);
  const [scale, prefix] = scaleOf(Math.abs(x), unit);
  const space = unit === "%" || unit === "\u00b0C" ? "" : "\u00a0";
  return number(Number((x / scale).toPrecision(digits)), digits) + space + prefix + unit;
}
