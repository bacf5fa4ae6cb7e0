// Parallel coordinates: a line a run across the axes of settings and results; marking a part filters the table.
import { colours } from "../../charts/colours.ts";
import { count } from "../../format.ts";
import { fill, h } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import { nameChooser } from "../../ui/names.ts";
import { joinNames, splitNames } from "../../ui/viewstate.ts";
import { axisOf, type ColumnAxis, valueWords } from "../axes.ts";
import { Board, type Point } from "../board.ts";
import { formatBrushes, parseBrushes, withBrush } from "../brush.ts";
import { columnTitle } from "../cells.ts";
import { moved } from "../columns.ts";
import type { Late, PanelBody, PanelContext, Project } from "../panel.ts";
import { shade } from "../ramp.ts";
import { rampKey } from "../rampkey.ts";
import type { Row } from "../rows.ts";
import { plottable, viewColumns } from "../viewcolumns.ts";

const MOST_AXES = 16;
/** Room that an axis needs at least. */
const AXIS_WIDTH = 84;
const TOP = 16;
const BOTTOM = 28;
const SIDE = 64;
/** How near (in pixels) the pointer must be to mark on an axis, or to read a line. */
const NEAR_AXIS = 24;
const NEAR_LINE = 8;
const WORDS = ["brush", "axes", "flip", "by"];

class Parallel implements PanelBody {
  readonly element: HTMLElement;
  readonly controls: HTMLElement;
  private readonly board: Board;
  private readonly heads = h("div", { class: "axis-heads" });
  private readonly note = h("p", { class: "board-note" });
  private project: Project | null = null;
  private axes: ColumnAxis[] = [];
  private colour: ColumnAxis | null = null;
  /** Places of each run on the axes. */
  private lines: { readonly row: Row; readonly at: readonly (number | null)[]; readonly in: boolean }[] = [];
  private marked: { readonly axis: number; readonly from: number; readonly to: number } | null = null;
  private run: string | null = null;

  constructor(private readonly context: PanelContext) {
    this.board = new Board({
      draw: (pen) => this.draw(pen),
      over: (pen) => this.drawOver(pen),
      hover: (point) => this.hover(point),
      drag: (from, to, done) => this.drag(from, to, done),
      click: (point) => this.clear(point),
      doubleClick: () => context.view.set({ brush: "" }),
    });
    this.element = h("div", { class: "board-panel" }, this.heads, this.board.element, this.note);
    this.controls = this.toolbar();
    context.view.listen((changed) => {
      if (WORDS.some((word) => changed.has(word)) && this.project) this.show(this.project);
    });
  }

  show(project: Project): void {
    this.project = project;
    const flipped = new Set(splitNames(this.context.view.get("flip")));
    const { unbrushed, found } = project;
    this.axes = this.columns().map((column) => axisOf(unbrushed, column, flipped.has(column)));
    const by = this.by();
    this.colour = by ? axisOf(unbrushed, by, flipped.has(by)) : null;
    const inside = new Set(found.map(({ id }) => id));
    const lines = unbrushed.map((row) => ({
      row,
      at: this.axes.map((axis) => axis.place(row)),
      in: inside.has(row.id),
    }));
    // Those that are left by the marks are drawn last, on top.
    this.lines = lines.sort((a, b) => Number(a.in) - Number(b.in));
    this.showHeads();
    this.say();
    this.board.draw();
  }

  emphasise(run: string | null): void {
    if (run === this.run) return;
    this.run = run;
    this.board.drawOver();
  }

  /** The axes that are shown. */
  private columns(): string[] {
    const { project } = this;
    if (!project) return [];
    const known = new Set(project.columns);
    const named = splitNames(this.context.view.get("axes")).filter((c) => known.has(c));
    if (named.length) return named.slice(0, MOST_AXES);
    const { settings, results } = viewColumns(project.rows, project.columns);
    return [...settings, ...results.slice(0, 2)];
  }

  /** The column that gives lines their colour: the last axis, unless another was chosen. */
  private by(): string | null {
    const named = this.context.view.get("by");
    return this.project?.columns.includes(named) ? named : (this.columns().at(-1) ?? null);
  }

  private toolbar(): HTMLElement {
    const { view } = this.context;
    const all = () => plottable(this.project?.columns ?? []);
    const axes = nameChooser({
      word: "Axes",
      sign: icon("columns"),
      what: "axes",
      all,
      chosen: () => this.columns(),
      toggle: (column) => {
        const now = this.columns();
        const next = now.includes(column) ? now.filter((c) => c !== column) : [...now, column];
        view.set({ axes: joinNames(next) });
      },
    });
    const by = nameChooser({
      word: "Colour",
      sign: icon("palette"),
      what: "colour columns",
      single: true,
      all,
      chosen: () => [this.by()].filter((c) => c !== null),
      toggle: (column) => view.set({ by: column }),
    });
    const clear = h("button", { type: "button", class: "button" }, icon("reset"), "Clear marks");
    clear.addEventListener("click", () => view.set({ brush: "" }));
    const show = () => {
      clear.hidden = !view.get("brush");
    };
    view.listen(show);
    show();
    return h(
      "div",
      { class: "toolbar", role: "toolbar", "aria-label": "Parallel coordinates" },
      clear,
      by,
      axes,
      this.board.saveButton(() => "Parallel coordinates"),
    );
  }

  private showHeads(): void {
    this.element.style.setProperty("--wide", `${this.axes.length * AXIS_WIDTH}px`);
    fill(this.heads, ...this.axes.map((axis, i) => this.head(axis, i)));
  }

  private head(axis: ColumnAxis, i: number): HTMLElement {
    const { view } = this.context;
    const title = `${axis.column.slice(0, 300)}\nAlt and an arrow key: move the axis`;
    const scale = axis.log ? " (log)" : "";
    const button = h(
      "button",
      { type: "button", class: "axis-head", title },
      columnTitle(axis.column) + scale,
    );
    if (axis.canLog) {
      button.title = `${axis.column.slice(0, 300)}\nClick: ${axis.log ? "linear" : "log"} scale`;
      button.addEventListener("click", () => {
        const flipped = new Set(splitNames(view.get("flip")));
        if (!flipped.delete(axis.column)) flipped.add(axis.column);
        view.set({ flip: joinNames(flipped) });
      });
    }
    button.addEventListener("keydown", (event) => {
      const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
      const to = this.columns()[i + by];
      if (!event.altKey || !by || to === undefined) return;
      event.preventDefault();
      view.set({ axes: joinNames(moved(this.columns(), axis.column, to)) });
    });
    button.style.left = `${this.share(i) * 100}%`;
    return button;
  }

  /** Where an axis stands, as a share of the width between the sides. */
  private share(i: number): number {
    return this.axes.length > 1 ? i / (this.axes.length - 1) : 0.5;
  }

  private x(i: number): number {
    return SIDE + this.share(i) * (this.board.width - 2 * SIDE);
  }

  private y(place: number | null): number {
    const tall = this.board.height - TOP - BOTTOM;
    // What a run lacks lies on a rail of its own under the axis.
    return place === null ? TOP + tall + 16 : TOP + (1 - place) * tall;
  }

  private draw(pen: CanvasRenderingContext2D): void {
    const some = this.lines.some(({ in: inside }) => !inside);
    const crowd = Math.max(0.03, Math.min(0.8, 120 / Math.max(1, this.lines.length)));
    for (const line of this.lines) {
      const place = this.colour?.place(line.row) ?? null;
      const faint = some && !line.in;
      pen.strokeStyle = faint ? colours().grid : place === null ? colours().axis : shade(place);
      pen.globalAlpha = faint ? 1 : crowd;
      pen.lineWidth = 1.25;
      this.stroke(pen, line.at);
    }
    pen.globalAlpha = 1;
    for (const i of this.axes.keys()) this.drawAxis(pen, i);
  }

  private drawOver(pen: CanvasRenderingContext2D): void {
    const out = this.lines.find(({ row }) => row.id === this.run);
    if (out) {
      pen.strokeStyle = colours().warn;
      pen.lineWidth = 2.5;
      this.stroke(pen, out.at);
    }
    for (const i of this.axes.keys()) this.drawMark(pen, i);
  }

  private stroke(pen: CanvasRenderingContext2D, at: readonly (number | null)[]): void {
    pen.beginPath();
    for (const [i, place] of at.entries()) pen.lineTo(this.x(i), this.y(place));
    pen.stroke();
  }

  private drawAxis(pen: CanvasRenderingContext2D, i: number): void {
    const axis = this.axes[i]!;
    const x = Math.round(this.x(i)) + 0.5;
    const [top, foot] = [this.y(1), this.y(0)];
    pen.strokeStyle = colours().axis;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, top);
    pen.lineTo(x, foot);
    pen.stroke();
    pen.font = '10px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
    pen.textBaseline = "middle";
    pen.textAlign = i === this.axes.length - 1 && i > 0 ? "left" : "right";
    const side = pen.textAlign === "left" ? 6 : -6;
    for (const { at, label } of axis.ticks(Math.max(2, (foot - top) / 28))) {
      const text = label.length > 14 ? `${label.slice(0, 13)}\u2026` : label;
      const y = this.y(at);
      pen.fillStyle = colours().panel;
      const wide = pen.measureText(text).width;
      pen.globalAlpha = 0.75;
      pen.fillRect(side > 0 ? x + side - 1 : x + side - wide - 1, y - 6, wide + 2, 12);
      pen.globalAlpha = 1;
      pen.fillStyle = colours().axis;
      pen.fillText(text, x + side, y);
    }
  }

  private drawMark(pen: CanvasRenderingContext2D, i: number): void {
    const x = Math.round(this.x(i)) + 0.5;
    const brush = parseBrushes(this.context.view.get("brush")).find((b) => b.column === this.axes[i]!.column);
    const span =
      this.marked?.axis === i ? [this.marked.from, this.marked.to] : brush && this.axes[i]!.span(brush);
    if (!span) return;
    const [low, high] = [Math.min(span[0]!, span[1]!), Math.max(span[0]!, span[1]!)];
    pen.fillStyle = colours().line(0);
    pen.globalAlpha = 0.3;
    pen.fillRect(x - 6, this.y(high), 12, Math.max(2, this.y(low) - this.y(high)));
    pen.globalAlpha = 1;
  }

  private axisNear(x: number): number | null {
    const near = this.axes.findIndex((_, i) => Math.abs(this.x(i) - x) <= NEAR_AXIS);
    return near < 0 ? null : near;
  }

  private placeAt(y: number): number {
    const tall = this.board.height - TOP - BOTTOM;
    return Math.max(0, Math.min(1, 1 - (y - TOP) / tall));
  }

  private drag(from: Point, to: Point, done: boolean): void {
    const axis = this.axisNear(from.x);
    if (axis === null) return;
    const [a, b] = [this.placeAt(from.y), this.placeAt(to.y)];
    this.marked = done ? null : { axis, from: a, to: b };
    if (done) this.mark(axis, Math.min(a, b), Math.max(a, b));
    this.board.drawOver();
  }

  private mark(i: number, low: number, high: number): void {
    const { view } = this.context;
    const brush = this.axes[i]!.brush(low, high);
    const empty = brush.values !== null && !brush.values.length;
    const all = withBrush(parseBrushes(view.get("brush")), brush.column, empty ? null : brush);
    view.set({ brush: formatBrushes(all) });
  }

  /** A click on an axis takes its mark away. */
  private clear(point: Point): void {
    const i = this.axisNear(point.x);
    const { view } = this.context;
    const brushes = parseBrushes(view.get("brush"));
    if (i !== null) view.set({ brush: formatBrushes(withBrush(brushes, this.axes[i]!.column, null)) });
  }

  private hover(point: Point | null): void {
    const line = point && this.nearest(point);
    this.emphasise(line?.row.id ?? null);
    this.board.canvas.style.cursor = point && this.axisNear(point.x) !== null ? "ns-resize" : "default";
    if (!point || !line) {
      this.board.say(null);
      return;
    }
    const values = this.axes.map(({ column }) => `${columnTitle(column)}: ${valueWords(line.row, column)}`);
    this.board.say(point, h("strong", {}, line.row.name.slice(0, 80)), ...values);
  }

  /** The line nearest to a point, of those that are not marked out. */
  private nearest({ x, y }: Point): { readonly row: Row } | null {
    const i = this.axes.findIndex((_, k) => this.x(k) > x) - 1;
    if (i < 0) return null;
    const share = (x - this.x(i)) / (this.x(i + 1) - this.x(i));
    let best: { readonly row: Row } | null = null;
    let least = NEAR_LINE;
    for (const line of this.lines) {
      if (!line.in) continue;
      const [a, b] = [this.y(line.at[i]!), this.y(line.at[i + 1]!)];
      const away = Math.abs(a + (b - a) * share - y);
      if (away <= least) [best, least] = [line, away];
    }
    return best;
  }

  private say(): void {
    const { found, unbrushed } = this.project!;
    const words = this.axes.length
      ? `Drag along an axis to keep only the runs that pass there. ${count(found.length)} of ${count(unbrushed.length)} runs are left.`
      : "These runs have no settings that differ. Choose axes above.";
    fill(this.note, words, this.colour && rampKey(this.colour));
    const names = this.axes.map(({ column }) => columnTitle(column)).join(", ");
    const label = `Parallel coordinates of ${unbrushed.length} runs over ${names}; the filter box does the same as marking`;
    this.board.canvas.setAttribute("aria-label", label.slice(0, 600));
  }
}

const late: Late = { id: "parallel", open: (context) => new Parallel(context) };
export default late;
