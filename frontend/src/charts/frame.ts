// The axes of a chart: grid and labels on its canvas.
import { colours } from "./colours.ts";
import type { Box } from "./stage.ts";

/** A place along an axis, from 0 to 1, and what it is called. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

const LABEL_FONT = '10px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const [GAP_X, GAP_Y] = [3, 4];

/** The room in pixels that labels take on the left. */
export function labelRoom(pen: CanvasRenderingContext2D, ys: readonly Tick[]): number {
  pen.save();
  pen.font = LABEL_FONT;
  const widest = Math.max(0, ...ys.map(({ label }) => pen.measureText(label).width));
  pen.restore();
  return Math.ceil(widest) + GAP_Y;
}

/** Draw the grid and the labels around `box`, which is in pixels of the page. */
export function drawAxes(
  pen: CanvasRenderingContext2D,
  box: Box,
  ratio: number,
  xs: readonly Tick[],
  ys: readonly Tick[],
): void {
  pen.save();
  pen.scale(ratio, ratio);
  pen.font = LABEL_FONT;
  pen.fillStyle = colours().axis;
  pen.strokeStyle = colours().grid;
  pen.lineWidth = 1;
  pen.beginPath();
  const [right, bottom] = [box.left + box.width, box.top + box.height];
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (const { at, label } of xs) {
    const x = crisp(box.left + at * box.width, ratio);
    pen.moveTo(x, box.top);
    pen.lineTo(x, bottom);
    pen.fillText(label, x, bottom + GAP_X);
  }
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const { at, label } of ys) {
    const y = crisp(bottom - at * box.height, ratio);
    pen.moveTo(box.left, y);
    pen.lineTo(right, y);
    pen.fillText(label, box.left - GAP_Y, y);
  }
  pen.stroke();
  pen.restore();
}

/** The middle of a pixel of the canvas, where a line of one pixel is not blurred. */
function crisp(at: number, ratio: number): number {
  return (Math.round(at * ratio - 0.5) + 0.5) / ratio;
}
