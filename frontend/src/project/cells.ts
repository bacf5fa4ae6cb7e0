// One value of the runs table as an element.
import { COLOURS } from "../charts/palette.ts";
import { duration, exact, isNum, number, value as words } from "../format.ts";
import type { Json } from "../types.ts";
import { h, svg } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { stateBadge } from "../ui/state.ts";
import { ago } from "../ui/times.ts";
import { cell, MOMENTS, type Row } from "./rows.ts";

/** Title of a column: its name, without the part that tells config from summary. */
export function columnTitle(column: string): string {
  const own = new Map([
    ["created", "Started"],
    ["ended", "Ended"],
    ["step", "Last step"],
    ["job_type", "Job type"],
  ]);
  const known = own.get(column);
  if (known) return known;
  const bare = column.replace(/^(config|summary)\./, "");
  return bare === column ? column[0]!.toUpperCase() + column.slice(1) : bare;
}

/** Widths in pixels; whatever else there is gets the last. */
export function columnWidth(column: string): number {
  const widths = new Map([
    ["name", 200],
    ["state", 92],
    ["created", 92],
    ["ended", 92],
    ["duration", 84],
  ]);
  return widths.get(column) ?? 104;
}

function plain(v: Json | undefined): HTMLElement {
  if (v === undefined || v === null) return h("td", { class: "absent" }, "\u2013");
  if (isNum(v)) return h("td", { class: "num", title: exact(Number(v)) }, number(Number(v), 4));
  const text = words(v);
  return h("td", { title: text }, text);
}

export function cellOf(row: Row, column: string): HTMLElement {
  const v = cell(row, column);
  if (column === "name") {
    const href = `runs/${encodeURIComponent(row.id)}/index.html`;
    return h("td", { class: "run-name" }, h("a", { href, title: row.name }, row.name || row.id));
  }
  if (column === "state") return h("td", {}, stateBadge(row));
  if (column === "duration")
    return h("td", { class: "num" }, row.duration === null ? "" : duration(row.duration));
  if (MOMENTS.has(column)) return h("td", {}, typeof v === "number" ? ago(v) : "");
  if (column === "tags")
    return h("td", {}, ...row.tags.map((tag) => h("span", { class: "tag", title: tag }, tag)));
  return plain(v);
}

/** The eye: whether the run is drawn, in its colour and dash. */
export function eyeOf(row: Row, slot: number | undefined, toggle: () => void): HTMLElement {
  const shown = slot !== undefined;
  const button = h("button", {
    type: "button",
    class: "eye",
    "aria-pressed": String(shown),
    "aria-label": `${shown ? "Hide" : "Show"} ${row.name} in the charts`,
    title: shown ? "Hide in the charts" : "Show in the charts",
  });
  button.append(shown ? lineSample(slot) : icon("hidden"));
  button.addEventListener("click", toggle);
  return h("td", { class: "eye-cell" }, button);
}

function lineSample(slot: number): SVGElement {
  const dashes = [null, "4 2", "1.5 1.5", "5 1.5 1.5 1.5"];
  const path = svg("path", {
    d: "M1 8H15",
    stroke: `var(--c${slot % COLOURS})`,
    "stroke-width": 4,
    "stroke-dasharray": dashes[Math.floor(slot / COLOURS) % dashes.length],
  });
  return svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, path);
}
