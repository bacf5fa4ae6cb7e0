// Where an axis has its ticks, and what they say.
import { number } from "../format.ts";

/** Round steps 1, 2, 5 times a power of ten: the smallest that gives at most `most` ticks. */
export function niceStep(span: number, most: number): number {
  const raw = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((f) => f * power >= raw * 0.999999) ?? 10;
  return factor * power;
}

function multiples(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  if (!Number.isFinite(first) || last - first > 1000) return [];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

/** Ticks of a linear axis. */
export function linearTicks(low: number, high: number, most: number): number[] {
  // A part of it, where the width of the range is more than a number holds.
  if (!Number.isFinite(high - low)) return linearTicks(low / 16, high / 16, most).map((tick) => tick * 16);
  const step = niceStep(high - low, most);
  return multiples(low, high, step).map((t) => Number(t.toPrecision(15)));
}

/** Ticks of an axis of whole numbers (steps). */
export function wholeTicks(low: number, high: number, most: number): number[] {
  return multiples(low, high, Math.max(1, niceStep(high - low, most)));
}

/** Ticks of a log axis, in decades: powers of ten, with 2 and 5 between where there are few of them. */
export function logTicks(low: number, high: number, most: number): number[] {
  const decades = high - low;
  if (decades > most) return multiples(low, high, Math.ceil(decades / most));
  const within = decades > most / 2 ? [1] : decades > most / 3.5 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let d = Math.floor(low); d <= high; d++) ticks.push(...within.map((f) => d + Math.log10(f)));
  const seen = ticks.filter((t) => t >= low - 1e-9 && t <= high + 1e-9);
  if (seen.length >= 2) return seen;
  // Less than a few decades: round values as on a linear axis.
  return linearTicks(10 ** low, 10 ** high, most)
    .filter((v) => v > 0)
    .map(Math.log10);
}

const SUFFIXES: [number, string][] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** Labels of a linear axis, each with as many digits as tells it from its neighbours. */
export function tickLabels(ticks: readonly number[]): string[] {
  const size = Math.max(...ticks.map(Math.abs), 0);
  const gap = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) : size;
  if (size >= 1e15 || (size > 0 && size < 1e-3)) return ticks.map((t) => number(t, 3));
  const [unit, suffix] = SUFFIXES.find(([u]) => size >= u * 10 && gap >= u / 10) ?? [1, ""];
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(gap / unit) + 1e-9)));
  return ticks.map((t) => (t === 0 ? "0" : (t / unit).toFixed(digits).replace("-", "\u2212") + suffix));
}

/** Label of a tick on a log axis (in decades). */
export function logLabel(tick: number): string {
  const value = 10 ** tick;
  const round = Number(value.toPrecision(3));
  if (round >= 1e15 || round < 1e-3) return number(round, 3);
  const [unit, suffix] = (round >= 1e4 && SUFFIXES.find(([u]) => round >= u)) || [1, ""];
  return Number((round / unit).toPrecision(3)) + suffix;
}

const DURATIONS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

function durationStep(span: number, most: number): number {
  if (span / most < 1) return niceStep(span, most);
  const step = DURATIONS.find((d) => span / d <= most);
  return step ?? 86400 * Math.max(1, Math.round(niceStep(span / 86400, most)));
}

/** Ticks of elapsed seconds. */
export function durationTicks(low: number, high: number, most: number): number[] {
  return multiples(low, high, durationStep(high - low, most));
}

/** Labels of elapsed seconds: the unit of the largest, e.g. `1:30` with minutes. */
export function durationLabel(seconds: number, gap: number): string {
  const s = Math.abs(seconds);
  const sign = seconds < 0 ? "\u2212" : "";
  if (s === 0) return "0";
  if (gap >= 86400) return `${sign}${Math.round(s / 86400)}d`;
  if (gap >= 3600)
    return s >= 172800 ? `${sign}${Number((s / 86400).toFixed(2))}d` : `${sign}${Math.round(s / 3600)}h`;
  if (gap >= 60) {
    const [hours, minutes] = [Math.floor(s / 3600), Math.round((s % 3600) / 60)];
    return hours ? `${sign}${hours}h${String(minutes).padStart(2, "0")}` : `${sign}${minutes}m`;
  }
  if (s >= 60) {
    const [minutes, rest] = [Math.floor(s / 60), Math.round(s % 60)];
    return `${sign}${minutes}:${String(rest).padStart(2, "0")}`;
  }
  return `${sign}${Number(s.toPrecision(6))}s`;
}

/** Ticks of wall time (seconds since the epoch), on round local times. `offset` is local minus UTC in seconds. */
export function wallTicks(low: number, high: number, most: number, offset: number): number[] {
  const step = durationStep(high - low, most);
  return multiples(low + offset, high + offset, step).map((t) => t - offset);
}

/** Label of a wall time tick: the date at midnight, else the clock. */
export function wallLabel(seconds: number, gap: number): string {
  const d = new Date(seconds * 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  if (d.getHours() + d.getMinutes() + d.getSeconds() === 0 || gap >= 86400) {
    return `${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  }
  const clock = `${two(d.getHours())}:${two(d.getMinutes())}`;
  return gap >= 60 ? clock : `${clock}:${two(d.getSeconds())}`;
}
