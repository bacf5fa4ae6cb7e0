// Every point of a long metric: chunks, of which those are loaded that a reader zooms into.
import type { AxisPayload, ExactPayload, Kind, Payloads, PointsPayload } from "../types.ts";
import { inflate, type Series } from "./codec.ts";

/** What a reader looks at: from one to another step, or time in microseconds since the epoch. */
export interface Stretch {
  readonly by: "step" | "time";
  readonly from: number;
  readonly to: number;
}

/** More chunks than this are no closer look: the coarser series has enough points to fill a screen. */
export const MOST_CHUNKS = 2;

/** Numbers of the chunks that hold points of a stretch. */
export function chunksWithin(index: ExactPayload, metric: number, stretch: Stretch): number[] {
  const found: number[] = [];
  for (const [chunk, name] of (index.metrics[metric] ?? []).entries()) {
    const [firstStep, lastStep, firstTime, lastTime] = index.axes[name]!;
    const [first, last] = stretch.by === "step" ? [firstStep, lastStep] : [firstTime, lastTime];
    if (first <= stretch.to && stretch.from <= last) found.push(chunk);
  }
  return found;
}

/** Undo the sorting into planes: all first bytes, then all second ones, and so on. */
function unplaned(planes: Uint8Array, points: number, width: number): ArrayBuffer {
  const bytes = new Uint8Array(points * width);
  for (let plane = 0; plane < width; plane++) {
    const start = plane * points;
    for (let i = 0; i < points; i++) bytes[i * width + plane] = planes[start + i]!;
  }
  return bytes.buffer;
}

function summed(differences: Float64Array): Float64Array {
  for (let i = 1; i < differences.length; i++) differences[i]! += differences[i - 1]!;
  return differences;
}

async function bytesOf(payload: { z: string; points: number }, width: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await inflate(payload.z));
  const wanted = payload.points * width;
  if (bytes.length !== wanted) throw new RangeError(`points have ${bytes.length} bytes, not ${wanted}`);
  return bytes;
}

export async function axisOf(payload: AxisPayload): Promise<{ step: Float64Array; time: Float64Array }> {
  const { points } = payload;
  const bytes = await bytesOf(payload, 16);
  const column = (at: number) => new Float64Array(unplaned(bytes.subarray(at, at + 8 * points), points, 8));
  return { step: summed(column(0)), time: summed(column(8 * points)) };
}

export async function valuesOf(payload: PointsPayload): Promise<Float64Array> {
  const width = payload.single ? 4 : 8;
  const numbers = unplaned(await bytesOf(payload, width), payload.points, width);
  return payload.single ? Float64Array.from(new Float32Array(numbers)) : new Float64Array(numbers);
}

function joined(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

type Load = <K extends Kind>(kind: K, file: string) => Promise<Payloads[K]>;

/** The chunks of one run, each loaded once. */
export class Exact {
  private readonly files = new Map<string, Promise<unknown>>();
  private readonly made = new Map<string, Promise<Series | null>>();

  constructor(private readonly load: Load) {}

  /** Every point of the chunks that a stretch touches; null where these are too many, or none. */
  async series(coarse: Series, stretch: Stretch): Promise<Series | null> {
    const index = await this.file("index", () => this.load("exact", "exact.js"));
    const chunks = chunksWithin(index, coarse.index, stretch);
    if (!chunks.length || chunks.length > MOST_CHUNKS) return null;
    const name = `${coarse.index}:${chunks.join()}`;
    let made = this.made.get(name);
    if (!made) {
      made = this.whole(index, coarse, chunks);
      made.catch(() => this.made.delete(name));
      this.made.set(name, made);
    }
    return made;
  }

  private async whole(index: ExactPayload, coarse: Series, chunks: readonly number[]): Promise<Series> {
    const m = coarse.index;
    const axis = (name: string) =>
      this.file(name, async () => axisOf(await this.load("axis", `axis-${name}.js`)));
    const values = async (k: number) => valuesOf(await this.load("points", `points-${m}-${k}.js`));
    const [axes, parts] = await Promise.all([
      Promise.all(chunks.map((k) => axis(index.metrics[m]![k]!))),
      Promise.all(chunks.map(values)),
    ]);
    const { key, count } = coarse;
    const step = joined(axes.map((part) => part.step));
    const time = joined(axes.map((part) => part.time));
    return {
      key,
      index: m,
      count,
      width: 1,
      detail: false,
      step,
      time,
      value: joined(parts),
      min: null,
      max: null,
    };
  }

  private file<T>(name: string, get: () => Promise<T>): Promise<T> {
    let file = this.files.get(name) as Promise<T> | undefined;
    if (!file) {
      file = get();
      // A file that was missing may be there at the next look.
      file.catch(() => this.files.delete(name));
      this.files.set(name, file);
    }
    return file;
  }
}
