// What a group of runs shows in the table: their number, and the mean and range of each column.
import { count, duration, exact, number, value as words } from "../format.ts";
import { h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { STATES, stateBadge } from "../ui/state.ts";
import { ago } from "../ui/times.ts";
import { type Aggregate, aggregate, type GroupItem } from "./items.ts";
import { MOMENTS, type Row } from "./rows.ts";

export function groupCell(group: GroupItem, column: string): HTMLElement {
  const all = aggregate(group.rows, column);
  if (all.distinct === 0) return h("td", { class: "absent" }, "\u2013");
  if (column === "state") return h("td", {}, ...stateCounts(group.rows));
  if (MOMENTS.has(column)) return h("td", { title: "The latest" }, ago(all.max));
  if (all.mean === null) return common(all);
  const show = column === "duration" ? duration : (x: number) => number(x, 3);
  return h("td", { class: "num", title: inWords(all) }, show(all.mean), range(all, show));
}

/** The state that all have, or each one's icon with its number. */
function stateCounts(rows: readonly Row[]): HTMLElement[] {
  const found = STATES.map((state) => ({ state, n: rows.filter((row) => row.state === state).length }));
  const there = found.filter(({ n }) => n);
  if (there.length === 1) return [stateBadge({ state: there[0]!.state, reason: null })];
  return there.map(({ state, n }) =>
    h("span", { class: `state-count state-${state}`, title: `${n} ${state}` }, icon(state), String(n)),
  );
}

/** The value that all have, or how many different ones. */
function common({ distinct, first }: Aggregate): HTMLElement {
  const text = distinct === 1 ? words(first) : `${count(distinct)} values`;
  return h("td", { class: distinct === 1 ? "" : "dim", title: text }, text);
}

function range({ min, max }: Aggregate, show: (x: number) => string): HTMLElement | null {
  return min === max ? null : h("span", { class: "spread" }, `${show(min)}\u2009\u2013\u2009${show(max)}`);
}

function inWords({ mean, min, max, numbers }: Aggregate): string {
  return `mean ${exact(mean!)}, from ${exact(min)} to ${exact(max)}, of ${count(numbers)}`;
}
