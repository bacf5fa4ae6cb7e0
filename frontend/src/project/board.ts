// A canvas that fills its place, sharp on any screen, with a note beside the pointer.
import { fill, h, perFrame } from "../ui/dom.ts";
import { onTheme } from "../ui/theme.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface BoardEvents {
  /** Draw all, into a place of this size. */
  draw(context: CanvasRenderingContext2D, width: number, height: number): void;
  /** The pointer moved, or left. */
  hover(point: Point | null): void;
  /** A drag goes on, or has ended. */
  drag(from: Point, to: Point, done: boolean): void;
  click(point: Point): void;
  doubleClick(point: Point): void;
}

/** A drag that is shorter (in pixels) is a click. */
const LEAST = 4;

export class Board {
  readonly element = h("div", { class: "board" });
  readonly canvas = h("canvas", { role: "img", tabindex: "0" });
  private readonly note = h("div", { class: "tip board-tip", hidden: true });
  private from: Point | null = null;
  private dragging = false;
  readonly draw: () => void;

  constructor(private readonly events: BoardEvents) {
    this.element.append(this.canvas, this.note);
    this.draw = perFrame(() => this.paint());
    new ResizeObserver(this.draw).observe(this.element);
    onTheme(this.draw);
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.up(event));
    canvas.addEventListener("pointerleave", () => events.hover(null));
    canvas.addEventListener("dblclick", (event) => events.doubleClick(this.at(event)));
  }

  /** Say something beside a point; nothing hides it. */
  say(point: Point | null, ...lines: (string | HTMLElement)[]): void {
    this.note.hidden = point === null;
    if (!point) return;
    fill(this.note, ...lines.map((line) => (typeof line === "string" ? h("div", {}, line) : line)));
    const left = point.x + 12 + this.note.offsetWidth < this.element.clientWidth;
    this.note.style.left = `${left ? point.x + 12 : Math.max(0, point.x - 12 - this.note.offsetWidth)}px`;
    const top = Math.min(point.y + 12, this.element.clientHeight - this.note.offsetHeight);
    this.note.style.top = `${Math.max(0, top)}px`;
  }

  private paint(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    const context = this.canvas.getContext("2d");
    if (!width || !height || !context) return;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.events.draw(context, width, height);
  }

  private at(event: MouseEvent): Point {
    const { left, top } = this.canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.from = this.at(event);
    this.canvas.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const at = this.at(event);
    const { from } = this;
    if (!from) {
      this.events.hover(at);
      return;
    }
    this.dragging ||= Math.hypot(at.x - from.x, at.y - from.y) >= LEAST;
    if (this.dragging) this.events.drag(from, at, false);
  }

  private up(event: PointerEvent): void {
    const { from, dragging } = this;
    this.from = null;
    this.dragging = false;
    if (!from) return;
    if (dragging) this.events.drag(from, this.at(event), true);
    else this.events.click(from);
  }
}
