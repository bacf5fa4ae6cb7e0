// Pure maths of what part of a line a chart shows.

export type Range = readonly [number, number];

/** First index with `x[i] >= at`, in ascending `x`. */
export function lowerBound(x: Float64Array, at: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the point nearest to `at`; -1 where there is none. */
export function nearest(x: Float64Array, at: number): number {
  if (!x.length) return -1;
  const i = lowerBound(x, at);
  if (i === 0) return 0;
  if (i === x.length) return i - 1;
  return at - x[i - 1]! <= x[i]! - at ? i - 1 : i;
}

/** Indices `[from, to)` of the points within a range, and one more on either side, so that lines reach the edge. */
export function window(x: Float64Array, range: Range | null): Range {
  if (!range) return [0, x.length];
  const from = lowerBound(x, range[0]);
  let to = lowerBound(x, range[1]);
  if (x[to] === range[1]) to += 1;
  return [Math.max(0, from - 1), Math.min(x.length, to + 1)];
}

/** Least and greatest usable value among `arrays[from, to)`; null where none is. Only positive ones on a log scale. */
export function extent(
  arrays: readonly Float64Array[],
  from: number,
  to: number,
  log: boolean,
): Range | null {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const y of arrays) {
    for (let i = from; i < to; i++) {
      const v = y[i]!;
      if (!Number.isFinite(v) || (log && v <= 0)) continue;
      if (v < min) min = v;
      if (v > max) max = v;
    }
  }
  return min <= max ? [min, max] : null;
}

/** The smallest range that holds both. */
export function union(a: Range | null, b: Range | null): Range | null {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

/** A value as it lies on the axis. */
export function project(y: number, log: boolean): number {
  return log ? Math.log10(y) : y;
}

/** The reverse of {@link project}. */
export function unproject(at: number, log: boolean): number {
  return log ? 10 ** at : at;
}

/** Where a value lies between the ends of a range: 0 at the first, 1 at the second, and beyond them on. */
export function within(at: number, [low, high]: Range): number {
  return (at - low) / (high - low);
}

/** Beyond this, the difference of two numbers may be infinite. */
const GREATEST = 8e307;

/** Where a value lies between the ends of a range, from 0 to 1; in the middle of one without width. */
export function share(v: number, [low, high]: Range): number {
  if (low === high) return 0.5;
  // Halves, where the whole difference is more than a number holds.
  return Number.isFinite(high - low) ? (v - low) / (high - low) : (v / 2 - low / 2) / (high / 2 - low / 2);
}

/** Room around the values, in axis units; a flat line lies in the middle. */
export function padded(range: Range | null, log: boolean): Range {
  if (!range) return log ? [-1, 1] : [0, 1];
  const low = Math.max(project(range[0], log), -GREATEST);
  const high = Math.min(project(range[1], log), GREATEST);
  if (low === high) {
    const room = log ? 0.5 : Math.abs(low) * 0.1 || 1;
    return [low - room, high + room];
  }
  const room = (high - low) * 0.06;
  return [low - room, high + room];
}

/** The x range around `centre` after zooming by `factor` (< 1 zooms in), kept within `whole`; null when it is all of it. */
export function zoomed(range: Range, whole: Range, centre: number, factor: number): Range | null {
  const low = centre - (centre - range[0]) * factor;
  const high = centre + (range[1] - centre) * factor;
  return clamped([low, high], whole);
}

/** The x range moved by a share of its width, kept within `whole`. */
export function panned(range: Range, whole: Range, share: number): Range | null {
  const width = range[1] - range[0];
  let low = range[0] + width * share;
  low = Math.min(Math.max(low, whole[0]), Math.max(whole[0], whole[1] - width));
  return clamped([low, low + width], whole);
}

function clamped(range: Range, whole: Range): Range | null {
  const low = Math.max(range[0], whole[0]);
  const high = Math.min(range[1], whole[1]);
  if (!(low < high) || (low <= whole[0] && high >= whole[1])) return null;
  return [low, high];
}
