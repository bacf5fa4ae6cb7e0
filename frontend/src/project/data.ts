// The charts of a project: those of its visible runs, laid over one another.
import type { Trace } from "../charts/line.ts";
import type { Facts, Source } from "../charts/source.ts";
import type { Series } from "../data/codec.ts";
import { load } from "../data/intake.ts";
import { decode } from "../run/data.ts";
import { perFrame } from "../ui/dom.ts";
import type { Row } from "./rows.ts";

/** Charts files of each run that are loaded at first (24 metrics each). */
const FIRST_FILES = 2;

type File = Map<string, Series>;

/** The files that one run's charts came from. */
class RunFiles {
  readonly series = new Map<string, Series>();
  readonly details = new Map<string, Promise<File>>();
  error: string | null = null;
  loaded = 0;

  constructor(public row: Row) {}

  /** A word that changes with the run's data. */
  get stamp(): string {
    return String(this.row.ended ?? this.row.heartbeat ?? 0);
  }

  address(name: string): string {
    return `runs/${encodeURIComponent(this.row.id)}/data/${name}.js`;
  }

  async load(files: number): Promise<void> {
    const wanted = Math.min(files, this.row.groups);
    const first = this.loaded;
    this.loaded = Math.max(first, wanted);
    const names = Array.from({ length: Math.max(0, wanted - first) }, (_, i) => `charts-${first + i}`);
    await Promise.all(names.map((name) => this.one(name)));
  }

  private async one(name: string): Promise<void> {
    try {
      const file = await load("charts", this.address(name), this.stamp).then(decode);
      for (const [key, series] of file) this.series.set(key, series);
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
    }
  }
}

export class ProjectData implements Source {
  private runs: RunFiles[] = [];
  private slots: ReadonlyMap<string, number> = new Map();
  private readonly known = new Map<string, RunFiles>();
  private readonly listeners = new Set<() => void>();
  private files = FIRST_FILES;
  private readonly tell = perFrame(() => {
    for (const run of this.listeners) run();
  });

  listen(run: () => void): void {
    this.listeners.add(run);
  }

  /** Draw these runs, in these colours. */
  show(rows: readonly Row[], slots: ReadonlyMap<string, number>): void {
    this.slots = slots;
    this.runs = rows.map((row) => this.filesOf(row));
    this.tell();
    void this.fetch();
  }

  /** Load more metrics of the visible runs. */
  more(): void {
    this.files += FIRST_FILES;
    void this.fetch();
  }

  /** Whether some visible run has metrics that are not loaded. */
  get partial(): boolean {
    return this.runs.some(({ row, loaded }) => loaded < row.groups);
  }

  /** Runs whose charts could not be had, and why. */
  get errors(): { name: string; why: string }[] {
    return this.runs.flatMap(({ row, error }) => (error ? [{ name: row.name, why: error }] : []));
  }

  keys(): readonly string[] {
    const keys = new Set<string>();
    for (const { series } of this.runs) for (const key of series.keys()) keys.add(key);
    return [...keys];
  }

  facts(): Facts | null {
    return null;
  }

  async traces(key: string, fine: boolean): Promise<Trace[]> {
    const having = this.runs.filter(({ series }) => series.has(key));
    return Promise.all(
      having.map(async (files) => {
        const { id, name, created } = files.row;
        const series = fine ? await this.fine(files, key) : files.series.get(key)!;
        return { run: id, label: name, slot: this.slots.get(id) ?? 0, start: created, series };
      }),
    );
  }

  private filesOf(row: Row): RunFiles {
    const known = this.known.get(row.id);
    const stamp = known?.stamp;
    if (known) known.row = row;
    if (known && known.stamp === stamp && !known.error) return known;
    const fresh = new RunFiles(row);
    // What was drawn stays until the newer file is there.
    for (const [key, series] of known?.series ?? []) fresh.series.set(key, series);
    this.known.set(row.id, fresh);
    return fresh;
  }

  private async fetch(): Promise<void> {
    await Promise.all(this.runs.map((run) => run.load(this.files)));
    this.tell();
  }

  private async fine(files: RunFiles, key: string): Promise<Series> {
    const coarse = files.series.get(key)!;
    if (!coarse.detail) return coarse;
    const name = `detail-${coarse.index}`;
    let file = files.details.get(name);
    if (!file) {
      file = load("detail", files.address(name), files.stamp).then(decode);
      files.details.set(name, file);
    }
    // One run without its finer file must not take the chart of all from the reader.
    return file.then((found) => found.get(key) ?? coarse).catch(() => coarse);
  }
}
