// A table that sorts and searches; rows are made as they are scrolled to, and pieces loaded as they are needed.
import { matcher } from "../../charts/source.ts";
import { count, exact, isNum, value as words } from "../../format.ts";
import type { Json, MediaItem } from "../../types.ts";
import { debounce, fill, h } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import { json, loadContent } from "../data.ts";
import { broken } from "../kind.ts";
import { compare } from "../sorting.ts";
import { image } from "./image.ts";

const ROW = 24;
const PICTURE_ROW = 64;
const AROUND = 8;
const [NARROW, BROAD] = [6, 40];

class TableView {
  readonly element = h("div", { class: "table" });
  private readonly scroller = h("div", { class: "table-scroll", tabindex: "0" });
  private readonly head = h("div", { class: "table-row table-head", role: "row" });
  private readonly rowsPlace = h("div", { class: "table-rows", role: "rowgroup" });
  private readonly input = h("input", { type: "search", class: "input", placeholder: "Search" });
  private readonly total = h("span", { class: "dim" });
  private readonly columns: string[];
  private data: Json[][];
  private order: number[] = [];
  private sort: { readonly column: number; readonly down: boolean } | null = null;
  private row = ROW;
  private rest: Promise<void> | null = null;

  constructor(
    private readonly item: MediaItem,
    columns: readonly string[],
    first: Json[][],
    private readonly rows: number,
    private readonly chunks: number,
  ) {
    this.columns = [...columns];
    this.data = first;
    this.input.setAttribute("aria-label", "Search the table");
    this.input.addEventListener(
      "input",
      debounce(() => void this.arrange(), 150),
    );
    this.scroller.addEventListener("scroll", () => void this.draw());
    this.scroller.setAttribute("role", "table");
    this.scroller.setAttribute("aria-rowcount", String(rows + 1));
    if (this.data.some((column) => column.some(isMedia))) this.row = PICTURE_ROW;
    this.element.style.setProperty("--row", `${this.row}px`);
    this.element.style.setProperty("--widths", this.widths());
    fill(this.scroller, this.head, this.rowsPlace);
    const search = h("label", { class: "search" }, icon("search"), this.input);
    fill(this.element, h("div", { class: "table-bar" }, search, this.total), this.scroller);
    void this.arrange();
    new ResizeObserver(() => void this.draw()).observe(this.scroller);
  }

  private widths(): string {
    return this.columns
      .map((name, i) => {
        const seen = (this.data[i] ?? []).slice(0, 100).map((v) => (isMedia(v) ? 8 : words(v).length));
        return `${Math.min(BROAD, Math.max(NARROW, name.length + 3, ...seen)) + 2}ch`;
      })
      .join(" ");
  }

  /** All pieces, for what needs every row. */
  private whole(): Promise<void> {
    this.rest ??= (async () => {
      for (let piece = 1; piece < this.chunks; piece++) {
        const more = await json<Json[][]>((await loadContent(this.item, piece)).z);
        this.data = this.data.map((column, i) => [...column, ...(more[i] ?? [])]);
      }
    })();
    return this.rest;
  }

  private async arrange(): Promise<void> {
    const search = this.input.value;
    if (search || this.sort) await this.whole().catch(() => {});
    const { pattern } = matcher(search);
    const fits = (row: number) => this.data.some((column) => pattern.test(words(column[row])));
    const all = Array.from(
      { length: search || this.sort ? (this.data[0]?.length ?? 0) : this.rows },
      (_, i) => i,
    );
    this.order = search ? all.filter(fits) : all;
    if (this.sort) {
      const column = this.data[this.sort.column]!;
      const sign = this.sort.down ? -1 : 1;
      this.order.sort((a, b) => compare(column[a], column[b], sign) || a - b);
    }
    this.total.textContent =
      this.order.length === this.rows
        ? `${count(this.rows)} rows`
        : `${count(this.order.length)} of ${count(this.rows)} rows`;
    this.rowsPlace.style.height = `${this.order.length * this.row}px`;
    fill(this.head, ...this.columns.map((name, i) => this.header(name, i)));
    this.scroller.scrollTop = 0;
    await this.draw();
  }

  private header(name: string, column: number): HTMLElement {
    const sorted = this.sort?.column === column ? this.sort : null;
    const button = h("button", { type: "button", class: "table-name", title: name }, name);
    if (sorted) button.append(icon(sorted.down ? "down" : "up"));
    button.addEventListener("click", () => {
      this.sort = !sorted ? { column, down: false } : sorted.down ? null : { column, down: true };
      void this.arrange();
    });
    const cell = h("div", { class: "table-cell", role: "columnheader" }, button);
    cell.setAttribute("aria-sort", sorted ? (sorted.down ? "descending" : "ascending") : "none");
    return cell;
  }

  private async draw(): Promise<void> {
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / this.row) - AROUND);
    const last = Math.min(
      this.order.length,
      first + Math.ceil((this.scroller.clientHeight || 240) / this.row) + 2 * AROUND,
    );
    const loaded = this.data[0]?.length ?? 0;
    if (this.order.slice(first, last).some((row) => row >= loaded)) await this.whole().catch(() => {});
    fill(this.rowsPlace, ...this.order.slice(first, last).map((row, i) => this.line(row, first + i)));
  }

  private line(row: number, at: number): HTMLElement {
    const line = h("div", { class: "table-row", role: "row", "aria-rowindex": at + 2 });
    line.style.top = `${at * this.row}px`;
    line.append(...this.data.map((column) => cell(column[row])));
    return line;
  }
}

function isMedia(value: Json | undefined): value is MediaItem & { [name: string]: Json } {
  return (
    value !== null && typeof value === "object" && !Array.isArray(value) && typeof value.kind === "string"
  );
}

function cell(value: Json | undefined): HTMLElement {
  if (isMedia(value)) {
    const shown = value.kind === "image" ? image(value) : value.kind;
    return h("div", { class: "table-cell", role: "cell" }, shown);
  }
  const kind = isNum(value) && typeof value === "number" ? "num" : value === null ? "word" : "";
  const text = value === undefined ? "" : words(value, 6);
  const title = typeof value === "number" ? exact(value) : text;
  return h("div", { class: `table-cell ${kind}`, role: "cell", title }, text);
}

export function table(item: MediaItem): HTMLElement {
  const place = h("div", { class: "table-place" });
  const open = async () => {
    const { columns = [], rows = 0, chunks = 1, z } = await loadContent(item);
    fill(place, new TableView(item, columns, await json(z), rows, chunks).element);
  };
  open().catch((error: unknown) => {
    fill(place, broken(error instanceof Error ? error.message : String(error)));
  });
  return place;
}
