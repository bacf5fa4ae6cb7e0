// The choices that all charts of a page share, as the address holds them.
import { joinNames, splitNames, type View } from "../ui/viewstate.ts";
import { parseAxis, type XAxis } from "./axis.ts";
import type { Range } from "./range.ts";
import { parseSmoothing, type Smoothing } from "./smooth.ts";
import type { Zoom } from "./source.ts";

/** Words of the address that change what a chart draws. */
export const CHART_WORDS = ["x", "zoom", "smooth", "log", "logs", "logx", "cut"] as const;

export class Choices {
  constructor(private readonly view: View) {}

  /** The axis of all charts; null where the reader chose none, and each has its own. */
  get axis(): XAxis | null {
    return parseAxis(this.view.get("x"));
  }

  set axis(axis: XAxis | null) {
    // A zoom is in units of the axis: it means nothing on another.
    this.view.set({ x: axis ?? "", zoom: "" });
  }

  /** The range that the reader looks at closely, and the axis of the charts that show it. */
  get zoom(): Zoom | null {
    const [low, high, ...axis] = this.view.get("zoom").split("_");
    const range: Range = [Number(low), Number(high)];
    return range.every(Number.isFinite) && range[0] < range[1]
      ? { axis: parseAxis(axis.join("_")) ?? this.usual, range }
      : null;
  }

  set zoom(zoom: Zoom | null) {
    const words = zoom?.range.map((x) => String(Number(x.toPrecision(12)))) ?? [];
    if (zoom && zoom.axis !== this.usual) words.push(zoom.axis);
    this.view.set({ zoom: words.join("_") });
  }

  /** The axis of the charts that have none of their own. */
  private get usual(): XAxis {
    return this.axis ?? "step";
  }

  get smoothing(): Smoothing {
    return parseSmoothing(this.view.get("smooth"));
  }

  /** Whether all charts are on a log scale, but for those turned back. */
  get allLog(): boolean {
    return this.view.get("log") === "1";
  }

  toggleAllLog(): void {
    this.view.set({ log: this.allLog ? "" : "1", logs: "" });
  }

  /** Whether the x axes are on a log scale; moments have none. */
  get logX(): boolean {
    return this.view.get("logx") === "1" && this.axis !== "wall";
  }

  toggleLogX(): void {
    this.view.set({ logx: this.view.get("logx") === "1" ? "" : "1" });
  }

  /** Whether the axes leave outliers out. */
  get cut(): boolean {
    return this.view.get("cut") === "1";
  }

  toggleCut(): void {
    this.view.set({ cut: this.cut ? "" : "1" });
  }

  isLog(key: string): boolean {
    return this.allLog !== splitNames(this.view.get("logs")).includes(key);
  }

  toggleLog(key: string): void {
    const names = new Set(splitNames(this.view.get("logs")));
    if (!names.delete(key)) names.add(key);
    this.view.set({ logs: joinNames(names) });
  }
}
