// One value of the runs table as an element.
import { COLOURS } from "../charts/palette.ts";
import { duration, exact, isNum, number, value as words } from "../format.ts";
import type { Json } from "../types.ts";
import { h, svg } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { stateBadge } from "../ui/state.ts";
import { ago } from "../ui/times.ts";
import { deltaOf } from "./delta.ts";
import { cell, MOMENTS, type Row } from "./rows.ts";

const TITLES = new Map([
  ["created", "Started"],
  ["ended", "Ended"],
  ["step", "Last step"],
  ["job_type", "Job type"],
]);

/** Title of a column: its name, without the part that tells config from summary. */
export function columnTitle(column: string): string {
  const known = TITLES.get(column);
  if (known) return known;
  const bare = column.replace(/^(config|summary)\./, "");
  return bare === column ? column[0]!.toUpperCase() + column.slice(1) : bare || "(no name)";
}

const WIDTHS = new Map([
  ["name", 208],
  ["state", 96],
  ["created", 92],
  ["ended", 92],
  ["duration", 88],
]);
const USUAL = 104;
/** Where there is more than the value to show: a delta, or a range. */
const ROOMY = 136;

/** Width in pixels; in groups every number has its range, else only results have a delta. */
export function columnWidth(column: string, deltas: boolean, groups: boolean): number {
  const width = WIDTHS.get(column);
  if (width !== undefined) return width;
  return groups || (deltas && takesDelta(column)) ? ROOMY : USUAL;
}

/** Columns whose numbers are results, which are compared with the baseline's. */
function takesDelta(column: string): boolean {
  return column.startsWith("summary.");
}

function plain(v: Json | undefined, delta: HTMLElement | null): HTMLElement {
  if (v === undefined || v === null) return h("td", { class: "absent" }, "\u2013");
  if (isNum(v)) return h("td", { class: "num", title: exact(Number(v)) }, number(Number(v), 4), delta);
  const text = words(v);
  return h("td", { title: text }, text);
}

/** A run's cell; with the difference to the baseline, where one is given. */
export function cellOf(row: Row, column: string, base: Row | null): HTMLElement {
  const v = cell(row, column);
  const delta = base && base !== row && takesDelta(column) ? deltaMark(row, base, column) : null;
  if (column === "state") return h("td", {}, stateBadge(row));
  if (column === "duration")
    return h("td", { class: "num" }, row.duration === null ? "" : duration(row.duration));
  if (MOMENTS.has(column)) return h("td", {}, typeof v === "number" ? ago(v) : "");
  if (column === "tags")
    return h("td", {}, ...row.tags.map((tag) => h("span", { class: "tag", title: tag }, tag)));
  return plain(v, delta);
}

function deltaMark(row: Row, base: Row, column: string): HTMLElement | null {
  const goal = row.charts.goal(column.slice("summary.".length));
  const delta = deltaOf(cell(row, column), cell(base, column), goal);
  if (!delta) return null;
  return h("span", { class: `delta ${delta.tone}`, title: delta.words }, delta.text);
}

/** A run's name, as a link to its page. */
export function nameLink(row: Row): HTMLElement {
  const href = `runs/${encodeURIComponent(row.id)}/index.html`;
  const name = row.name || row.id;
  return h("a", { href, title: name.slice(0, 2000), "data-do": "open" }, name);
}

/** The eye: whether a run (or the runs of a group) is drawn, in its colour and dash. */
export function eyeOf(label: string, slot: number | null, toggle: () => void): HTMLElement {
  const shown = slot !== null;
  const button = h("button", {
    type: "button",
    class: "eye",
    "data-do": "eye",
    "aria-pressed": String(shown),
    "aria-label": `${shown ? "Hide" : "Show"} ${label} in the charts`,
    title: shown ? "Hide in the charts" : "Show in the charts",
  });
  button.append(shown ? lineSample(slot) : icon("hidden"));
  button.addEventListener("click", toggle);
  return button;
}

/** A piece of the line that has this colour and dash. */
export function lineSample(slot: number): SVGElement {
  const dashes = [null, "4 2", "1.5 1.5", "5 1.5 1.5 1.5"];
  const path = svg("path", {
    d: "M1 8H15",
    stroke: `var(--c${slot % COLOURS})`,
    "stroke-width": 4,
    "stroke-dasharray": dashes[Math.floor(slot / COLOURS) % dashes.length],
  });
  return svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, path);
}
