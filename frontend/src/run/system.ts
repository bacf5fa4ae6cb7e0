// What the machine did, as the source of a workspace: one line a node in each chart.
import type { XAxis } from "../charts/axis.ts";
import type { Trace } from "../charts/line.ts";
import type { Facts, Source } from "../charts/source.ts";
import { unitOf } from "../charts/unit.ts";
import { inflate, type Series, unpack } from "../data/codec.ts";
import { load } from "../data/intake.ts";
import { num } from "../format.ts";
import type { ChartsPayload, RunPayload, SystemMetric, SystemPayload } from "../types.ts";

type File = Promise<Series[]>;

/** In order, and not by name: several nodes have the same metrics. */
async function decoded(payload: ChartsPayload): Promise<Series[]> {
  return unpack(await inflate(payload.z), payload.series);
}

export class SystemData implements Source {
  readonly axes: readonly XAxis[] = ["relative", "wall"];
  /** Why nothing newer could be had; null where nothing is wrong. */
  problem: string | null = null;
  private metrics = new Map<string, SystemMetric[]>();
  private revision = "";
  private readonly files = new Map<string, File>();
  private readonly listeners = new Set<() => void>();

  constructor(private run: RunPayload) {
    void this.look(run.revision);
  }

  listen(run: () => void): void {
    this.listeners.add(run);
  }

  /** The page looked at its run again; `revision` is the newest of these data, as far as it is known. */
  renew(run: RunPayload, revision: string | null | undefined): void {
    this.run = run;
    if (revision && revision !== this.revision) void this.look(revision);
  }

  keys(): readonly string[] {
    return [...this.metrics.keys()];
  }

  facts(key: string): Facts | null {
    const rows = this.metrics.get(key) ?? [];
    const [row] = rows;
    if (!row || rows.length > 1) return null;
    const [last, min, max] = [num(row.last), num(row.min), num(row.max)];
    return { last, min, max, nonfinite: 0, goal: null, unit: unitOf(key) };
  }

  async traces(key: string, fine: boolean): Promise<Trace[]> {
    const found = await Promise.all((this.metrics.get(key) ?? []).map((row) => this.trace(row, fine)));
    return found.filter((trace) => trace !== null);
  }

  private async trace(row: SystemMetric, fine: boolean): Promise<Trace | null> {
    const coarse = (await this.file("charts", `system-${row.group}`)).find((s) => s.index === row.index);
    if (!coarse) return null;
    const finer =
      fine && coarse.detail ? await this.file("detail", `system-detail-${row.index}`).catch(() => []) : [];
    const hosts = this.metrics.get(row.key) ?? [];
    return {
      run: row.host,
      label: row.host,
      slot: hosts.indexOf(row),
      start: this.run.created_at,
      series: finer[0] ?? coarse,
      unit: unitOf(row.key),
      sampled: true,
    };
  }

  private async look(stamp: string): Promise<void> {
    let found: SystemPayload;
    try {
      found = await load("system", "data/system.js", stamp);
    } catch (error) {
      // Perhaps only out of reach: the page asks again when it looks next.
      this.problem = error instanceof Error ? error.message : String(error);
      for (const tell of this.listeners) tell();
      return;
    }
    this.problem = null;
    if (found.revision === this.revision) return;
    this.revision = found.revision;
    this.files.clear();
    this.metrics = new Map();
    for (const row of found.metrics) this.metrics.set(row.key, [...(this.metrics.get(row.key) ?? []), row]);
    for (const tell of this.listeners) tell();
  }

  private file(kind: "charts" | "detail", name: string): File {
    let file = this.files.get(name);
    if (!file) {
      file = load(kind, `data/${name}.js`, this.revision).then(decoded);
      file.catch(() => this.files.delete(name));
      this.files.set(name, file);
    }
    return file;
  }
}
