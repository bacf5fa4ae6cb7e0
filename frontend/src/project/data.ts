// The charts of a project: those of its visible runs, laid over one another.
import type { Group, Trace } from "../charts/line.ts";
import type { Facts, Source, Zoom } from "../charts/source.ts";
import { seriesFor, type Wanted } from "../run/data.ts";
import { perFrame } from "../ui/dom.ts";
import type { Row } from "./rows.ts";
import { RunFiles } from "./runfiles.ts";

/** A run that is drawn: in which colour, and in which group where groups are drawn. */
export interface DrawnRun {
  readonly row: Row;
  readonly slot: number;
  readonly group: Group | null;
}

/** The curve of one run; null where it has none. */
export async function traceOf(
  { row, slot, group }: DrawnRun,
  files: RunFiles,
  key: string,
  wanted: Wanted,
): Promise<Trace | null> {
  const { id: run, name: label, created: start } = row;
  const found = await seriesFor(files, key, wanted, start);
  return found && { run, label, slot, start, group, ...found };
}

export class ProjectData implements Source {
  private runs: { readonly drawn: DrawnRun; readonly files: RunFiles }[] = [];
  private readonly known = new Map<string, RunFiles>();
  private readonly listeners = new Set<() => void>();
  private readonly tell = perFrame(() => {
    for (const run of this.listeners) run();
  });

  listen(run: () => void): void {
    this.listeners.add(run);
  }

  /** Draw these runs. */
  show(drawn: readonly DrawnRun[]): void {
    this.runs = drawn.map((run) => ({ drawn: run, files: this.filesOf(run.row) }));
    this.tell();
  }

  /** Find out about the metrics of the visible runs that the table does not list. */
  async more(): Promise<void> {
    await Promise.all(this.runs.map(({ files }) => files.listAll()));
    this.tell();
  }

  /** Whether some visible run has metrics that are not listed. */
  get partial(): boolean {
    return this.runs.some(({ files }) => files.partial);
  }

  /** Runs whose charts could not be had, and why. */
  get errors(): { name: string; why: string }[] {
    return this.runs.flatMap(({ drawn, files }) =>
      files.error ? [{ name: drawn.row.name, why: files.error }] : [],
    );
  }

  keys(): readonly string[] {
    const keys = new Set<string>();
    for (const index of new Set(this.runs.map(({ files }) => files.index)))
      for (const key of index.keys) keys.add(key);
    return [...keys];
  }

  facts(): Facts | null {
    return null;
  }

  along(key: string): string | null {
    const named = this.runs.map(({ files }) => files.index.along(key));
    return named.find((along) => along !== null) ?? null;
  }

  async traces(key: string, fine: boolean, zoom: Zoom | null, along: string | null): Promise<Trace[]> {
    const before = this.errors.length;
    const all = await Promise.all(
      this.runs.map(({ drawn, files }) => traceOf(drawn, files, key, { fine, zoom, along })),
    );
    if (this.errors.length !== before) this.tell();
    return all.filter((trace) => trace !== null);
  }

  /** The chart files of a run, drawn or not. */
  filesOf(row: Row): RunFiles {
    const known = this.known.get(row.id);
    if (known?.follow(row)) return known;
    const fresh = new RunFiles(row);
    this.known.set(row.id, fresh);
    return fresh;
  }
}
