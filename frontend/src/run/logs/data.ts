// The pieces of a log, loaded when they are looked at and again only where they changed.
import { load } from "../../data/intake.ts";
import type { LogChunkPayload, LogPayload } from "../../types.ts";
import { finds, plain } from "./sgr.ts";

type Chunk = Promise<LogChunkPayload>;

const AT_ONCE = 6;

const NOTHING: LogPayload = {
  run: "",
  revision: "",
  lines: 0,
  starts: [0],
  errors: [],
  left_out: 0,
  not_text: 0,
  raw: [],
  raw_left_out: 0,
};

export class LogData {
  index: LogPayload = NOTHING;
  private readonly chunks = new Map<number, Chunk>();

  /** Number of pieces. */
  get size(): number {
    return this.index.starts.length;
  }

  /** Learn of the log as it is now; whether anything is new. */
  async look(stamp: string): Promise<boolean> {
    const index = await load("log", "data/log.js", stamp);
    if (index.revision === this.index.revision) return false;
    // Pieces before the last are full and stay as they are.
    const last = this.size - 1;
    for (const number of [...this.chunks.keys()]) if (number >= last) this.chunks.delete(number);
    this.index = index;
    return true;
  }

  chunk(number: number): Chunk {
    let chunk = this.chunks.get(number);
    if (!chunk) {
      chunk = load("lines", `data/log-${number}.js`, this.index.revision);
      chunk.catch(() => this.chunks.delete(number));
      this.chunks.set(number, chunk);
    }
    return chunk;
  }

  /** How many lines a piece has. */
  linesIn(number: number): number {
    const { starts, lines } = this.index;
    return (starts[number + 1] ?? lines) - starts[number]!;
  }

  /** The piece that has a line. */
  chunkOf(line: number): number {
    const { starts } = this.index;
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= line) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * Find the lines that match, the latest first. `found` hears of all so far and how many pieces were searched;
   * where it returns false, the search ends.
   */
  async search(
    pattern: RegExp,
    found: (lines: readonly number[], searched: number) => boolean,
  ): Promise<void> {
    const lines: number[] = [];
    for (let high = this.size; high > 0; high -= AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, high) }, (_, i) => high - 1 - i);
      for (const chunk of await Promise.all(numbers.map((n) => this.chunk(n).catch(() => null)))) {
        if (!chunk) continue;
        const matching = chunk.lines.flatMap((line, i) =>
          finds(plain(line), pattern).length ? [chunk.first + i] : [],
        );
        lines.unshift(...matching);
      }
      if (!found(lines, this.size - Math.max(0, high - AT_ONCE))) return;
    }
  }
}
