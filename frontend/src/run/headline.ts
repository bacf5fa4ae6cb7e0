// The figures that say whether it is going well: up to six metrics, each with its best and its course.

import { span } from "../charts/readout.ts";
import type { Facts } from "../charts/source.ts";
import { sparkline } from "../charts/spark.ts";
import { exact, short } from "../format.ts";
import type { Goal } from "../types.ts";
import { fill, h, setText } from "../ui/dom.ts";
import type { RunData } from "./data.ts";

/** Which way is better: as defined, else by what such metrics are usually called, else unknown. */
export function goalOf(key: string, defined: Goal | null): Goal | null {
  if (defined) return defined;
  if (/loss|error|perplexity|\bppl\b|\bmae\b|\bmse\b|rmse|\bwer\b|\bcer\b/i.test(key)) return "min";
  if (/acc|f1|auc|bleu|rouge|precision|recall|\bmap\b|reward|score|r2/i.test(key)) return "max";
  return null;
}

/** The best value so far; where it is unknown which way is better, how far the values go. */
function bestWords(key: string, facts: Facts): string {
  const goal = goalOf(key, facts.goal);
  if (Number.isNaN(facts.min)) return "no finite value";
  if (!goal) return span(facts.min, facts.max) || "constant";
  return goal === "min" ? `lowest ${short(facts.min)}` : `highest ${short(facts.max)}`;
}

interface Tile {
  readonly element: HTMLElement;
  readonly value: HTMLElement;
  readonly best: HTMLElement;
  readonly spark: HTMLElement;
}

export class Headline {
  readonly element = h("section", { class: "headline", "aria-label": "Headline metrics" });
  private readonly tiles = new Map<string, Tile>();

  constructor(
    private readonly data: RunData,
    private readonly choose: (key: string) => void,
  ) {
    this.update();
    data.listen(() => this.update());
  }

  private update(): void {
    const keys = this.data.run.headline.slice(0, 6).filter((key) => this.data.facts(key));
    this.element.hidden = keys.length === 0;
    const tiles = keys.map((key) => this.tile(key).element);
    if (tiles.some((tile, i) => this.element.children[i] !== tile)) fill(this.element, ...tiles);
    for (const key of keys) void this.show(key);
  }

  private tile(key: string): Tile {
    const known = this.tiles.get(key);
    if (known) return known;
    const value = h("span", { class: "tile-value" });
    const best = h("span", { class: "dim" });
    const spark = h("span", { class: "tile-spark" });
    const name = h("span", { class: "tile-name" }, key || "(no name)");
    const element = h(
      "button",
      { type: "button", class: "tile", title: `Show ${key}` },
      name,
      value,
      best,
      spark,
    );
    element.addEventListener("click", () => this.choose(key));
    const tile = { element, value, best, spark };
    this.tiles.set(key, tile);
    return tile;
  }

  private async show(key: string): Promise<void> {
    const facts = this.data.facts(key)!;
    const { value, best, spark } = this.tile(key);
    setText(value, short(facts.last));
    value.title = exact(facts.last);
    setText(best, bestWords(key, facts));
    try {
      const series = await this.data.series(key);
      if (series) fill(spark, sparkline(series.value, 88, 28));
    } catch {
      fill(spark); // The chart itself says what is missing.
    }
  }
}
