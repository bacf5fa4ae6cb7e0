// The curves of the compared runs, each metric that more than one of them has.

import type { Line, Trace } from "../charts/line.ts";
import { lowerBound } from "../charts/range.ts";
import type { Facts, Source, Zoom } from "../charts/source.ts";
import { traceOf } from "./data.ts";
import { type Divergence, earliest } from "./differences.ts";
import type { Row } from "./rows.ts";
import type { RunFiles } from "./runfiles.ts";

export interface Compared {
  readonly row: Row;
  readonly files: RunFiles;
  readonly slot: number;
}

export class CompareData implements Source {
  private runs: readonly Compared[] = [];
  private readonly listeners = new Set<() => void>();

  listen(run: () => void): void {
    this.listeners.add(run);
  }

  show(runs: readonly Compared[]): void {
    this.runs = runs;
    for (const tell of this.listeners) tell();
  }

  keys(): readonly string[] {
    const counts = new Map<string, number>();
    for (const { files } of this.runs)
      for (const key of files.index.keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts].filter(([, n]) => n > 1).map(([key]) => key);
  }

  facts(): Facts | null {
    return null;
  }

  async traces(key: string, fine: boolean, zoom: Zoom | null, along: string | null): Promise<Trace[]> {
    const all = await Promise.all(
      this.runs.map(({ row, slot, files }) =>
        traceOf({ row, slot, group: null }, files, key, { fine, zoom, along }),
      ),
    );
    return all.filter((trace) => trace !== null);
  }

  /** Where the runs' curves of a metric part, from the finest data; null where fewer than two have it. */
  async divergence(key: string): Promise<Divergence | null> {
    const all = await Promise.all(this.runs.map(({ files }) => files.series(key, true)));
    const series = all.filter((s) => s !== null);
    return series.length > 1 ? earliest(series) : null;
  }

  /** Where on the x axis the drawn lines part. */
  mark(lines: readonly Line[]): number | null {
    const found = earliest(lines.map(({ trace }) => trace.series));
    const first = lines[0];
    if (found.kind !== "differs" || !first) return null;
    const at = first.step.indexOf(found.step);
    return first.x[at >= 0 ? at : Math.min(lowerBound(first.step, found.step), first.x.length - 1)] ?? null;
  }
}

/** What to call a divergence. */
export function divergenceWords(found: Divergence, count: (n: number) => string): string {
  if (found.kind === "apart") return "no steps to compare";
  if (found.kind === "same") return `the same at all ${count(found.steps)} common points`;
  if (found.width === 1) return `differ from step ${count(found.step)} on`;
  return `differ from within steps ${count(found.step)} \u2013 ${count(found.step + found.width - 1)} on`;
}
