// Chart data as the site packs it: base64 of raw deflate of little-endian arrays, series after series.
import type { SeriesHead } from "../types.ts";

/** One metric of one run, decoded. `value` is the mean where a point stands for several steps. */
export interface Series {
  readonly key: string;
  readonly index: number;
  readonly count: number;
  readonly width: number;
  readonly detail: boolean;
  readonly step: Float64Array;
  /** Microseconds since the epoch. */
  readonly time: Float64Array;
  readonly value: Float64Array;
  /** Least and greatest of each point's steps; absent where a point is one step. */
  readonly min: Float64Array | null;
  readonly max: Float64Array | null;
}

/** Decode base64 and inflate. */
export async function inflate(z: string): Promise<ArrayBuffer> {
  const text = atob(z);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return joined(await inflated(bytes));
}

/** The parts that come out; by hand, which takes a tenth of the time of piping a Blob into a Response. */
async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array[]> {
  const stream = new DecompressionStream("deflate-raw");
  const writer = stream.writable.getWriter();
  // What is wrong with the data is told by the reading side.
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  const parts: Uint8Array[] = [];
  const reader = stream.readable.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
  return parts;
}

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}

function bytesOf(head: SeriesHead): number {
  return head.points * (head.width === 1 ? 24 : 28);
}

/** Cut inflated bytes into the series that `heads` announce; throws RangeError where they do not fit. */
export function unpack(buffer: ArrayBuffer, heads: readonly SeriesHead[]): Series[] {
  const wanted = heads.reduce((sum, head) => sum + bytesOf(head), 0);
  if (buffer.byteLength !== wanted) {
    throw new RangeError(`chart data has ${buffer.byteLength} bytes, not ${wanted}`);
  }
  let at = 0;
  const take = (bytes: number) => {
    at += bytes;
    return buffer.slice(at - bytes, at);
  };
  return heads.map((head) => {
    const doubles = () => new Float64Array(take(8 * head.points));
    const floats = () => Float64Array.from(new Float32Array(take(4 * head.points)));
    const { key, index, count, width, detail } = head;
    const base = { key, index, count, width, detail, step: doubles(), time: doubles() };
    if (width === 1) return { ...base, value: doubles(), min: null, max: null };
    return { ...base, value: floats(), min: floats(), max: floats() };
  });
}

/** The series as users of the console and tests see it. */
export function published(series: Series): Record<string, unknown> {
  const { key, width, count, step, time, value, min, max } = series;
  return min && max
    ? { key, width, count, step, time, mean: value, min, max }
    : { key, width, count, step, time, value };
}
