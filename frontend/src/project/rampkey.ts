// What the colours of a plot mean: the third column, from its low end to its high one.
import { h } from "../ui/dom.ts";
import type { ColumnAxis } from "./axes.ts";
import { columnTitle } from "./cells.ts";
import { shade } from "./ramp.ts";

const SAMPLES = 7;

export function rampKey(axis: ColumnAxis): HTMLElement {
  const stops = Array.from({ length: SAMPLES }, (_, i) => shade(i / (SAMPLES - 1))).join(", ");
  const bar = h("i", { class: "ramp-bar", style: { background: `linear-gradient(to right, ${stops})` } });
  const [low, high] = axis.ends.map((end) => h("span", {}, end.slice(0, 40)));
  const name = h("strong", {}, columnTitle(axis.column).slice(0, 80));
  return h("span", { class: "ramp" }, name, low, bar, high);
}
