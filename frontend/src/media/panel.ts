// One name's media: its items at a step, a slider over the steps, and keys.
import { absolute, count } from "../format.ts";
import type { MediaItem } from "../types.ts";
import { fill, h, setText } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { loadShelf, type Shelf, textOf } from "./data.ts";
import { broken, type Drawer } from "./kind.ts";
import { audio } from "./kinds/audio.ts";
import { frame } from "./kinds/frame.ts";
import { histogram, historyOf } from "./kinds/histogram.ts";
import { image } from "./kinds/image.ts";
import { plot } from "./kinds/plot.ts";
import { plotly } from "./kinds/plotly.ts";
import { points } from "./kinds/points.ts";
import { table } from "./kinds/table.ts";
import { video } from "./kinds/video.ts";

const DRAWERS = new Map<string, Drawer>([
  ["audio", audio],
  ["histogram", histogram],
  ["html", frame],
  ["image", image],
  ["object3d", points],
  ["plot", plot],
  ["plotly", plotly],
  ["table", table],
  ["video", video],
]);
/** Kinds that want the width of several pictures. */
const WIDE = new Set(["table", "html", "plotly"]);

export class MediaPanel {
  readonly element = h("figure", { class: "media-card", tabindex: "0" });
  private readonly step = h("span", { class: "media-step" });
  private readonly body = h("div", { class: "media-body" });
  private readonly slider = h("input", { type: "range", min: 0, step: 1, class: "media-slider" });
  private shelf: Shelf | null = null;
  private at = Number.NaN;
  private asked = "";
  private begun = false;
  private dialog: HTMLDialogElement | null = null;

  constructor(
    readonly key: string,
    public file: number,
    private stamp: string,
  ) {
    this.slider.setAttribute("aria-label", `Step of ${key}`);
    this.slider.hidden = true;
    this.slider.addEventListener("input", () => this.show(this.slider.valueAsNumber));
    this.element.setAttribute("aria-label", key);
    this.element.addEventListener("keydown", (event) => this.press(event));
    const large = h("button", { type: "button", class: "icon-button", title: "Enlarge" }, icon("expand"));
    large.setAttribute("aria-label", `Enlarge ${key}`);
    large.addEventListener("click", () => this.enlarge());
    const name = h("span", { class: "card-name", title: key.slice(0, 2000) }, key);
    fill(
      this.element,
      h("figcaption", {}, name, this.step, large),
      this.body,
      h("div", { class: "media-foot" }, this.slider),
    );
  }

  /** Load and show; called when it comes into view. */
  begin(): void {
    this.begun = true;
    void this.refresh();
  }

  /** The run is newer: what is at the last step stays there. */
  renew(stamp: string): void {
    this.stamp = stamp;
    if (this.begun) void this.refresh();
  }

  private async refresh(): Promise<void> {
    const wanted = `${this.file} ${this.stamp}`;
    if (this.asked === wanted) return;
    this.asked = wanted;
    try {
      const shelf = await loadShelf(this.file, this.stamp);
      if (this.asked === wanted) this.take(shelf);
    } catch (error) {
      this.asked = "";
      fill(this.body, broken(error instanceof Error ? error.message : String(error)));
    }
  }

  private take(shelf: Shelf): void {
    const last = this.shelf ? this.shelf.steps.length - 1 : this.at;
    const follow = !this.shelf || this.at === last;
    this.shelf = shelf;
    this.element.classList.toggle(
      "wide",
      WIDE.has(shelf.kind) || shelf.items.some((items) => items.length > 4),
    );
    const end = shelf.steps.length - 1;
    this.slider.max = String(end);
    this.slider.hidden = end < 1;
    const at = follow ? end : Math.min(this.at, end);
    this.at = Number.NaN;
    this.show(at);
  }

  private show(at: number): void {
    const { shelf } = this;
    if (!shelf || at === this.at || at < 0 || at >= shelf.steps.length) return;
    this.at = at;
    this.slider.value = String(at);
    const words = `step ${count(shelf.steps[at]!)}`;
    this.slider.setAttribute("aria-valuetext", words);
    setText(this.step, shelf.width > 1 ? `${words} (one in ${count(shelf.width)} is here)` : words);
    this.step.title = absolute(shelf.times[at]!);
    fill(this.body, this.content(false));
  }

  private content(large: boolean): HTMLElement {
    const shelf = this.shelf!;
    const items = shelf.items[this.at] ?? [];
    const drawn = h("div", { class: `media-items media-${shelf.kind}` });
    if (shelf.kind === "histogram" && shelf.steps.length > 1) {
      drawn.append(historyOf(shelf, this.at, (at) => this.show(at)));
    }
    drawn.append(...items.map((item) => drawnItem(item, large)));
    return drawn;
  }

  private press(event: KeyboardEvent): void {
    const { shelf } = this;
    if (!shelf || event.target !== event.currentTarget) return;
    const end = shelf.steps.length - 1;
    const to = new Map([
      ["ArrowRight", Math.min(end, this.at + 1)],
      ["ArrowLeft", Math.max(0, this.at - 1)],
      ["Home", 0],
      ["End", end],
    ]).get(event.key);
    if (event.key === "Enter") this.enlarge();
    if (to === undefined) return;
    event.preventDefault();
    this.show(to);
  }

  private enlarge(): void {
    if (!this.shelf || this.dialog) return;
    const close = h("button", { type: "button", class: "icon-button", title: "Close" }, icon("shrink"));
    close.setAttribute("aria-label", "Close");
    const head = h("div", { class: "media-dialog-head" }, h("h2", {}, this.key), close);
    const dialog = h("dialog", { class: "fullscreen media-dialog" }, head, this.content(true));
    this.dialog = dialog;
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      this.dialog = null;
    });
    document.body.append(dialog);
    dialog.showModal();
  }
}

function drawnItem(item: MediaItem, large: boolean): HTMLElement {
  const draw = DRAWERS.get(item.kind);
  const body = draw ? draw(item, large) : broken(`This page cannot show ${item.kind}.`);
  const caption = textOf(item, "caption");
  return h(
    "div",
    { class: "media-item" },
    body,
    caption && h("div", { class: "media-caption", title: caption }, caption),
  );
}
