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
  const [part, whole] = [at - low, high - low];
  if (Number.isFinite(part) && Number.isFinite(whole)) return part / whole;
  // Halves, where a difference is more than a number holds.
  return (at / 2 - low / 2) / (high / 2 - low / 2);
}

/** The reverse of {@link within}. */
export function between(share: number, [low, high]: Range): number {
  return low * (1 - share) + high * share;
}

/** Where a value lies between the ends of a range; in the middle of one without width. */
export function share(v: number, range: Range): number {
  return range[0] === range[1] ? 0.5 : within(v, range);
}

const least = (x: number) => Math.max(x, -Number.MAX_VALUE);
const most = (x: number) => Math.min(x, Number.MAX_VALUE);

/** Room around the values, in axis units; a flat line lies in the middle. */
export function padded(range: Range | null, log: boolean): Range {
  if (!range) return log ? [-1, 1] : [0, 1];
  const low = project(range[0], log);
  const high = project(range[1], log);
  if (low === high) {
    const room = log ? 0.5 : Math.abs(low) * 0.1 || 1;
    return [least(low - room), most(high + room)];
  }
  const room = (high / 2 - low / 2) * 0.12;
  return [least(low - room), most(high + room)];
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
