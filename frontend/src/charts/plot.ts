// One chart on a canvas: axes, lines, the crosshair, and what the pointer does to it.
import { axisLabels, axisTicks, type XAxis } from "./axis.ts";
import { colours } from "./colours.ts";
import { drawLines, drawMark, type Frame } from "./draw.ts";
import { drawAxes, labelRoom, type Tick } from "./frame.ts";
import { heightOf, type Line, positive, type Reading, readingAt, wholeOf } from "./line.ts";
import { between, panned, project, type Range, unproject, within, zoomed } from "./range.ts";
import { Stage } from "./stage.ts";
import { linearTicks, logLabel, logTicks, tickLabels } from "./ticks.ts";
import { type Unit, unitLabels, withUnit } from "./unit.ts";

export interface PlotView {
  readonly lines: readonly Line[];
  readonly axis: XAxis;
  readonly zoom: Range | null;
  /** Whether the y axis is on a log scale. */
  readonly log: boolean;
  /** Whether the x axis is. */
  readonly logX: boolean;
  readonly unit?: Unit | null;
  /** Where something on the x axis is marked; null where nothing. */
  readonly mark: number | null;
  /** Whether outliers are left beyond the axis. */
  readonly cut: boolean;
}

export interface PlotEvents {
  zoom(range: Range | null): void;
  hover(x: number | null): void;
}

const EMPTY: PlotView = {
  lines: [],
  axis: "step",
  zoom: null,
  log: false,
  logX: false,
  mark: null,
  cut: false,
};
const Y_WIDTH = 42;
const Y_WIDTH_WITH_UNIT = 58;

export class Plot {
  private view = EMPTY;
  private x: Range = [0, 1];
  private y: Range = [0, 1];
  private readonly stage: Stage;
  private readonly cross = document.createElement("div");
  private readonly dots: HTMLElement[] = [];
  private run: string | null = null;

  constructor(
    host: HTMLElement,
    private size: readonly [number, number],
    events: PlotEvents,
  ) {
    this.stage = new Stage(host, {
      hover: (share) => events.hover(share === null ? null : this.valueAt(share)),
      select: (from, to) => events.zoom([this.valueAt(from), this.valueAt(to)]),
      reset: () => events.zoom(null),
    });
    this.cross.className = "cross";
    this.cross.hidden = true;
    this.stage.over.append(this.cross);
  }

  /** The x range that is shown. */
  get shown(): Range {
    return this.x;
  }

  /** What is drawn, for a picture of it. */
  get canvas(): HTMLCanvasElement {
    return this.stage.canvas;
  }

  /** The y range that is shown, in axis units. */
  get height(): Range {
    return this.y;
  }

  /** The place on the x axis under a place in the window. */
  at(clientX: number): number {
    return this.valueAt(this.stage.share(clientX));
  }

  /** The value in the middle of the x axis. */
  get middle(): number {
    return this.valueAt(0.5);
  }

  /** Where the first line has its points. */
  get firstX(): Float64Array | undefined {
    return this.view.lines[0]?.x;
  }

  /** The x range after zooming around `centre` by a factor (< 1 zooms in); null when it is all of it. */
  zoomed(centre: number, factor: number): Range | null {
    return this.onScale((range, whole, scale) => zoomed(range, whole, scale(centre), factor));
  }

  /** The x range moved by a share of its width. */
  panned(share: number): Range | null {
    return this.onScale((range, whole) => panned(range, whole, share));
  }

  show(view: PlotView): void {
    this.view = view;
    const x = view.zoom ?? wholeOf(view.lines, view.logX);
    this.x = view.logX ? positive(x, view.lines) : x;
    this.y = heightOf(view.lines, this.x, view.log, view.cut);
    this.paint();
    this.mark(null);
  }

  resize(size: readonly [number, number]): void {
    if (size[0] > 0 && (size[0] !== this.size[0] || size[1] !== this.size[1])) {
      this.size = size;
      this.paint();
    }
  }

  /** Let one run stand out; null for none. */
  emphasise(run: string | null): void {
    if (run === this.run) return;
    this.run = run;
    this.paint();
  }

  destroy(): void {
    this.stage.remove();
  }

  /** Show the crosshair at `x`, and read the lines there. */
  mark(x: number | null): Reading[] {
    const inside = x !== null && x >= this.x[0] && x <= this.x[1];
    this.cross.hidden = !inside;
    if (!inside) {
      for (const dot of this.dots) dot.hidden = true;
      return [];
    }
    const readings = this.view.lines.map((line) => readingAt(line, x)).filter((r) => r !== null);
    const at = this.view.lines.length === 1 ? (readings[0]?.x ?? x) : x;
    this.cross.style.transform = `translateX(${this.left(at)}px)`;
    for (let i = 0; i < Math.max(readings.length, this.dots.length); i++) this.dot(i, readings[i]);
    return readings;
  }

  private left(x: number): number {
    return Math.round(this.shareOf(x) * this.stage.box.width);
  }

  private dot(i: number, reading: Reading | undefined): void {
    let dot = this.dots[i];
    if (!dot) {
      dot = document.createElement("div");
      dot.className = "cross-dot";
      this.dots.push(dot);
      this.stage.over.append(dot);
    }
    const y = reading ? project(reading.smoothed ?? reading.value, this.view.log) : Number.NaN;
    dot.hidden = !reading || !Number.isFinite(y) || reading.x < this.x[0] || reading.x > this.x[1];
    if (dot.hidden || !reading) return;
    const top = (1 - within(y, this.y)) * this.stage.box.height;
    dot.style.transform = `translate(${this.left(reading.x)}px,${Math.round(top)}px)`;
    dot.style.background = colours().line(reading.line.trace.slot);
  }

  /** Compute on the x axis as it is scaled. */
  private onScale(
    change: (range: Range, whole: Range, scale: (x: number) => number) => Range | null,
  ): Range | null {
    const { logX } = this.view;
    const scale = (x: number) => project(x, logX);
    const ends = ([low, high]: Range): Range => [scale(low), scale(high)];
    const found = change(ends(this.x), ends(wholeOf(this.view.lines, logX)), scale);
    return found && [unproject(found[0], logX), unproject(found[1], logX)];
  }

  /** Where a value lies along the x axis: 0 at its left end, 1 at its right. */
  private shareOf(x: number): number {
    const { logX } = this.view;
    return within(project(x, logX), [project(this.x[0], logX), project(this.x[1], logX)]);
  }

  private valueAt(share: number): number {
    const { logX } = this.view;
    return unproject(between(share, [project(this.x[0], logX), project(this.x[1], logX)]), logX);
  }

  private paint(): void {
    const { stage, view } = this;
    const { pen, ratio } = stage;
    const least = view.unit ? Y_WIDTH_WITH_UNIT : Y_WIDTH;
    stage.fit(this.size, least);
    const yTicks = this.yTicks();
    const room = labelRoom(pen, yTicks);
    if (room > least) stage.fit(this.size, room);
    drawAxes(pen, stage.box, ratio, this.xTicks(), yTicks);
    drawLines(this.frame(), view.lines);
    if (view.mark !== null) drawMark(this.frame(), view.mark);
  }

  private frame(): Frame {
    const { stage, x, y, run, view } = this;
    const { pen, ratio, box } = stage;
    const [left, top, width, height] = [box.left, box.top, box.width, box.height].map((n) => n * ratio);
    const scaled = { left: left!, top: top!, width: width!, height: height! };
    return { context: pen, box: scaled, x, y, log: view.log, logX: view.logX, ratio, run };
  }

  private xTicks(): Tick[] {
    const { axis, logX } = this.view;
    const most = clamped(2, this.stage.box.width / 40, 12);
    if (logX) {
      const ticks = logTicks(project(this.x[0], true), project(this.x[1], true), most);
      return ticks.map((tick) => ({ at: this.shareOf(10 ** tick), label: logLabel(tick) }));
    }
    const ticks = axisTicks(axis, this.x[0], this.x[1], most);
    const labels = axisLabels(axis, ticks);
    return ticks.map((tick, i) => ({ at: this.shareOf(tick), label: labels[i]! }));
  }

  private yTicks(): Tick[] {
    const most = clamped(2, this.stage.box.height / 22, 9);
    const ticks = (this.view.log ? logTicks : linearTicks)(this.y[0], this.y[1], most);
    const labels = this.yLabels(ticks);
    return ticks.map((tick, i) => ({ at: within(tick, this.y), label: labels[i]! }));
  }

  private yLabels(ticks: number[]): string[] {
    const { log, unit } = this.view;
    if (log) return ticks.map((t) => (unit ? withUnit(10 ** t, unit, 3) : logLabel(t)));
    return unit ? unitLabels(ticks, unit) : tickLabels(ticks);
  }
}

function clamped(least: number, wanted: number, most: number): number {
  return Math.min(most, Math.max(least, Math.floor(wanted)));
}
