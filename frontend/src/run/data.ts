// The charts of one run: which file holds which metric, loaded once and again when they change.

import { metricOf } from "../charts/axis.ts";
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

/** A zoom in the units of the data; null where the metric `along` is the axis, and has no value there. */
export function stretchOf(
  { axis, range: [low, high] }: Zoom,
  start: number,
  along: Series | null,
): Stretch | null {
  if (axis === "step") return { by: "step", from: low, to: high };
  if (metricOf(axis) !== null) return along && stepsWithin(along, low, high);
  const zero = axis === "relative" ? start : 0;
  return { by: "time", from: low * 1e6 + zero, to: high * 1e6 + zero };
}

/** The steps at which a metric is between two values, with a point on either side: lines lead there. */
export function stepsWithin(
  { step, value, min, max, width }: Series,
  low: number,
  high: number,
): Stretch | null {
  const within = (_: number, i: number) => (max ?? value)[i]! >= low && (min ?? value)[i]! <= high;
  const first = value.findIndex(within);
  const last = value.findLastIndex(within);
  if (first < 0) return null;
  return { by: "step", from: step[Math.max(0, first - 1)]!, to: (step[last + 1] ?? step[last]!) + width - 1 };
}

/** A curve as a chart wants it, with every point of what is looked at closely; null where there is none. */
export async function seriesFor(
  files: Files,
  key: string,
  { fine, zoom, along }: Wanted,
  start: number,
): Promise<Pick<Trace, "series" | "along"> | null> {
  const [coarse, x] = await Promise.all([
    files.series(key, fine),
    along === null ? null : files.series(along, fine),
  ]);
  const stretch = zoom && stretchOf(zoom, start, x);
  if (!coarse || !stretch) return coarse && { series: coarse, along: x };
  const [series, place] = await Promise.all([files.closer(coarse, stretch), x && files.closer(x, stretch)]);
  return { series, along: place };
}

/** How closely, and along which axis, a curve is wanted. */
export interface Wanted {
  readonly fine: boolean;
  readonly zoom: Zoom | null;
  readonly along: string | null;
}

/** Where the points of one run come from. */
export interface Files {
  /** A metric's points; the finer ones where `fine` and there are any. */
  series(key: string, fine: boolean): Promise<Series | null>;
  /** Every point, where a reader looks so closely that they fit; else what is given. */
  closer(coarse: Series, stretch: Stretch): Promise<Series>;
}

/** A charts or detail file, and the revision of the charts file with the same metrics. */
interface File {
  readonly revision: string;
  readonly series: Promise<Map<string, Series>>;
}

export class RunData implements Source, Files {
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
      const { revision, group } = payload;
      if (payload.run === run.id) this.files.set(`charts-${group}`, { revision, series: decode(payload) });
    }
  }

  listen(run: () => void): void {
    this.listeners.add(run);
  }

  /** Take a newer state of the run; those charts in view that changed are loaded again. */
  renew(run: RunPayload): void {
    const before = this.run;
    this.run = run;
    this.index();
    if (before.exact !== run.exact) this.exact = null;
    for (const tell of this.listeners) tell();
  }

  keys(): readonly string[] {
    return this.run.metrics.filter((m) => !m.hidden && this.metrics.has(m.key)).map((m) => m.key);
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
    const found = await seriesFor(this, key, { fine, zoom, along }, start);
    return found ? [{ run: id, label: name, slot: 0, start, ...found }] : [];
  }

  along(key: string): string | null {
    const along = this.metrics.get(key)?.step_metric ?? null;
    return along !== null && this.metrics.has(along) ? along : null;
  }

  async series(key: string, finer = false): Promise<Series | null> {
    const metric = this.metrics.get(key);
    if (!metric) return null;
    const revision = this.run.charts?.[metric.group!] ?? "";
    const coarse = (await this.file("charts", metric.group!, revision)).get(key) ?? null;
    if (!finer || !coarse?.detail) return coarse;
    // Without the finer file the overview is still true; its `detail` tells that something is missing.
    const fine = await this.file("detail", metric.index!, revision).catch(() => null);
    return fine?.get(key) ?? coarse;
  }

  async closer(coarse: Series, stretch: Stretch): Promise<Series> {
    const { exact } = this.run;
    if (coarse.width === 1 || !exact) return coarse;
    this.exact ??= new Exact((kind, file) => load(kind, `data/${file}`, exact));
    // Without the chunks the coarser series is still true; its `detail` tells that something is missing.
    return (await this.exact.series(coarse, stretch).catch(() => ({ ...coarse, detail: true }))) ?? coarse;
  }

  private index(): void {
    const drawn = this.run.metrics.filter((m) => m.group !== undefined && m.group !== null);
    this.metrics = new Map(drawn.map((m) => [m.key, m]));
  }

  private file(kind: "charts" | "detail", n: number, revision: string): Promise<Map<string, Series>> {
    const name = `${kind}-${n}`;
    const known = this.files.get(name);
    if (known?.revision === revision) return known.series;
    const series = load(kind, `data/${name}.js`, revision).then(decode);
    // A file that was missing may be there at the next look.
    series.catch(() => this.files.delete(name));
    this.files.set(name, { revision, series });
    return series;
  }
}
