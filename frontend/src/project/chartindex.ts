// Which charts file of a run holds which metric. Runs that logged the same metrics share one index.
import type { ChartList, Goal } from "../types.ts";

export class ChartIndex {
  /** Metrics that the user wants to see, in page order. */
  readonly keys: readonly string[];
  /** How many charts files the known metrics fill. */
  readonly files: number;
  private readonly places: ReadonlyMap<string, number>;
  private readonly goals: ReadonlyMap<string, Goal>;
  private readonly axes: ReadonlyMap<string, string>;

  constructor(
    list: ChartList,
    private readonly groupSize: number,
  ) {
    const hidden = new Set(list.hidden);
    this.keys = list.keys.filter((key) => !hidden.has(key));
    this.files = Math.ceil(list.keys.length / groupSize);
    this.places = new Map(list.keys.map((key, i) => [key, i]));
    this.goals = new Map(Object.entries(list.goals));
    this.axes = new Map(Object.entries(list.along ?? {}));
  }

  has(key: string): boolean {
    return this.places.has(key);
  }

  /** Number of the charts file of a metric; null where the run has none. */
  group(key: string): number | null {
    const place = this.places.get(key);
    return place === undefined ? null : Math.floor(place / this.groupSize);
  }

  /** The same for a longer list. */
  extended(list: ChartList): ChartIndex {
    return new ChartIndex(list, this.groupSize);
  }

  /** The metric along which the user wants to see a metric, where the run has both; else null. */
  along(key: string): string | null {
    const along = this.axes.get(key);
    return along !== undefined && this.has(along) ? along : null;
  }

  goal(key: string): Goal | null {
    return this.goals.get(key) ?? null;
  }
}
