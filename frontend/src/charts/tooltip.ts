// What the reader points at: the place, and the value of each line there.
import { count, exact } from "../format.ts";
import { fill, h } from "../ui/dom.ts";
import { axisWords, type XAxis } from "./axis.ts";
import { colours } from "./colours.ts";
import type { Reading } from "./line.ts";
import { withUnit } from "./unit.ts";

const ROWS = 14;
const APART = 8;

function valueIn({ line }: Reading, value: number, digits: number): string {
  return withUnit(value, line.trace.unit ?? null, digits);
}

function row(reading: Reading): HTMLElement {
  const { line, value, smoothed, min, max } = reading;
  const band =
    min !== null && max !== null && min !== max
      ? `${valueIn(reading, min, 3)} \u2013 ${valueIn(reading, max, 3)}`
      : "";
  return h(
    "tr",
    {},
    h("td", {}, h("i", { class: "swatch", style: { background: colours().line(line.trace.slot) } })),
    h("td", { class: "tip-name" }, line.trace.label),
    h("td", { class: "tip-value", title: exact(value) }, valueIn(reading, value, 5)),
    smoothed !== null && h("td", { class: "tip-more" }, `~ ${valueIn(reading, smoothed, 4)}`),
    h("td", { class: "tip-more" }, band),
  );
}

export class Tooltip {
  private readonly element = h("div", { class: "tip", role: "status" });

  constructor(private readonly host: HTMLElement) {
    host.append(this.element);
  }

  show(readings: readonly Reading[], axis: XAxis): void {
    const several = readings.length > 1;
    const first = readings[0]!;
    this.element.hidden = false;
    this.element.classList.toggle("tip-several", several);
    if (several) this.list(readings, axis);
    else fill(this.element, words(first, axis));
    this.place();
  }

  hide(): void {
    this.element.hidden = true;
  }

  private list(readings: readonly Reading[], axis: XAxis): void {
    const sorted = [...readings].sort((a, b) => b.value - a.value);
    const left = sorted.length - ROWS;
    fill(
      this.element,
      h("div", { class: "tip-head" }, axisWords(axis, readings[0]!.x)),
      h("table", {}, h("tbody", {}, ...sorted.slice(0, ROWS).map(row))),
      left > 0 && h("div", { class: "tip-more" }, `and ${left} more`),
    );
  }

  /** Right of the crosshair, or left where the window ends, and never outside it. */
  private place(): void {
    const cross = this.host.querySelector<HTMLElement>(".cross");
    if (!cross) return;
    const at = cross.getBoundingClientRect().left;
    const wide = this.element.offsetWidth;
    const room = document.documentElement.clientWidth - wide - APART;
    const left = at + APART <= room ? at + APART : at - APART - wide;
    const inside = Math.max(APART, Math.min(left, room));
    this.element.style.left = `${Math.round(inside - this.host.getBoundingClientRect().left)}px`;
  }
}

/** The place of one point: its step, or the steps that it stands for, and the time where that is the axis. */
function words(reading: Reading, axis: XAxis): string {
  const { sampled, series, group } = reading.line.trace;
  if (sampled || group) return axisWords(axis, reading.x);
  const { width } = series;
  const steps = `step ${count(reading.step)}`;
  const all = width > 1 ? `${steps} \u2013 ${count(reading.step + width - 1)}` : steps;
  return axis === "step" ? all : `${axisWords(axis, reading.x)} \u00b7 ${all}`;
}
