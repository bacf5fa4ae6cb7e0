// The canvas part of a chart: bands, lines, points, and marks where a value is not finite.
import { colours, dashOf } from "./colours.ts";
import type { Line } from "./line.ts";
import { project, type Range, window, within } from "./range.ts";

export interface Frame {
  readonly context: CanvasRenderingContext2D;
  readonly box: { left: number; top: number; width: number; height: number };
  readonly x: Range;
  readonly y: Range;
  readonly log: boolean;
  readonly logX: boolean;
  /** Canvas pixels in one of the page. */
  readonly ratio: number;
  /** The run that stands out, all others faint; null for none. */
  readonly run: string | null;
}

interface Scales {
  px(x: number): number;
  py(y: number): number;
}

function scales({ box, x, y, log, logX }: Frame): Scales {
  const across: Range = [project(x[0], logX), project(x[1], logX)];
  return {
    px: (at) => box.left + within(project(at, logX), across) * box.width,
    py: (at) => box.top + (1 - within(project(at, log), y)) * box.height,
  };
}

/** Draw all lines, the first on top. */
export function drawLines(frame: Frame, lines: readonly Line[]): void {
  const { context, box } = frame;
  const edge = 3 * frame.ratio; // Dots at the ends are whole.
  context.save();
  context.beginPath();
  context.rect(box.left - edge, box.top - edge, box.width + 2 * edge, box.height + 2 * edge);
  context.clip();
  context.lineJoin = "round";
  const alone = lines.length === 1;
  const outstanding = (line: Line) => line.trace.run === frame.run;
  // The run that stands out is drawn last, on top of all.
  const back = [...lines].reverse().sort((a, b) => Number(outstanding(a)) - Number(outstanding(b)));
  const some = lines.some(outstanding);
  const strength = (line: Line) => (!some || outstanding(line) ? 1 : 0.15);
  for (const line of back) band(frame, line, (alone ? 0.26 : 0.12) * strength(line));
  for (const line of back) if (line.raw) stroke(frame, line, line.raw, 1, 0.32 * strength(line));
  for (const line of back) {
    stroke(frame, line, line.y, alone ? 1.5 : 1.35, strength(line));
    if (strength(line) < 1) continue;
    points(frame, line);
    marks(frame, line);
  }
  context.restore();
}

/** A dashed line at a place on the x axis. */
export function drawMark(frame: Frame, at: number): void {
  const { context, box, x, ratio } = frame;
  if (at < x[0] || at > x[1]) return;
  const px = Math.round(scales(frame).px(at)) + 0.5;
  context.save();
  context.strokeStyle = colours().warn;
  context.lineWidth = 1.5 * ratio;
  context.setLineDash([4 * ratio, 3 * ratio]);
  context.beginPath();
  context.moveTo(px, box.top);
  context.lineTo(px, box.top + box.height);
  context.stroke();
  context.restore();
}

function band(frame: Frame, line: Line, alpha: number): void {
  const { context } = frame;
  const { x, min, max } = line;
  if (!min || !max) return;
  const { px, py } = scales(frame);
  const [from, to] = window(x, frame.x);
  const usable = (i: number) =>
    Number.isFinite(min[i]) && Number.isFinite(max[i]) && (!frame.log || min[i]! > 0);
  context.fillStyle = colours().line(line.trace.slot);
  context.globalAlpha = alpha;
  for (let i = from; i < to; i++) {
    if (!usable(i)) continue;
    let end = i;
    while (end + 1 < to && usable(end + 1)) end++;
    context.beginPath();
    for (let k = i; k <= end; k++) context.lineTo(px(x[k]!), py(max[k]!));
    for (let k = end; k >= i; k--) context.lineTo(px(x[k]!), py(min[k]!));
    context.fill();
    i = end;
  }
  context.globalAlpha = 1;
}

function stroke(frame: Frame, line: Line, y: Float64Array, width: number, alpha: number): void {
  const { context, log, ratio } = frame;
  const { px, py } = scales(frame);
  const [from, to] = window(line.x, frame.x);
  context.beginPath();
  let drawing = false;
  for (let i = from; i < to; i++) {
    const v = y[i]!;
    if (!Number.isFinite(v) || (log && v <= 0)) {
      drawing = false;
      continue;
    }
    if (drawing) context.lineTo(px(line.x[i]!), py(v));
    else context.moveTo(px(line.x[i]!), py(v));
    drawing = true;
  }
  context.strokeStyle = colours().line(line.trace.slot);
  context.globalAlpha = alpha;
  context.lineWidth = width * ratio;
  context.setLineDash(dashOf(line.trace.slot).map((d) => d * ratio));
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Dots where points are far apart, and where one stands alone so that no line shows it. */
function points(frame: Frame, line: Line): void {
  const { context, ratio, log } = frame;
  const { px, py } = scales(frame);
  const [from, to] = window(line.x, frame.x);
  const usable = (i: number) => Number.isFinite(line.y[i]) && (!log || line.y[i]! > 0);
  const sparse = (to - from) * 12 * ratio < frame.box.width;
  context.fillStyle = colours().line(line.trace.slot);
  for (let i = from; i < to; i++) {
    if (!usable(i) || !(sparse || (!usable(i - 1) && !usable(i + 1)))) continue;
    context.beginPath();
    context.arc(px(line.x[i]!), py(line.y[i]!), 2 * ratio, 0, 2 * Math.PI);
    context.fill();
  }
}

/** A cross at the foot for NaN, a triangle at the edge for an infinity. */
function marks(frame: Frame, line: Line): void {
  const { context, box, ratio } = frame;
  const { px } = scales(frame);
  const [from, to] = window(line.x, frame.x);
  const values = line.raw ?? line.y;
  const size = 3 * ratio;
  const foot = box.top + box.height - size - ratio;
  context.strokeStyle = colours().warn;
  context.fillStyle = colours().warn;
  context.lineWidth = 1.4 * ratio;
  for (let i = from; i < to; i++) {
    const v = infiniteOf(line, i) ?? values[i]!;
    if (Number.isFinite(v)) continue;
    const x = px(line.x[i]!);
    if (Number.isNaN(v)) cross(context, x, foot, size);
    else triangle(context, x, v > 0 ? box.top + ratio : foot + size, v > 0 ? size : -size);
  }
}

/** The infinity that a bucket's edge tells of, where its mean does not. */
function infiniteOf(line: Line, i: number): number | null {
  if (line.max?.[i] === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return line.min?.[i] === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : null;
}

function cross(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  context.beginPath();
  context.moveTo(x - size, y - size);
  context.lineTo(x + size, y + size);
  context.moveTo(x + size, y - size);
  context.lineTo(x - size, y + size);
  context.stroke();
}

function triangle(context: CanvasRenderingContext2D, x: number, tip: number, size: number): void {
  context.beginPath();
  context.moveTo(x, tip);
  context.lineTo(x - size, tip + size * 1.7);
  context.lineTo(x + size, tip + size * 1.7);
  context.fill();
}
