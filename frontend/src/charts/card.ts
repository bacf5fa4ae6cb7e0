// One chart with its name and figures. Nothing is drawn until the card comes into view.
import { count, exact } from "../format.ts";
import { fill, h, setText } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { metricOf, type XAxis } from "./axis.ts";
import type { Choices } from "./choices.ts";
import type { Crosshair, Follower, Place } from "./crosshair.ts";
import { cardKeys, wheelZoom } from "./gestures.ts";
import { saveChart } from "./image.ts";
import { legendItems } from "./legend.ts";
import {
  beyond,
  hasPoints,
  type Line,
  lineOf,
  notPositive,
  placeOfStep,
  type Reading,
  sameTraces,
  stepAt,
  type Trace,
} from "./line.ts";
import { merged } from "./merge.ts";
import { Plot, type PlotView } from "./plot.ts";
import type { Range } from "./range.ts";
import { chartSummary, figures, hoverFigures, resolution, valueWords } from "./readout.ts";
import type { Source } from "./source.ts";
import { Tooltip } from "./tooltip.ts";
import { type Unit, wordsOf } from "./unit.ts";

/** Width and height, in pixels. */
export type Size = readonly [number, number];

/** Height of a card's head, as the style sheet has it. */
const CAPTION = 26;

export interface CardContext {
  readonly source: Source;
  readonly choices: Choices;
  readonly crosshair: Crosshair;
  /** Show one chart on the whole screen, or go back. */
  enlarge(key: string): void;
}

/** Whether a promise is settled in this turn. */
function isReady(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, new Promise<boolean>((no) => setTimeout(no, 0, false))]);
}

export class Card implements Follower {
  private readonly detail = h("span", { class: "card-detail" });
  private readonly value = h("span", { class: "card-value" });
  private readonly span = h("span", {});
  private readonly scale = h("span", { class: "card-scale" });
  private readonly note = h("p", { class: "plot-note", hidden: true });
  private readonly legend = h("ul", {
    class: "legend",
    tabindex: "0", // It scrolls.
    "aria-label": "Values",
    hidden: true,
  });
  private readonly plotHost = h("div", { class: "plot" });
  private plot: Plot | null = null;
  private traces: Trace[] | null = null;
  private lines: Line[] = [];
  private tooltip: Tooltip | null = null;
  private asked = 0;
  private size: Size = [0, 0];

  /** Fill `element`, an empty place of the size that the chart shall have. */
  constructor(
    readonly key: string,
    readonly element: HTMLElement,
    private readonly context: CardContext,
    private readonly large = false,
  ) {
    fill(element, this.head(), this.plotHost, this.large && this.legend, this.large && this.tools());
    if (!large) this.offerTools();
    element.onkeydown = (event) => cardKeys(event, this);
    context.crosshair.add(this);
    wheelZoom(this.plotHost, this, large);
    this.figures();
  }

  /** The room that a chart has in its place, read before it is filled, so that the page is laid out once. */
  static room(place: HTMLElement): Size {
    return [place.clientWidth, place.clientHeight - CAPTION];
  }

  /** Draw; cards are begun together. */
  begin(size: Size = this.measured()): void {
    this.size = size;
    void this.refresh();
  }

  /** What is drawn now, for {@link published}. */
  get drawn(): readonly Trace[] {
    return this.traces ?? [];
  }

  get choices(): Choices {
    return this.context.choices;
  }

  get chart(): Plot | null {
    return this.plot;
  }

  /** Let the chart go and leave the place empty. */
  destroy(): void {
    this.asked = Number.NaN; // No answer that is still under way is the one asked for.
    this.context.crosshair.remove(this);
    this.plot?.destroy();
    this.plot = null;
    this.traces = null;
    const { element } = this;
    element.onkeydown = element.onpointerenter = element.onfocus = null;
    fill(element);
  }

  /** Load what the view needs and draw it. */
  async refresh(): Promise<void> {
    const asked = ++this.asked;
    const { source } = this.context;
    const { axis, range } = this;
    const fine = range !== null || this.large;
    const along = metricOf(axis);
    const best = source.traces(this.key, fine, range && { axis, range }, along);
    try {
      // While the best is on its way, what there is takes its place: the overview, then the finer file.
      for (const finer of fine ? [...(this.traces ? [] : [false]), true] : []) {
        if (await isReady(best)) break;
        const traces = await source.traces(this.key, finer, null, along);
        if (asked !== this.asked) return;
        if (!this.traces || !sameTraces(traces, this.traces)) this.draw(traces);
      }
      const traces = await best;
      if (asked !== this.asked) return;
      if (fine || !this.traces || !sameTraces(traces, this.traces)) this.draw(traces, fine);
    } catch (error) {
      if (asked === this.asked) this.broken(error);
    }
  }

  /** Draw again what is there: a choice or the theme changed. */
  update(): void {
    if (this.traces) this.draw(this.traces);
  }

  /** Fit the chart to the room that its place has now. */
  fit(size: Size = this.measured()): void {
    this.size = size;
    this.plot?.resize(size);
  }

  private measured(): Size {
    return [this.plotHost.clientWidth, this.plotHost.clientHeight];
  }

  cross(place: Place | null, own: boolean): void {
    const readings = this.plot?.mark(place && this.xOf(place)) ?? [];
    if (this.lines.length === 1) this.figures(readings[0]);
    else if (this.large) fill(this.legend, ...legendItems(this.lines, readings));
    if (own && readings.length) this.point(readings);
    else this.tooltip?.hide();
  }

  /** Zoom all charts of the page that have this axis. */
  zoom(range: Range | null): void {
    this.context.choices.zoom = range && { axis: this.axis, range };
  }

  /** Put the crosshair at `x`, as the pointer does. */
  move(x: number | null): void {
    const { axis, lines } = this;
    this.context.crosshair.move(x === null ? null : { axis, x, step: stepAt(lines[0], x) }, this);
  }

  /** Where the crosshair is on the chart's own axis; null where it is not. */
  get crossAt(): number | null {
    const { at } = this.context.crosshair;
    return at && this.xOf(at);
  }

  /** The x axis: the reader's choice, or else the chart's own. */
  private get axis(): XAxis {
    const { choices, source } = this.context;
    if (choices.axis !== null) return choices.axis;
    const along = source.along?.(this.key) ?? null;
    return along === null ? "step" : `:${along}`;
  }

  /** What the reader looks at closely, where that is on this chart's axis. */
  private get range(): Range | null {
    const { zoom } = this.context.choices;
    return zoom?.axis === this.axis ? zoom.range : null;
  }

  /** A place on this chart's axis; null where it has none. */
  private xOf({ axis, x, step }: Place): number | null {
    return axis === this.axis ? x : placeOfStep(this.lines[0], step);
  }

  enlarge(): void {
    this.context.enlarge(this.key);
  }

  private point(readings: Reading[]): void {
    this.tooltip ??= new Tooltip(this.plotHost);
    this.tooltip.show(readings, this.axis);
  }

  /** Draw; where finer data was `wanted`, say if there is none. */
  private draw(traces: Trace[], wanted = false): void {
    const { choices } = this.context;
    const { axis } = this;
    this.traces = traces;
    this.lines = merged(traces.map((t) => lineOf(t, axis, choices.smoothing, choices.logX)));
    const view: PlotView = {
      lines: this.lines,
      axis,
      zoom: this.range,
      log: choices.isLog(this.key),
      logX: choices.logX,
      unit: this.unit,
      mark: this.context.source.mark?.(this.lines) ?? null,
      cut: choices.cut,
    };
    if (this.large && this.lines.length > 1) {
      this.legend.hidden = false;
      fill(this.legend, ...legendItems(this.lines, []));
      this.fit(); // The legend takes its room from the plot.
    }
    if (!this.plot) this.start();
    this.plot?.show(view);
    this.figures();
    this.context.crosshair.repeat(this);
    this.say(view, wanted && traces.some(({ series }) => series.detail));
    this.element.setAttribute("aria-label", chartSummary(this.key, this.facts(), traces, view.log));
  }

  /** What the picture alone does not tell. */
  private say(view: PlotView, coarse: boolean): void {
    const { lines, plot } = this;
    const odd = view.log && plot ? notPositive(lines, plot.shown) : 0;
    const out = view.cut && plot ? beyond(lines, plot.shown, plot.height, view.log) : 0;
    const along = metricOf(view.axis);
    const placed = along === null || lines.some(({ x }) => x.length);
    const notes = [
      !placed && `Nothing here has a place along \u201c${along!.slice(0, 60)}\u201d`,
      out && `${count(out)} outlier${out === 1 ? "" : "s"} beyond the axis`,
      placed && view.zoom && !hasPoints(lines, view.zoom) && "No points in this range",
      coarse && "Finer data is missing",
      odd && `${count(odd)} point${odd === 1 ? "" : "s"} \u2264 0: not on a log scale`,
    ].filter(Boolean);
    this.note.hidden = !notes.length;
    this.note.textContent = notes.join(" \u00b7 ");
    this.element.classList.toggle("is-log", view.log);
    const own = along !== null && this.context.choices.axis === null;
    const scale = [own && `by ${along.slice(0, 40)}`, view.log && "log"].filter(Boolean).join(", ");
    this.element.classList.toggle("is-scaled", scale !== "");
    setText(this.scale, scale);
    if (this.large) setText(this.detail, resolution(this.traces ?? []));
  }

  private start(): void {
    fill(this.plotHost, this.note);
    this.tooltip = null;
    performance.mark("runhooks:chart");
    this.plot = new Plot(this.plotHost, this.size, {
      zoom: (range) => this.zoom(range),
      hover: (x) => this.move(x),
    });
  }

  private get unit(): Unit | null {
    return this.traces?.[0]?.unit ?? this.facts()?.unit ?? null;
  }

  private facts() {
    return this.context.source.facts(this.key);
  }

  private figures(reading?: Reading): void {
    const shown = reading ? hoverFigures(reading) : figures(this.facts());
    setText(this.value, Number.isNaN(shown.value) && !shown.known ? "" : valueWords(shown.value, this.unit));
    this.value.title = exact(shown.value);
    setText(this.span, shown.range);
  }

  /** The key; where it ends in its unit, in words. */
  private get name(): string {
    return this.facts()?.unit || this.unit ? wordsOf(this.key) : this.key;
  }

  private head(): HTMLElement {
    const slash = this.key.indexOf("/") + 1;
    const name = h(
      "span",
      { class: "card-name", title: this.key.slice(0, 2000) },
      slash > 1 && h("span", { class: "card-prefix" }, this.key.slice(0, slash)),
      this.name.slice(slash > 1 ? slash : 0) || h("span", { class: "dim" }, "(no name)"),
    );
    return h(
      "figcaption",
      {},
      name,
      this.scale,
      this.warning(),
      this.large && this.detail,
      h("span", { class: "card-range" }, this.span),
      this.value,
    );
  }

  private warning(): HTMLElement | null {
    const n = this.facts()?.nonfinite ?? 0;
    if (!n) return null;
    const words = `${n} value${n === 1 ? " is" : "s are"} NaN or infinite`;
    return h(
      "span",
      { class: "card-warning", title: words, role: "img", "aria-label": words },
      icon("warning"),
    );
  }

  /** Make the tools when the reader comes near: most charts of a page never need theirs. */
  private offerTools(): void {
    const { element } = this;
    const make = () => {
      element.onpointerenter = element.onfocus = null;
      element.append(this.tools());
    };
    element.onpointerenter = element.onfocus = make;
  }

  private tools(): HTMLElement {
    const log = h("button", { type: "button", class: "tool tool-log", title: "Log scale (l)" }, "log");
    log.addEventListener("click", () => this.context.choices.toggleLog(this.key));
    const full = h("button", {
      type: "button",
      class: "tool",
      title: this.large ? "Back (Esc)" : "Full screen (f)",
    });
    full.setAttribute("aria-label", this.large ? "Back" : "Full screen");
    full.append(icon(this.large ? "shrink" : "expand"));
    full.addEventListener("click", () => this.enlarge());
    const picture = h("button", { type: "button", class: "tool", title: "Save as a PNG picture" });
    picture.setAttribute("aria-label", "Save as a PNG picture");
    picture.append(icon("download"));
    picture.addEventListener("click", () => this.save());
    return h("div", { class: "card-tools" }, log, picture, full);
  }

  private save(): void {
    if (!this.plot) return;
    const legend = this.lines.map(({ trace }) => ({ label: trace.label, slot: trace.slot }));
    saveChart(this.key, this.plot.canvas, legend.length > 1 ? legend : []);
  }

  private broken(error: unknown): void {
    this.plot?.destroy();
    this.plot = null;
    const words = error instanceof Error ? error.message : String(error);
    fill(
      this.plotHost,
      h("p", { class: "card-broken" }, icon("warning"), `This chart cannot be shown: ${words}.`),
    );
  }
}
