// The chart files of one run of a project, each loaded when a chart first wants it.
import type { Series } from "../data/codec.ts";
import { Exact, type Stretch } from "../data/exact.ts";
import { load } from "../data/intake.ts";
import { decode, type Files } from "../run/data.ts";
import type { RunPayload } from "../types.ts";
import type { ChartIndex } from "./chartindex.ts";
import type { Row } from "./rows.ts";

type File = Promise<ReadonlyMap<string, Series>>;

export class RunFiles implements Files {
  /** Why charts could not be had; null where nothing is wrong. */
  error: string | null = null;
  private readonly files = new Map<string, File>();
  private whole: ChartIndex | null = null;
  private page: Promise<RunPayload> | null = null;
  private exact: Exact | null = null;

  constructor(private row: Row) {}

  /** Take a newer row of the same run; false where its files changed and must be loaded anew. */
  follow(row: Row): boolean {
    const same = stampOf(this.row) === stampOf(row);
    if (same) this.row = row;
    return same;
  }

  /** Which metrics the run has, as far as they are listed. */
  get index(): ChartIndex {
    return this.whole ?? this.row.charts;
  }

  /** Whether the run has metrics that are not listed. */
  get partial(): boolean {
    return this.whole === null && this.row.groups > this.row.charts.files;
  }

  /** List all metrics, from the run's own page. */
  async listAll(): Promise<void> {
    if (!this.partial) return;
    const run = await this.payload().catch((error: unknown) => this.failed(error));
    if (run) this.whole = indexOf(run, this.row.charts);
  }

  /** What the run's own page knows of it. Rejects with DataError. */
  payload(): Promise<RunPayload> {
    this.page ??= load("run", this.address("run"), stampOf(this.row));
    return this.page;
  }

  async closer(coarse: Series, stretch: Stretch): Promise<Series> {
    if (coarse.width === 1) return coarse;
    try {
      const { exact } = await this.payload();
      if (!exact) return coarse;
      this.exact ??= new Exact((kind, file) => load(kind, this.inData(file), exact));
      return (await this.exact.series(coarse, stretch)) ?? coarse;
    } catch {
      // Without the chunks the coarser series is still true; its `detail` tells that something is missing.
      return { ...coarse, detail: true };
    }
  }

  async series(key: string, fine: boolean): Promise<Series | null> {
    const group = this.index.group(key);
    if (group === null) return null;
    const file = await this.file("charts", group).catch((error: unknown) => this.failed(error));
    const coarse = file?.get(key) ?? null;
    if (!fine || !coarse?.detail) return coarse;
    // One run without its finer file must not take the chart of all from the reader.
    const finer = await this.file("detail", coarse.index).catch(() => null);
    return finer?.get(key) ?? coarse;
  }

  private failed(error: unknown): null {
    this.error = error instanceof Error ? error.message : String(error);
    return null;
  }

  private address(name: string): string {
    return this.inData(`${name}.js`);
  }

  private inData(file: string): string {
    return `runs/${encodeURIComponent(this.row.id)}/data/${file}`;
  }

  private file(kind: "charts" | "detail", n: number): File {
    const name = `${kind}-${n}`;
    let file = this.files.get(name);
    if (!file) {
      file = load(kind, this.address(name), stampOf(this.row)).then(decode);
      this.files.set(name, file);
    }
    return file;
  }
}

/** A word that changes with the run's data. */
function stampOf(row: Row): string {
  return String(row.ended ?? row.heartbeat ?? 0);
}

function indexOf(run: RunPayload, known: ChartIndex): ChartIndex {
  const drawn = run.metrics.filter((m) => m.index !== undefined && m.index !== null);
  const keys = [...drawn].sort((a, b) => a.index! - b.index!);
  const goals = Object.fromEntries(keys.flatMap(({ key, goal }) => (goal ? [[key, goal]] : [])));
  const hidden = keys.filter((m) => m.hidden).map((m) => m.key);
  const along = Object.fromEntries(
    keys.flatMap(({ key, step_metric }) => (step_metric ? [[key, step_metric]] : [])),
  );
  return known.extended({ keys: keys.map((m) => m.key), goals, hidden, along });
}
