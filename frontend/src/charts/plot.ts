// One chart on a canvas. uPlot gives the axes, the drag selection and crisp pixels; the lines are
// drawn here, because each run has its own x values, gaps and non-finite points.
import uPlot from "uplot";
import { axisLabels, axisTicks, type XAxis } from "./axis.ts";
import { colours } from "./colours.ts";
import { drawLines, drawMark, type Frame } from "./draw.ts";
import { heightOf, type Line, type Reading, readingAt, wholeOf } from "./line.ts";
import { project, type Range } from "./range.ts";
import { linearTicks, logLabel, logTicks, tickLabels } from "./ticks.ts";
import { type Unit, unitLabels, withUnit } from "./unit.ts";

export interface PlotView {
  readonly lines: readonly Line[];
  readonly axis: XAxis;
  readonly zoom: Range | null;
  readonly log: boolean;
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

const EMPTY: PlotView = { lines: [], axis: "step", zoom: null, log: false, mark: null, cut: false };
const Y_WIDTH = 42;
const Y_WIDTH_WITH_UNIT = 58;
const X_HEIGHT = 20;

export class Plot {
  private view = EMPTY;
  private x: Range = [0, 1];
  private y: Range = [0, 1];
  private readonly chart: uPlot;
  private readonly cross = document.createElement("div");
  private readonly dots: HTMLElement[] = [];
  private run: string | null = null;

  constructor(
    host: HTMLElement,
    width: number,
    height: number,
    private readonly events: PlotEvents,
  ) {
    this.chart = new uPlot(this.options(width, height), this.corners(), host);
    this.cross.className = "cross";
    this.cross.hidden = true;
    this.chart.over.append(this.cross);
  }

  /** The x range that is shown. */
  get shown(): Range {
    return this.x;
  }

  /** What is drawn, for a picture of it. */
  get canvas(): HTMLCanvasElement {
    return this.chart.ctx.canvas;
  }

  /** The y range that is shown, in axis units. */
  get height(): Range {
    return this.y;
  }

  /** Everything there is along x. */
  get whole(): Range {
    return wholeOf(this.view.lines);
  }

  /** The place on the x axis under a place in the window. */
  at(clientX: number): number {
    return this.chart.posToVal(clientX - this.chart.over.getBoundingClientRect().left, "x");
  }

  /** Where the first line has its points. */
  get firstX(): Float64Array | undefined {
    return this.view.lines[0]?.x;
  }

  show(view: PlotView): void {
    this.view = view;
    this.x = view.zoom ?? wholeOf(view.lines);
    this.y = heightOf(view.lines, this.x, view.log, view.cut);
    this.chart.setData(this.corners());
    this.mark(null);
  }

  resize(width: number, height: number): void {
    if (width > 0 && (width !== this.chart.width || height !== this.chart.height)) {
      this.chart.setSize({ width, height });
    }
  }

  /** Let one run stand out; null for none. */
  emphasise(run: string | null): void {
    if (run === this.run) return;
    this.run = run;
    this.chart.redraw(false, false);
  }

  destroy(): void {
    this.chart.destroy();
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
    return Math.round(((x - this.x[0]) / (this.x[1] - this.x[0])) * this.chart.over.clientWidth);
  }

  private dot(i: number, reading: Reading | undefined): void {
    let dot = this.dots[i];
    if (!dot) {
      dot = document.createElement("div");
      dot.className = "cross-dot";
      this.dots.push(dot);
      this.chart.over.append(dot);
    }
    const y = reading ? project(reading.smoothed ?? reading.value, this.view.log) : Number.NaN;
    dot.hidden = !reading || !Number.isFinite(y) || reading.x < this.x[0] || reading.x > this.x[1];
    if (dot.hidden || !reading) return;
    const top = (1 - (y - this.y[0]) / (this.y[1] - this.y[0])) * this.chart.over.clientHeight;
    dot.style.transform = `translate(${this.left(reading.x)}px,${Math.round(top)}px)`;
    dot.style.background = colours().line(reading.line.trace.slot);
  }

  private corners(): uPlot.AlignedData {
    return [
      [this.x[0], this.x[1]],
      [this.y[0], this.y[1]],
    ];
  }

  private options(width: number, height: number): uPlot.Options {
    return {
      width,
      height,
      legend: { show: false },
      padding: [6, 14, 0, 0],
      scales: {
        x: { time: false, range: () => [...this.x] },
        y: { range: () => [...this.y] },
      },
      series: [{}, { paths: () => null, points: { show: false } }],
      axes: [this.xAxis(), this.yAxis()],
      cursor: {
        x: false,
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 3 },
        bind: {
          dblclick: () => () => {
            this.events.zoom(null);
            return null;
          },
        },
      },
      hooks: {
        setCursor: [(u) => this.hovered(u)],
        setSelect: [(u) => this.selected(u)],
        draw: [
          (u) => {
            const frame = this.frame(u);
            drawLines(frame, this.view.lines);
            if (this.view.mark !== null) drawMark(frame, this.view.mark);
          },
        ],
      },
    };
  }

  private hovered(u: uPlot): void {
    const left = u.cursor.left ?? -1;
    this.events.hover(left < 0 ? null : u.posToVal(left, "x"));
  }

  private selected(u: uPlot): void {
    const { left, width } = u.select;
    if (width < 3) return;
    const range: Range = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.events.zoom(range);
  }

  private frame(u: uPlot): Frame {
    const { x, y, run } = this;
    return { context: u.ctx, box: u.bbox, x, y, log: this.view.log, ratio: uPlot.pxRatio, run };
  }

  private xAxis(): uPlot.Axis {
    const most = (u: uPlot) => between(2, (u.width - Y_WIDTH) / 40, 12);
    return {
      ...axisLook(),
      size: X_HEIGHT,
      gap: 3,
      splits: (u) => axisTicks(this.view.axis, this.x[0], this.x[1], most(u)),
      values: (_, splits) => axisLabels(this.view.axis, splits),
    };
  }

  private yLabels(splits: number[]): string[] {
    const { log, unit } = this.view;
    if (log) return splits.map((t) => (unit ? withUnit(10 ** t, unit, 3) : logLabel(t)));
    return unit ? unitLabels(splits, unit) : tickLabels(splits);
  }

  private yAxis(): uPlot.Axis {
    const most = (u: uPlot) => between(2, (u.height - X_HEIGHT) / 22, 9);
    const ticks = (u: uPlot) => (this.view.log ? logTicks : linearTicks)(this.y[0], this.y[1], most(u));
    return {
      ...axisLook(),
      size: () => (this.view.unit ? Y_WIDTH_WITH_UNIT : Y_WIDTH),
      gap: 4,
      splits: ticks,
      values: (_, splits) => this.yLabels(splits),
    };
  }
}

function between(least: number, wanted: number, most: number): number {
  return Math.min(most, Math.max(least, Math.floor(wanted)));
}

function axisLook(): uPlot.Axis {
  return {
    stroke: () => colours().axis,
    font: '10px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
    grid: { stroke: () => colours().grid, width: 1 },
    ticks: { show: false },
  };
}
