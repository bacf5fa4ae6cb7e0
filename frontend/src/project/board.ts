// A canvas that fills its place, sharp on any screen, with a note beside the pointer.
import { saveChart } from "../charts/image.ts";
import { fill, h, perFrame } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { sharpness } from "../ui/paper.ts";
import { onTheme } from "../ui/theme.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface BoardEvents {
  /** Draw all, into a place of this size. */
  draw(context: CanvasRenderingContext2D, width: number, height: number): void;
  /** Draw what changes with the pointer, on top. */
  over(context: CanvasRenderingContext2D): void;
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
  private readonly top = h("canvas", { class: "board-top", "aria-hidden": "true" });
  private readonly note = h("div", { class: "tip board-tip", hidden: true });
  private from: Point | null = null;
  private size: readonly [number, number] = [0, 0];
  private dragging = false;
  readonly draw: () => void;
  /** Draw only what is on top: thousands of lines below are left alone. */
  readonly drawOver: () => void;

  constructor(private readonly events: BoardEvents) {
    this.element.append(this.canvas, this.top, this.note);
    const draw = () => {
      this.measure();
      this.paint(this.canvas, (pen, width, height) => events.draw(pen, width, height));
      this.paint(this.top, (pen) => events.over(pen));
    };
    this.draw = perFrame(draw);
    this.drawOver = perFrame(() => this.paint(this.top, (pen) => events.over(pen)));
    new ResizeObserver(this.draw).observe(this.element);
    onTheme(draw); // At once: no frame comes before the page is printed.
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.up(event));
    canvas.addEventListener("pointerleave", () => events.hover(null));
    canvas.addEventListener("dblclick", (event) => events.doubleClick(this.at(event)));
  }

  /** The place's size as it was last measured: thousands of lines are laid out by it. */
  get width(): number {
    return this.size[0];
  }

  get height(): number {
    return this.size[1];
  }

  private measure(): void {
    this.size = [this.element.clientWidth, this.element.clientHeight];
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

  /** A button that saves what is drawn as a picture. */
  saveButton(name: () => string): HTMLElement {
    const title = "Save as a PNG picture";
    const button = h("button", { type: "button", class: "button", title }, icon("download"), "PNG");
    button.addEventListener("click", () => saveChart(name(), this.canvas, []));
    return button;
  }

  private paint(
    canvas: HTMLCanvasElement,
    draw: (pen: CanvasRenderingContext2D, width: number, height: number) => void,
  ): void {
    const [width, height] = this.size;
    const pen = canvas.getContext("2d");
    if (!width || !height || !pen) return;
    const ratio = sharpness();
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    draw(pen, width, height);
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
