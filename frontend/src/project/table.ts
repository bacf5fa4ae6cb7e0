// The table of runs. Only the rows in view are elements, so that 10,000 scroll like ten.
import { count } from "../format.ts";
import { fill, h, perFrame } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { cellOf, columnTitle, columnWidth, eyeOf } from "./cells.ts";
import type { Row } from "./rows.ts";

const ROW = 28;
const SPARE = 12;

export interface TableView {
  readonly rows: readonly Row[];
  readonly columns: readonly string[];
  /** Column by which rows are sorted, `-` before it for greatest first; empty for newest first. */
  readonly sort: string;
  readonly slots: ReadonlyMap<string, number>;
}

export interface TableEvents {
  sort(by: string): void;
  toggle(row: Row): void;
  /** The reader points at a run, or no longer at one. */
  point(run: string | null): void;
}

export class RunsTable {
  readonly element = h("div", {
    class: "runs",
    tabindex: "0",
    role: "region",
    "aria-label": "Table of runs",
  });
  private readonly table = h("table", {});
  private readonly widths = h("colgroup", {});
  private readonly head = h("thead", {});
  private readonly body = h("tbody", {});
  private view: TableView = { rows: [], columns: [], sort: "", slots: new Map() };
  private drawn = "";

  constructor(private readonly events: TableEvents) {
    this.table.append(this.widths, this.head, this.body);
    this.element.append(this.table);
    const draw = perFrame(() => this.rows());
    this.element.addEventListener("scroll", draw, { passive: true });
    this.body.addEventListener("pointerover", (event) => {
      events.point((event.target as Element).closest<HTMLElement>("tr[data-run]")?.dataset.run ?? null);
    });
    this.body.addEventListener("pointerleave", () => events.point(null));
    new ResizeObserver(draw).observe(this.element);
  }

  show(view: TableView): void {
    this.view = view;
    this.drawn = "";
    const widths = [32, ...view.columns.map(columnWidth)];
    fill(this.widths, ...widths.map((w) => h("col", { style: { width: `${w}px` } })));
    this.table.style.width = `${widths.reduce((a, b) => a + b)}px`;
    this.table.setAttribute("aria-rowcount", String(view.rows.length + 1));
    fill(
      this.head,
      h(
        "tr",
        {},
        h("th", { class: "eye-cell", scope: "col" }, h("span", { class: "offscreen" }, "In the charts")),
        ...view.columns.map((c) => this.heading(c)),
      ),
    );
    this.rows();
  }

  /** A column's short name, or the whole one where another column is called the same. */
  private title(column: string): string {
    const title = columnTitle(column);
    return this.view.columns.some((c) => c !== column && columnTitle(c) === title) ? column : title;
  }

  private heading(column: string): HTMLElement {
    const { sort } = this.view;
    const up = sort === column;
    const down = sort === `-${column}`;
    // The first click shows what is mostly wanted first: new runs, great numbers; names from A.
    const firstUp = column === "name" || column === "state";
    const next = up
      ? firstUp
        ? `-${column}`
        : ""
      : down
        ? firstUp
          ? ""
          : column
        : firstUp
          ? column
          : `-${column}`;
    const button = h("button", { type: "button", title: column }, h("span", {}, this.title(column)));
    if (up || down) button.append(icon(up ? "up" : "down"));
    button.addEventListener("click", () => this.events.sort(next));
    return h("th", { scope: "col", "aria-sort": up ? "ascending" : down ? "descending" : "none" }, button);
  }

  private rows(): void {
    const { rows } = this.view;
    const top = Math.max(0, this.element.scrollTop - ROW);
    const from = Math.max(0, Math.floor(top / ROW) - SPARE);
    const to = Math.min(rows.length, Math.ceil((top + this.element.clientHeight) / ROW) + SPARE);
    if (this.drawn === `${from} ${to}`) return;
    this.drawn = `${from} ${to}`;
    const some = rows.slice(from, to).map((row, i) => this.row(row, from + i));
    fill(this.body, gap(from), ...some, gap(rows.length - to));
  }

  private row(row: Row, i: number): HTMLElement {
    const slot = this.view.slots.get(row.id);
    const cells = this.view.columns.map((column) => cellOf(row, column));
    const eye = eyeOf(row, slot, () => this.events.toggle(row));
    return h(
      "tr",
      { "aria-rowindex": i + 2, "data-run": row.id, class: slot === undefined ? "unseen" : "" },
      eye,
      ...cells,
    );
  }
}

function gap(rows: number): HTMLElement | null {
  return rows ? h("tr", { class: "gap", "aria-hidden": "true", style: { height: `${rows * ROW}px` } }) : null;
}

/** `312 of 1,000 runs`. */
export function tally(found: number, all: number): string {
  const runs = `${count(all)} run${all === 1 ? "" : "s"}`;
  return found === all ? runs : `${count(found)} of ${runs}`;
}
