// The charts of one run: which file holds which metric, loaded once and again when they change.
import type { Trace } from "../charts/line.ts";
import type { Facts, Source, Zoom } from "../charts/source.ts";
import { inflate, type Series, unpack } from "../data/codec.ts";
import { Exact, type Stretch } from "../data/exact.ts";
import { load } from "../data/intake.ts";
import { isNum, num } from "../format.ts";
import type { ChartsPayload, LivePayload, Metric, RunPayload } from "../types.ts";

/** Decode a charts file into its series by name. */
export async function decode(payload: ChartsPayload): Promise<Map<string, Series>> {
  const series = unpack(await inflate(payload.z), payload.series);
  return new Map(series.map((s) => [s.key, s]));
}

export function factsOf(metric: Metric): Facts {
  return {
    last: isNum(metric.last) ? Number(metric.last) : Number.NaN,
    min: num(metric.min),
    max: num(metric.max),
    nonfinite: metric.nonfinite,
    goal: metric.goal ?? null,
  };
}

/** A zoom in the units of the data. */
export function stretchOf({ axis, range: [low, high] }: Zoom, start: number): Stretch {
  if (axis === "step") return { by: "step", from: low, to: high };
  const zero = axis === "relative" ? start : 0;
  return { by: "time", from: low * 1e6 + zero, to: high * 1e6 + zero };
}

type File = Promise<Map<string, Series>>;

export class RunData implements Source {
  /** What the page heard last of a run that goes on. */
  live: LivePayload | null = null;
  private metrics = new Map<string, Metric>();
  private readonly files = new Map<string, File>();
  private readonly listeners = new Set<() => void>();
  private exact: Exact | null = null;

  constructor(
    public run: RunPayload,
    early: readonly ChartsPayload[],
  ) {
    this.index();
    for (const payload of early) {
      if (payload.run === run.id) this.files.set(`charts-${payload.group}`, decode(payload));
    }
  }

  listen(run: () => void): void {
    this.listeners.add(run);
  }

  /** Take a newer state of the run; the charts in view are loaded again. */
  renew(run: RunPayload): void {
    const changed = run.revision !== this.run.revision;
    this.run = run;
    this.index();
    if (changed) {
      this.files.clear();
      this.exact = null;
    }
    for (const tell of this.listeners) tell();
  }

  keys(): readonly string[] {
    return [...this.metrics.keys()];
  }

  facts(key: string): Facts | null {
    const metric = this.metrics.get(key);
    return metric ? factsOf(metric) : null;
  }

  /** The names that have pictures or the like, in page order, and the files that hold them. */
  media(): ReadonlyMap<string, number> {
    const found = this.run.metrics.filter((m) => m.media !== undefined && m.media !== null && !m.hidden);
    return new Map(found.map((m) => [m.key, m.media!]));
  }

  async traces(
    key: string,
    fine: boolean,
    zoom: Zoom | null = null,
    along: string | null = null,
  ): Promise<Trace[]> {
    const { id, name, created_at: start } = this.run;
    const [coarse, x] = await Promise.all([
      this.series(key, fine),
      along === null ? null : this.series(along, fine),
    ]);
    const stretch = zoom && stretchOf(zoom, start);
    const series = coarse && stretch ? await this.closer(coarse, stretch) : coarse;
    return series ? [{ run: id, label: name, slot: 0, start, series, along: x }] : [];
  }

  /** A metric's points; the finer ones where `fine` and there are any. */
  async series(key: string, finer = false): Promise<Series | null> {
    const metric = this.metrics.get(key);
    if (!metric) return null;
    const coarse = (await this.file("charts", metric.group!)).get(key) ?? null;
    if (!finer || !coarse?.detail) return coarse;
    // Without the finer file the overview is still true; its `detail` tells that something is missing.
    const fine = await this.file("detail", metric.index!).catch(() => null);
    return fine?.get(key) ?? coarse;
  }

  /** Every point, where a reader looks so closely that they fit; else what is given. */
  private async closer(coarse: Series, stretch: Stretch): Promise<Series> {
    const { exact } = this.run;
    if (coarse.width === 1 || !exact) return coarse;
    this.exact ??= new Exact((kind, file) => load(kind, `data/${file}`, exact));
    // Without the chunks the coarser series is still true; its `detail` tells that something is missing.
    return (await this.exact.series(coarse, stretch).catch(() => ({ ...coarse, detail: true }))) ?? coarse;
  }

  private index(): void {
    const drawn = this.run.metrics.filter((m) => m.group !== undefined && m.group !== null && !m.hidden);
    this.metrics = new Map(drawn.map((m) => [m.key, m]));
  }

  private file(kind: "charts" | "detail", n: number): File {
    const name = `${kind}-${n}`;
    let file = this.files.get(name);
    if (!file) {
      file = load(kind, `data/${name}.js`, this.run.revision).then(decode);
      // A file that was missing may be there at the next look.
      file.catch(() => this.files.delete(name));
      this.files.set(name, file);
    }
    return file;
  }
}
