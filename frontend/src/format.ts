// Numbers, times and sizes as people read them.
import type { Json, Num } from "./types.ts";

const MINUS = "\u2212";
const MICRO = 1e6;

/** A number from JSON, where NaN and infinities are words. */
export function num(value: Num | null | undefined): number {
  return value === null || value === undefined ? Number.NaN : Number(value);
}

/** Whether a JSON value is a number (words for non-finite ones included). */
export function isNum(value: Json | undefined): value is Num {
  return typeof value === "number" || value === "NaN" || value === "Infinity" || value === "-Infinity";
}

function grouped(digits: string): string {
  const [whole = "", part] = digits.split(".");
  const spaced = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  return part === undefined ? spaced : `${spaced}.${part}`;
}

function exponential(x: number, digits: number): string {
  const [mantissa = "", exponent = ""] = x.toExponential(digits - 1).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${short}e${exponent.replace("+", "").replace("-", MINUS)}`;
}

/** A number in significant digits: `0.01235`, `12,346`, `1.2e−7`. */
export function number(x: number, digits = 4): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "\u221e" : `${MINUS}\u221e`;
  if (x === 0) return "0";
  const size = Math.abs(x);
  const sign = x < 0 ? MINUS : "";
  if (Number.isInteger(x) && size < 1e9) return sign + grouped(String(size));
  if (size < 1e-4 || size >= 1e9) return sign + exponential(size, digits);
  if (size >= 10 ** digits) return sign + grouped(String(Math.round(size)));
  const text = size.toPrecision(digits);
  return sign + (text.includes("e") ? grouped(String(Math.round(size))) : text.replace(/\.?0+$/, ""));
}

/** A number for narrow places: from ten million on in units, `900M`. */
export function short(x: number, digits = 4): string {
  const size = Math.abs(x);
  const [unit, suffix] = size >= 1e12 ? [1e12, "T"] : size >= 1e9 ? [1e9, "G"] : [1e6, "M"];
  if (size < 1e7 || size >= 1e15 || !Number.isFinite(x)) return number(x, digits);
  return number(Number((x / unit).toPrecision(digits)), digits) + suffix;
}

/** A number exactly as it is stored, for hovering and copying. */
export function exact(x: number): string {
  return Number.isNaN(x) ? "NaN" : String(x);
}

/** A whole number with separators. */
export function count(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Seconds: `850 ms`, `12.4 s`, `3 m 20 s`, `2 h 5 m`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  const s = Math.max(0, seconds);
  if (s < 0.9995) return `${Math.round(s * 1000)} ms`;
  if (s < 59.95) return `${s < 9.95 ? Number(s.toFixed(1)) : Math.round(s)} s`;
  const pair = (big: number, small: number, a: string, b: string) => {
    const n = Math.round(s / small);
    const rest = n % Math.round(big / small);
    const lead = `${Math.floor((n * small) / big)} ${a}`;
    return rest ? `${lead} ${rest} ${b}` : lead;
  };
  if (s < 3599.5) return pair(60, 1, "m", "s");
  if (s < 86370) return pair(3600, 60, "h", "m");
  return pair(86400, 3600, "d", "h");
}

/** Bytes in binary units: `1.5 KiB`. */
export function bytes(n: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let size = n;
  let unit = 0;
  while (Math.abs(size) >= 1023.5 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit && size < 100 ? Number(size.toPrecision(3)) : Math.round(size)} ${units[unit]}`;
}

const two = (n: number) => String(n).padStart(2, "0");

/** Local date and time of a moment in microseconds: `2026-11-23 14:02:05`. */
export function absolute(us: number): string {
  const d = new Date(us / 1000);
  const day = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  return `${day} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** Clock time of a moment: `14:02`, with the date if it was another day than `now`. */
export function clock(us: number, now: number): string {
  const full = absolute(us);
  return full.slice(0, 10) === absolute(now).slice(0, 10) ? full.slice(11, 16) : full.slice(0, 16);
}

/** How long ago (or ahead) a moment is: `just now`, `40 s ago`, `3 h ago`, `12 d ago`. */
export function relative(us: number, now: number): string {
  const s = (now - us) / MICRO;
  if (Math.abs(s) < 5) return "just now";
  const size = Math.abs(s);
  const steps: [number, number, string][] = [
    [60, 1, "s"],
    [3600, 60, "min"],
    [86400, 3600, "h"],
    [60 * 86400, 86400, "d"],
    [730 * 86400, 30.44 * 86400, "months"],
    [Number.POSITIVE_INFINITY, 365.25 * 86400, "years"],
  ];
  const [, unit, name] = steps.find(([limit]) => size < limit)!;
  const amount = `${Math.floor(size / unit)} ${name}`;
  return s >= 0 ? `${amount} ago` : `in ${amount}`;
}

/** A JSON value on one line. */
export function value(v: Json | undefined, digits = 5): string {
  if (v === undefined) return "";
  if (isNum(v)) return number(Number(v), digits);
  return typeof v === "string" ? v : JSON.stringify(v);
}
