// A scatter plot of any column against any other, coloured by a third; marking a part filters the table.
import { colours } from "../../charts/colours.ts";
import { count } from "../../format.ts";
import { fill, h } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import { nameChooser } from "../../ui/names.ts";
import { joinNames, splitNames } from "../../ui/viewstate.ts";
import { axisOf, type ColumnAxis, type Tick, valueWords } from "../axes.ts";
import { Board, type Point } from "../board.ts";
import { formatBrushes, parseBrushes, withBrush } from "../brush.ts";
import { columnTitle } from "../cells.ts";
import type { Late, PanelBody, PanelContext, Project } from "../panel.ts";
import { shade } from "../ramp.ts";
import { rampKey } from "../rampkey.ts";
import type { Row } from "../rows.ts";
import { plottable, viewColumns } from "../viewcolumns.ts";

const LEFT = 64;
const RIGHT = 20;
const TOP = 16;
const BOTTOM = 44;
const NEAR = 12;
const WORDS = ["brush", "sx", "sy", "sc", "flip"];
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

interface Dot {
  readonly row: Row;
  readonly x: number;
  readonly y: number;
  readonly in: boolean;
}

class Scatter implements PanelBody {
  readonly element: HTMLElement;
  readonly controls: HTMLElement;
  private readonly board: Board;
  private readonly note = h("p", { class: "board-note" });
  private project: Project | null = null;
  private x: ColumnAxis | null = null;
  private y: ColumnAxis | null = null;
  private colour: ColumnAxis | null = null;
  private dots: Dot[] = [];
  private marked: readonly [Point, Point] | null = null;
  private run: string | null = null;

  constructor(private readonly context: PanelContext) {
    this.board = new Board({
      draw: (pen) => this.draw(pen),
      over: (pen) => this.drawOver(pen),
      hover: (point) => this.hover(point),
      drag: (from, to, done) => this.drag(from, to, done),
      click: (point) => this.select(point),
      doubleClick: () => this.clear(),
    });
    this.element = h("div", { class: "board-panel" }, this.board.element, this.note);
    this.controls = this.toolbar();
    context.view.listen((changed) => {
      if (WORDS.some((word) => changed.has(word)) && this.project) this.show(this.project);
    });
  }

  show(project: Project): void {
    this.project = project;
    const flipped = new Set(splitNames(this.context.view.get("flip")));
    const axis = (column: string | null) =>
      column === null ? null : axisOf(project.unbrushed, column, flipped.has(column));
    this.x = axis(this.column("sx"));
    this.y = axis(this.column("sy"));
    this.colour = axis(this.column("sc"));
    const inside = new Set(project.found.map(({ id }) => id));
    const dots = project.unbrushed.flatMap((row): Dot[] => {
      const [x, y] = [this.x?.place(row) ?? null, this.y?.place(row) ?? null];
      return x === null || y === null ? [] : [{ row, x, y, in: inside.has(row.id) }];
    });
    this.dots = dots.sort((a, b) => Number(a.in) - Number(b.in));
    this.say();
    this.board.draw();
  }

  emphasise(run: string | null): void {
    if (run === this.run) return;
    this.run = run;
    this.board.drawOver();
  }

  /** The column of an axis, or of the colour: as chosen, or the first setting against the most telling result. */
  private column(word: "sx" | "sy" | "sc"): string | null {
    const { project } = this;
    if (!project) return null;
    const named = this.context.view.get(word);
    if (project.columns.includes(named)) return named;
    const { settings, results } = viewColumns(project.rows, project.columns);
    const usual = { sx: settings[0] ?? "created", sy: results[0] ?? "duration", sc: null };
    return usual[word];
  }

  private toolbar(): HTMLElement {
    const { view } = this.context;
    const chooser = (word: "sx" | "sy" | "sc", title: string, what: string) =>
      nameChooser({
        word: title,
        sign: icon(word === "sc" ? "palette" : word === "sx" ? "across" : "up"),
        what,
        single: true,
        all: () => plottable(this.project?.columns ?? []),
        chosen: () => [this.column(word)].filter((c) => c !== null),
        toggle: (column) => view.set({ [word]: view.get(word) === column && word === "sc" ? "" : column }),
      });
    const scales = (["sx", "sy"] as const).map((word) => {
      const button = h("button", { type: "button", class: "toggle" }, word === "sx" ? "Log x" : "Log y");
      button.addEventListener("click", () => this.flip(word));
      const show = () => {
        const axis = word === "sx" ? this.x : this.y;
        button.disabled = !axis?.canLog;
        button.setAttribute("aria-pressed", String(axis?.log ?? false));
      };
      this.shown.push(show);
      return button;
    });
    const clear = h("button", { type: "button", class: "button" }, icon("reset"), "Clear marks");
    clear.addEventListener("click", () => view.set({ brush: "" }));
    this.shown.push(() => {
      clear.hidden = !view.get("brush");
    });
    return h(
      "div",
      { class: "toolbar", role: "toolbar", "aria-label": "Scatter plot" },
      clear,
      ...scales,
      chooser("sx", "X", "x columns"),
      chooser("sy", "Y", "y columns"),
      chooser("sc", "Colour", "colour columns"),
      this.board.saveButton(
        () => `${this.column("sy") ?? "nothing"} against ${this.column("sx") ?? "nothing"}`,
      ),
    );
  }

  private readonly shown: (() => void)[] = [];

  private flip(word: "sx" | "sy"): void {
    const column = this.column(word);
    const { view } = this.context;
    const flipped = new Set(splitNames(view.get("flip")));
    if (column !== null && !flipped.delete(column)) flipped.add(column);
    view.set({ flip: joinNames(flipped) });
  }

  private get size(): { width: number; height: number } {
    const { width, height } = this.board;
    return { width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
  }

  private px(dot: { readonly x: number; readonly y: number }): Point {
    const { width, height } = this.size;
    return { x: LEFT + dot.x * width, y: TOP + (1 - dot.y) * height };
  }

  private draw(pen: CanvasRenderingContext2D): void {
    this.drawAxes(pen);
    for (const dot of this.dots) this.drawDot(pen, dot, this.radius);
  }

  /** Of a dot, the smaller the more there are. */
  private get radius(): number {
    const { length } = this.dots;
    return length > 2000 ? 2 : length > 300 ? 3 : 4;
  }

  private drawOver(pen: CanvasRenderingContext2D): void {
    const { radius } = this;
    const out = this.dots.find(({ row }) => row.id === this.run);
    const chosen = new Set(this.context.choices.selected);
    for (const dot of this.dots) if (chosen.has(dot.row.id)) this.ring(pen, dot, radius + 2.5);
    if (out) this.ring(pen, out, radius + 4);
    if (!this.marked) return;
    const [a, b] = this.marked;
    pen.fillStyle = colours().line(0);
    pen.globalAlpha = 0.18;
    pen.fillRect(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.abs(a.x - b.x), Math.abs(a.y - b.y));
    pen.globalAlpha = 1;
  }

  private drawDot(pen: CanvasRenderingContext2D, dot: Dot, radius: number): void {
    const { x, y } = this.px(dot);
    const slot = this.project?.drawing.slots.get(dot.row.id);
    const place = this.colour?.place(dot.row) ?? null;
    const shaded = place === null ? colours().axis : shade(place);
    const own = slot === undefined ? colours().axis : colours().line(slot);
    pen.fillStyle = this.colour ? shaded : own;
    pen.globalAlpha = dot.in ? 0.85 : 0.12;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fill();
    pen.globalAlpha = 1;
  }

  private ring(pen: CanvasRenderingContext2D, dot: Dot, radius: number): void {
    const { x, y } = this.px(dot);
    pen.strokeStyle = colours().warn;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.stroke();
  }

  private drawAxes(pen: CanvasRenderingContext2D): void {
    const { width, height } = this.size;
    pen.font = `10px ${FONT}`;
    pen.fillStyle = colours().axis;
    pen.strokeStyle = colours().grid;
    pen.lineWidth = 1;
    const line = (x1: number, y1: number, x2: number, y2: number) => {
      pen.beginPath();
      pen.moveTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
      pen.lineTo(Math.round(x2) + 0.5, Math.round(y2) + 0.5);
      pen.stroke();
    };
    for (const tick of this.x?.ticks(Math.max(2, width / 72)) ?? []) {
      const { x } = this.px({ x: tick.at, y: 0 });
      line(x, TOP, x, TOP + height);
      text(pen, tick, x, TOP + height + 12, "center");
    }
    for (const tick of this.y?.ticks(Math.max(2, height / 36)) ?? []) {
      const { y } = this.px({ x: 0, y: tick.at });
      line(LEFT, y, LEFT + width, y);
      text(pen, tick, LEFT - 6, y, "right");
    }
    pen.font = `600 12px ${FONT}`;
    const name = (axis: ColumnAxis | null) => (axis ? columnTitle(axis.column).slice(0, 60) : "");
    pen.textAlign = "center";
    pen.fillText(name(this.x), LEFT + width / 2, TOP + height + 32);
    pen.save();
    pen.translate(14, TOP + height / 2);
    pen.rotate(-Math.PI / 2);
    pen.fillText(name(this.y), 0, 0);
    pen.restore();
  }

  private drag(from: Point, to: Point, done: boolean): void {
    this.marked = done ? null : [from, to];
    if (done) this.mark(from, to);
    this.board.drawOver();
  }

  private mark(from: Point, to: Point): void {
    if (!this.x || !this.y) return;
    const { width, height } = this.size;
    const clamp = (v: number) => Math.max(0, Math.min(1, v));
    const xs = [from.x, to.x].map((v) => clamp((v - LEFT) / width)).sort((a, b) => a - b);
    const ys = [from.y, to.y].map((v) => clamp(1 - (v - TOP) / height)).sort((a, b) => a - b);
    const { view } = this.context;
    const along = withBrush(parseBrushes(view.get("brush")), this.x.column, this.x.brush(xs[0]!, xs[1]!));
    view.set({ brush: formatBrushes(withBrush(along, this.y.column, this.y.brush(ys[0]!, ys[1]!))) });
  }

  private clear(): void {
    const { view } = this.context;
    const others = parseBrushes(view.get("brush")).filter(
      ({ column }) => column !== this.x?.column && column !== this.y?.column,
    );
    view.set({ brush: formatBrushes(others) });
  }

  private nearest(point: Point): Dot | null {
    let best: Dot | null = null;
    let least = NEAR;
    for (const dot of this.dots) {
      const at = this.px(dot);
      const away = Math.hypot(at.x - point.x, at.y - point.y);
      if (dot.in && away <= least) [best, least] = [dot, away];
    }
    return best;
  }

  /** A click on a run selects it, or no longer. */
  private select(point: Point): void {
    const dot = this.nearest(point);
    if (!dot) return;
    const { choices } = this.context;
    const { id } = dot.row;
    const { selected } = choices;
    choices.selected = selected.includes(id) ? selected.filter((run) => run !== id) : [...selected, id];
  }

  private hover(point: Point | null): void {
    const dot = point && this.nearest(point);
    this.emphasise(dot?.row.id ?? null);
    this.board.canvas.style.cursor = dot ? "pointer" : "crosshair";
    if (!point || !dot) {
      this.board.say(null);
      return;
    }
    const axes = [this.x, this.y, this.colour].filter((axis) => axis !== null);
    const values = axes.map(({ column }) => `${columnTitle(column)}: ${valueWords(dot.row, column)}`);
    this.board.say(point, h("strong", {}, dot.row.name.slice(0, 80)), ...values);
  }

  private say(): void {
    const { unbrushed, found } = this.project!;
    const lost = unbrushed.length - this.dots.length;
    const without = lost ? ` ${count(lost)} without a place on both axes are not drawn.` : "";
    const words = `Drag to keep only the runs within; click a run to select it. ${count(found.length)} of ${count(unbrushed.length)} runs are left.${without}`;
    fill(this.note, words, this.colour && rampKey(this.colour));
    const [x, y] = [this.x, this.y].map((axis) => (axis ? columnTitle(axis.column) : "nothing"));
    const label = `Scatter plot of ${this.dots.length} runs, ${y} against ${x}; the filter box does the same as marking`;
    this.board.canvas.setAttribute("aria-label", label.slice(0, 600));
    for (const show of this.shown) show();
  }
}

function text(
  pen: CanvasRenderingContext2D,
  { label }: Tick,
  x: number,
  y: number,
  align: CanvasTextAlign,
): void {
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.fillText(label.length > 12 ? `${label.slice(0, 11)}\u2026` : label, x, y);
}

const late: Late = { id: "scatter", open: (context) => new Scatter(context) };
export default late;
