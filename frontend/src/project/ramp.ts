// A run of colours from low to high, for a third column: even steps of lightness, told apart by any eye.
import { theme } from "../ui/theme.ts";

const STOPS: { readonly [theme: string]: readonly string[] } = {
  light: ["#d9a520", "#d9772b", "#c2476a", "#8b3a9c", "#3d3a9e", "#14265c"],
  dark: ["#3b4a94", "#6a58b8", "#a867c0", "#dc7fa6", "#f3a98a", "#fbe3a0"],
};
const SHADES = 64;
const made = new Map<string, string[]>();

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

function between(stops: readonly string[], at: number): string {
  const place = at * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(place));
  const [a, b] = [channels(stops[i]!), channels(stops[i + 1]!)];
  return `rgb(${a.map((v, k) => Math.round(v + (b[k]! - v) * (place - i))).join(" ")})`;
}

/** The colour at a place from 0 to 1. */
export function shade(at: number): string {
  const name = theme();
  let shades = made.get(name);
  if (!shades) {
    shades = Array.from({ length: SHADES }, (_, i) => between(STOPS[name]!, i / (SHADES - 1)));
    made.set(name, shades);
  }
  return shades[Math.max(0, Math.min(SHADES - 1, Math.round(at * (SHADES - 1))))]!;
}
