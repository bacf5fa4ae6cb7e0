// Sections of charts: folded, searched, drawn as they come into view.
import { published } from "../data/codec.ts";
import { count } from "../format.ts";
import { fill, h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { isPrinting, onPaper } from "../ui/paper.ts";
import { onTheme } from "../ui/theme.ts";
import { joinNames, splitNames, type View } from "../ui/viewstate.ts";
import { Card, type CardContext, type Size } from "./card.ts";
import { CHART_WORDS, Choices } from "./choices.ts";
import { Crosshair } from "./crosshair.ts";
import { FullScreen } from "./fullscreen.ts";
import { bestColumns, columnsIn, inRows } from "./layout.ts";
import { matcher, type Source, sections } from "./source.ts";
import { toolbar } from "./toolbar.ts";

/** How far outside the window charts are drawn already (pixels). */
const MARGIN = 400;
/** So few charts have room to be large. */
const FEW = 6;
const GAP = 8;
const WIDEST = 720;
/** The room of a chart on paper, of which the style sheet puts two abreast, and of one that is printed alone. */
const ON_PAPER: Size = [340, 160];
const ALONE_ON_PAPER: Size = [680, 440];
/** More are not printed: the sheets would be many. */
const MOST_ON_PAPER = 120;

const roomOf = (place: Element) => Card.room(place as HTMLElement);

export class Workspace {
  readonly element = h("div", { class: "workspace" });
  readonly toolbar: HTMLElement;
  private readonly body = h("div", { class: "sections" });
  private readonly context: CardContext;
  private readonly cards = new Map<string, Card>();
  private readonly places = new Map<string, HTMLElement>();
  private readonly keyOf = new WeakMap<Element, string>();
  private readonly seen: IntersectionObserver;
  private readonly fullScreen: FullScreen;
  private shape = "";
  private sections: { readonly element: HTMLElement; readonly size: number }[] = [];
  private columns = 0;

  constructor(
    private readonly source: Source,
    private readonly view: View,
    private readonly empty: () => HTMLElement,
  ) {
    const choices = new Choices(view);
    const enlarge = (key: string) => view.set({ full: view.get("full") === key ? "" : key });
    this.context = { source, choices, crosshair: new Crosshair(), enlarge };
    this.fullScreen = new FullScreen(this.context, () => view.set({ full: "" }));
    this.toolbar = toolbar(choices, view, source);
    this.seen = new IntersectionObserver((entries) => this.scrolled(entries), {
      rootMargin: `${MARGIN}px 0px`,
    });
    this.element.append(this.body);
    this.listen();
    this.arrange();
    this.fullScreen.show(view.get("full"));
  }

  /** The arrays that the chart of `key` draws now, of one run; null where it draws none. */
  series(key: string, run?: string): Record<string, unknown> | null {
    const card = this.fullScreen.card?.key === key ? this.fullScreen.card : this.cards.get(key);
    const trace = card?.drawn.find((t) => run === undefined || t.run === run);
    return trace ? { run: trace.run, ...published(trace.series) } : null;
  }

  /** Let one run stand out in all charts; null for none. */
  emphasise(run: string | null): void {
    for (const card of this.all()) card.chart?.emphasise(run);
  }

  private listen(): void {
    this.view.listen((changed) => {
      if (changed.has("q") || changed.has("fold")) this.arrange();
      if (changed.has("full")) this.fullScreen.show(this.view.get("full"));
      if (CHART_WORDS.some((word) => changed.has(word))) this.redraw(changed.has("zoom") || changed.has("x"));
    });
    this.source.listen(() => {
      this.arrange();
      for (const card of this.all()) void card.refresh();
    });
    onTheme(() => this.redraw(false));
    new ResizeObserver(() => {
      if (isPrinting()) return;
      this.layOut();
      this.fit();
    }).observe(this.element);
    onPaper((printing) => (printing ? this.fitPaper() : this.fit()));
  }

  private fit(): void {
    this.fullScreen.card?.fit();
    const sizes = new Map([...this.cards.values()].map((card) => [card, Card.room(card.element)]));
    for (const [card, size] of sizes) card.fit(size);
  }

  /** Draw the charts for a sheet, also those that are not in view, as far as their data is there. */
  private fitPaper(): void {
    this.fullScreen.card?.fit(ALONE_ON_PAPER);
    if (!this.element.clientWidth) return; // It is on a tab that is not shown.
    const places = [...this.body.querySelectorAll<HTMLElement>(".card")].slice(0, MOST_ON_PAPER);
    const fresh = places.filter((place) => !this.cards.has(this.keyOf.get(place)!));
    this.begin(
      fresh,
      fresh.map(() => ON_PAPER),
    );
    for (const card of this.cards.values()) card.fit(ON_PAPER);
  }

  private all(): Card[] {
    const full = this.fullScreen.card;
    return full ? [full, ...this.cards.values()] : [...this.cards.values()];
  }

  private redraw(load: boolean): void {
    for (const card of this.all()) {
      card.update();
      if (load) void card.refresh();
    }
  }

  private scrolled(entries: IntersectionObserverEntry[]): void {
    const fresh: Element[] = [];
    for (const { target, isIntersecting } of entries) {
      const key = this.keyOf.get(target)!;
      const card = this.cards.get(key);
      if (isIntersecting && !card) fresh.push(target);
      if (!isIntersecting && card) {
        card.destroy();
        this.cards.delete(key);
      }
    }
    this.begin(fresh);
  }

  private begin(places: readonly Element[], rooms: readonly Size[] = places.map(roomOf)): void {
    for (const [i, place] of places.entries()) {
      const card = new Card(this.keyOf.get(place)!, place as HTMLElement, this.context);
      this.cards.set(card.key, card);
      card.begin(rooms[i]!);
    }
  }

  /** Begin what is in view without waiting for the observer, which speaks only after a first paint. */
  private beginVisible(): void {
    const seen: Element[] = [];
    for (const place of this.body.querySelectorAll(".card")) {
      const { top, height } = place.getBoundingClientRect();
      if (!height || top > innerHeight) break;
      if (!this.cards.has(this.keyOf.get(place)!)) seen.push(place);
    }
    this.begin(seen);
  }

  /** Make the sections anew where the metrics, the search or the folding changed. */
  private arrange(): void {
    const search = this.view.get("q");
    const { pattern } = matcher(search);
    const keys = this.source.keys().filter((key) => !search || pattern.test(key));
    const folded = new Set(splitNames(this.view.get("fold")));
    const shape = JSON.stringify([keys, [...folded]]);
    if (shape === this.shape) return;
    this.shape = shape;
    this.sections = [...sections(keys)].map(([prefix, names]) => ({
      size: names.length,
      element: this.section(prefix, names, folded.has(`${prefix}/`)),
    }));
    this.body.classList.toggle("few", keys.length <= FEW);
    const none = search ? h("p", { class: "empty" }, `No chart's name matches “${search}”.`) : this.empty();
    fill(this.body, keys.length ? null : none);
    this.columns = 0;
    // When the page is put together: it may not be in the document yet.
    queueMicrotask(() => {
      this.layOut();
      this.beginVisible();
    });
  }

  /** Put the sections into as many columns as there is room for. */
  private layOut(): void {
    const width = this.element.clientWidth - 2 * GAP;
    const least = Number.parseInt(getComputedStyle(this.body).getPropertyValue("--card-width"), 10);
    const sizes = this.sections.map(({ size }) => size);
    const most = columnsIn(width, least, GAP);
    const columns = bestColumns(sizes, Math.min(most, Math.ceil(width / WIDEST)), most);
    if (width <= 0 || columns === this.columns || !this.sections.length) return;
    this.columns = columns;
    this.body.style.setProperty("--columns", String(columns));
    const ordered = inRows(this.sections, ({ size }) => size, columns);
    for (const { element, size } of ordered)
      element.style.setProperty("--span", String(Math.min(size, columns)));
    fill(this.body, ...ordered.map(({ element }) => element));
  }

  private section(prefix: string, keys: readonly string[], folded: boolean): HTMLElement {
    const name = prefix || "charts";
    const button = h(
      "button",
      { type: "button", class: "section-fold", "aria-expanded": String(!folded) },
      icon("fold"),
      h("span", { class: "section-name" }, name),
      h("span", { class: "section-count" }, count(keys.length)),
    );
    button.addEventListener("click", () => this.fold(prefix));
    const grid = folded ? null : h("div", { class: "grid" });
    for (const key of keys) grid?.append(this.place(key));
    return h("section", { class: "section", "aria-label": `Charts: ${name}` }, h("h2", {}, button), grid);
  }

  private fold(prefix: string): void {
    const folded = new Set(splitNames(this.view.get("fold")));
    if (!folded.delete(`${prefix}/`)) folded.add(`${prefix}/`);
    this.view.set({ fold: joinNames(folded) });
  }

  private place(key: string): HTMLElement {
    let place = this.places.get(key);
    if (!place) {
      place = h("figure", { class: "card", tabindex: "0", "aria-label": key });
      this.places.set(key, place);
      this.keyOf.set(place, key);
      this.seen.observe(place);
    }
    return place;
  }
}
