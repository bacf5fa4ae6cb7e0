// The table of runs. Only the rows in view are elements, so that 10,000 scroll like ten.
import { count } from "../format.ts";
import { fill, h, perFrame } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { isPrinting, onPaper } from "../ui/paper.ts";
import { columnTitle, columnWidth } from "./cells.ts";
import type { Item } from "./items.ts";
import { itemKey, type RowEvents, type RowView, rowElement } from "./tablerows.ts";

const ROW = 28;
const SPARE = 12;
const PICK = 32;
const EYE = 28;
/** More rows are not printed: a line says how many. */
const MOST_ON_PAPER = 1000;

export interface TableView extends RowView {
  readonly items: readonly Item[];
  /** Column by which rows are sorted, `-` before it for greatest first; empty for newest first. */
  readonly sort: string;
}

export interface TableEvents extends RowEvents {
  sort(by: string): void;
  /** Put a column where another one is. */
  move(column: string, to: string): void;
  /** The reader points at a run or group, or no longer at one. */
  point(id: string | null): void;
}

const EMPTY: TableView = {
  items: [],
  columns: [],
  sort: "",
  slots: new Map(),
  selected: new Set(),
  baseline: null,
  grouped: false,
};

export class RunsTable {
  readonly element = h("div", {
    class: "runs",
    tabindex: "0",
    role: "region",
    "aria-label": "Table of runs",
    "aria-description": "Arrow keys walk the rows; e draws, x selects, b pins the baseline, c gives a colour",
  });
  private readonly table = h("table", {});
  private readonly widths = h("colgroup", {});
  private readonly head = h("thead", {});
  private readonly pinned = h("tbody", { class: "pinned" });
  private readonly body = h("tbody", {});
  private view = EMPTY;
  private drawn = "";
  private shape = "";

  constructor(private readonly events: TableEvents) {
    this.table.append(this.widths, this.head, this.body);
    this.element.append(this.table);
    const draw = perFrame(() => this.rows());
    this.element.addEventListener("scroll", draw, { passive: true });
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.table.addEventListener("pointerover", (event) => {
      events.point((event.target as Element).closest<HTMLElement>("tr[data-run]")?.dataset.run ?? null);
    });
    this.table.addEventListener("pointerleave", () => events.point(null));
    new ResizeObserver(draw).observe(this.element);
    onPaper(() => this.rows());
  }

  show(view: TableView): void {
    this.view = view;
    this.drawn = "";
    this.table.setAttribute("aria-rowcount", String(view.items.length + 1));
    keepingFocus(this.element, () => {
      this.heads();
      this.rows();
    });
  }

  private heads(): void {
    const { columns, sort, baseline, grouped } = this.view;
    const shape = JSON.stringify([columns, sort, baseline !== null, grouped]);
    if (shape === this.shape) return;
    this.shape = shape;
    const widths = [PICK, EYE, ...columns.map((c) => columnWidth(c, baseline !== null, grouped))];
    fill(this.widths, ...widths.map((w) => h("col", { style: { width: `${w}px` } })));
    this.table.style.width = `${widths.reduce((a, b) => a + b)}px`;
    fill(
      this.head,
      h(
        "tr",
        { "aria-rowindex": 1 },
        h("th", { class: "pick-cell", scope: "col" }, h("span", { class: "offscreen" }, "Selected")),
        h("th", { class: "eye-cell", scope: "col" }, h("span", { class: "offscreen" }, "In the charts")),
        ...columns.map((c) => this.heading(c)),
      ),
    );
  }

  /** A column's short name, or the whole one where another column is called the same. */
  private title(column: string): string {
    const title = columnTitle(column);
    return this.view.columns.some((c) => c !== column && columnTitle(c) === title) ? column : title;
  }

  private heading(column: string): HTMLElement {
    const { sort } = this.view;
    const order = sort === column ? "ascending" : sort === `-${column}` ? "descending" : "none";
    const hint = column === "name" ? "" : "\nDrag, or Alt and an arrow key: move the column";
    const button = h(
      "button",
      { type: "button", title: column.slice(0, 2000) + hint, "data-do": `sort ${column}` },
      h("span", {}, this.title(column)),
    );
    if (order !== "none") button.append(icon(order === "ascending" ? "up" : "down"));
    button.addEventListener("click", () => this.events.sort(nextSort(column, sort)));
    const head = h("th", { scope: "col", "aria-sort": order, "data-key": `head ${column}` }, button);
    if (column !== "name") this.movable(head, button, column);
    return head;
  }

  private movable(head: HTMLElement, button: HTMLElement, column: string): void {
    head.draggable = true;
    head.addEventListener("dragstart", (event) => event.dataTransfer?.setData("text/plain", column));
    head.addEventListener("dragover", (event) => event.preventDefault());
    head.addEventListener("drop", (event) => {
      event.preventDefault();
      this.events.move(event.dataTransfer?.getData("text/plain") ?? "", column);
    });
    button.addEventListener("keydown", (event) => {
      const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
      const { columns } = this.view;
      const to = columns[columns.indexOf(column) + by];
      if (!event.altKey || !by || to === undefined || to === "name") return;
      event.preventDefault();
      this.events.move(column, to);
    });
  }

  /** Height of what stays above the rows. */
  private get above(): number {
    return this.view.baseline ? 2 * ROW : ROW;
  }

  private rows(): void {
    const { items, baseline } = this.view;
    const [from, to] = this.inView();
    if (this.drawn === `${from} ${to}`) return;
    this.drawn = `${from} ${to}`;
    const make = (item: Item, index: number) => rowElement(item, index, this.view, this.events);
    keepingFocus(this.element, () => {
      if (baseline) this.head.after(this.pinned);
      else this.pinned.remove();
      fill(this.pinned, baseline && make({ kind: "run", row: baseline, depth: 0 }, 1));
      const some = items.slice(from, to).map((item, i) => make(item, from + i + 2));
      fill(this.body, gap(from), ...some, gap(items.length - to), isPrinting() && rest(items.length - to));
    });
  }

  /** The rows that are elements now: the first, and the one after the last. */
  private inView(): readonly [number, number] {
    const { length } = this.view.items;
    if (isPrinting()) return [0, Math.min(length, MOST_ON_PAPER)];
    const { scrollTop, clientHeight } = this.element;
    const top = Math.max(0, scrollTop);
    const from = Math.max(0, Math.floor(top / ROW) - SPARE);
    return [from, Math.min(length, Math.ceil((top + clientHeight) / ROW) + SPARE)];
  }

  /** Keys on a row: arrows go to the next one, e is the eye, x selects, b pins the baseline. */
  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLElement>("tbody tr[data-key]");
    if (!row && target !== this.element) return;
    const acts = new Map([
      ["e", "eye"],
      ["x", "pick"],
      ["b", "pin"],
      ["c", "paint"],
    ]);
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const act = acts.get(event.key);
    if (by) this.step(row?.dataset.key, target.dataset.do ?? "open", by);
    else if (row && act) row.querySelector<HTMLElement>(`[data-do="${act}"]`)?.click();
    else return;
    event.preventDefault();
  }

  private step(key: string | undefined, act: string, by: number): void {
    const { items } = this.view;
    const at = key === undefined ? -1 : items.findIndex((item) => itemKey(item) === key);
    const first = Math.ceil(this.element.scrollTop / ROW);
    const next = items[key === undefined ? first : at + by];
    if (!next) return;
    const place = (key === undefined ? first : at + by) * ROW;
    const room = this.element.clientHeight - this.above - ROW;
    if (place < this.element.scrollTop) this.element.scrollTop = place;
    else if (place > this.element.scrollTop + room) this.element.scrollTop = place - room;
    this.rows();
    focusOn(this.element, itemKey(next), act);
  }
}

/** What a click on a column's head sorts by: first what is mostly wanted first, then the reverse, then nothing. */
function nextSort(column: string, sort: string): string {
  // New runs and great numbers are wanted first; names from A.
  const up = column === "name" || column === "state";
  const [first, second] = up ? [column, `-${column}`] : [`-${column}`, column];
  return sort === first ? second : sort === second ? "" : first;
}

/** Let elements be made anew without taking the focus from the one that the reader is on. */
function keepingFocus(element: HTMLElement, change: () => void): void {
  const focused = document.activeElement;
  const act = focused instanceof HTMLElement && element.contains(focused) ? focused.dataset.do : undefined;
  const key = focused?.closest<HTMLElement>("[data-key]")?.dataset.key;
  change();
  if (act !== undefined && key !== undefined && !focused!.isConnected) focusOn(element, key, act);
}

function focusOn(element: HTMLElement, key: string, act: string): void {
  const place = [...element.querySelectorAll<HTMLElement>("[data-key]")].find((e) => e.dataset.key === key);
  const acts = place ? [...place.querySelectorAll<HTMLElement>("[data-do]")] : [];
  (acts.find((e) => e.dataset.do === act) ?? acts.find((e) => e.dataset.do === "open"))?.focus({
    preventScroll: true,
  });
}

function gap(rows: number): HTMLElement | null {
  return rows ? h("tr", { class: "gap", "aria-hidden": "true", style: { height: `${rows * ROW}px` } }) : null;
}

/** Says on paper how many rows are not on it. */
function rest(rows: number): HTMLElement | null {
  return rows ? h("tr", {}, h("td", { colspan: 99 }, `${count(rows)} more are not printed.`)) : null;
}

/** `312 of 1,000 runs`. */
export function tally(found: number, all: number): string {
  const runs = `${count(all)} run${all === 1 ? "" : "s"}`;
  return found === all ? runs : `${count(found)} of ${runs}`;
}
