// The maths of histograms.
import type { MediaItem } from "../types.ts";

export interface Spread {
  readonly counts: readonly number[];
  readonly edges: readonly number[];
}

/** Counts and edges of an item; null where it has none that fit. */
export function spreadOf(item: MediaItem | undefined): Spread | null {
  const counts = item?.counts;
  const edges = item?.edges;
  if (!Array.isArray(counts) || !Array.isArray(edges) || edges.length !== counts.length + 1) return null;
  return { counts: counts.map(Number), edges: edges.map(Number) };
}

/** Share out the counts of `spread` over `rows` equal intervals from `low` to `high`. */
export function spreadOver(spread: Spread, low: number, high: number, rows: number): Float64Array {
  const shares = new Float64Array(rows);
  const size = (high - low) / rows || 1;
  for (const [i, amount] of spread.counts.entries()) {
    const [from, to] = [spread.edges[i]!, spread.edges[i + 1]!];
    const first = Math.max(0, Math.min(rows - 1, Math.floor((from - low) / size)));
    const last = Math.max(first, Math.min(rows - 1, Math.ceil((to - low) / size) - 1));
    for (let row = first; row <= last; row++) {
      const [a, b] = [low + row * size, low + (row + 1) * size];
      const part = to > from ? Math.max(0, Math.min(b, to) - Math.max(a, from)) / (to - from) : 1;
      shares[row]! += amount * part;
    }
  }
  return shares;
}
