// A canvas with room for axes around the plot, and the element over the plot that takes the pointer.
import { h } from "../ui/dom.ts";
import { sharpness } from "../ui/paper.ts";

/** A rectangle, in pixels of the page or of a canvas. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where the pointer is along the plot's width: 0 at its left edge, 1 at its right. */
export interface StageEvents {
  hover(share: number | null): void;
  select(from: number, to: number): void;
  reset(): void;
}

const [TOP, RIGHT, BOTTOM] = [6, 14, 20];
/** A drag that is shorter (in pixels) is a click. */
const LEAST = 3;

export class Stage {
  readonly canvas = h("canvas", {});
  readonly pen = this.canvas.getContext("2d")!;
  readonly over = h("div", { class: "over" });
  private readonly marked = h("div", { class: "over-mark", hidden: true });
  private readonly element = h("div", { class: "stage" }, this.canvas, this.over);
  private size: readonly [number, number] = [0, 0];
  private left = 0;
  private from: number | null = null;

  constructor(
    host: HTMLElement,
    private readonly events: StageEvents,
  ) {
    const { over } = this;
    over.append(this.marked);
    over.addEventListener("pointerdown", (event) => this.press(event));
    over.addEventListener("pointermove", (event) => this.move(event));
    over.addEventListener("pointerup", (event) => this.release(event));
    over.addEventListener("pointercancel", () => this.cancel());
    over.addEventListener("pointerleave", () => this.events.hover(null));
    over.addEventListener("dblclick", () => this.events.reset());
    host.append(this.element);
  }

  /** Canvas pixels in one of the page. */
  get ratio(): number {
    return sharpness();
  }

  /** The plot within the stage, in pixels of the page. */
  get box(): Box {
    const [width, height] = this.size;
    const { left } = this;
    return {
      left,
      top: TOP,
      width: Math.max(1, width - left - RIGHT),
      height: Math.max(1, height - TOP - BOTTOM),
    };
  }

  /** Take this size, with so much room for the labels on the left; the canvas is empty then. */
  fit(size: readonly [number, number], left: number): void {
    this.size = size;
    this.left = left;
    const { canvas, over, box, ratio } = this;
    canvas.width = Math.round(size[0] * ratio);
    canvas.height = Math.round(size[1] * ratio);
    canvas.style.width = `${size[0]}px`;
    canvas.style.height = `${size[1]}px`;
    for (const side of ["left", "top", "width", "height"] as const) over.style[side] = `${box[side]}px`;
  }

  /** The share of the plot's width at a place in the window. */
  share(clientX: number): number {
    return (clientX - this.over.getBoundingClientRect().left) / this.box.width;
  }

  remove(): void {
    this.element.remove();
  }

  private press(event: PointerEvent): void {
    if (event.button || !event.isPrimary) return;
    this.over.setPointerCapture(event.pointerId);
    this.from = this.share(event.clientX);
  }

  private move(event: PointerEvent): void {
    const at = clamped(this.share(event.clientX));
    this.events.hover(at);
    if (this.from === null) return;
    const [low, high] = [Math.min(this.from, at), Math.max(this.from, at)];
    this.marked.hidden = false;
    this.marked.style.left = `${100 * low}%`;
    this.marked.style.width = `${100 * (high - low)}%`;
  }

  private release(event: PointerEvent): void {
    const { from } = this;
    const to = clamped(this.share(event.clientX));
    this.cancel();
    if (from !== null && Math.abs(to - from) * this.box.width >= LEAST) {
      this.events.select(Math.min(from, to), Math.max(from, to));
    }
  }

  private cancel(): void {
    this.from = null;
    this.marked.hidden = true;
  }
}

function clamped(share: number): number {
  return Math.min(1, Math.max(0, share));
}
