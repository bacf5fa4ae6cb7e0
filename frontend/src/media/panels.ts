// Panels of pictures, tables and the like below the charts, loaded as they come into view.
import { matcher, sections } from "../charts/source.ts";
import { count } from "../format.ts";
import type { RunData } from "../run/data.ts";
import { fill, h } from "../ui/dom.ts";
import type { ViewState } from "../ui/viewstate.ts";
import { MediaPanel } from "./panel.ts";

const MARGIN = 400;

export class MediaPanels {
  readonly element = h("div", { class: "media" });
  private readonly panels = new Map<string, MediaPanel>();
  private readonly seen: IntersectionObserver;
  private shape = "";

  constructor(
    private readonly data: RunData,
    private readonly view: ViewState,
  ) {
    this.seen = new IntersectionObserver((entries) => this.scrolled(entries), {
      rootMargin: `${MARGIN}px 0px`,
    });
    view.listen((changed) => {
      if (changed.has("q")) this.arrange();
    });
    data.listen(() => {
      this.arrange();
      for (const panel of this.panels.values()) panel.renew(this.stamp(panel.file));
    });
    this.arrange();
  }

  private scrolled(entries: readonly IntersectionObserverEntry[]): void {
    for (const panel of this.panels.values()) {
      if (entries.some((entry) => entry.isIntersecting && entry.target === panel.element)) panel.begin();
    }
  }

  private arrange(): void {
    const search = this.view.get("q");
    const { pattern } = matcher(search);
    const media = this.data.media();
    const keys = [...media.keys()].filter((key) => !search || pattern.test(key));
    const shape = JSON.stringify(keys);
    if (shape === this.shape) return;
    this.shape = shape;
    const found = [...sections(keys)].map(([prefix, names]) => this.section(prefix || "media", names, media));
    fill(this.element, ...found);
  }

  private section(name: string, keys: readonly string[], media: ReadonlyMap<string, number>): HTMLElement {
    const grid = h("div", { class: "media-grid" });
    for (const key of keys) grid.append(this.panel(key, media.get(key)!).element);
    const title = h(
      "h2",
      { class: "media-title" },
      h("span", { class: "section-name" }, name),
      h("span", { class: "section-count" }, count(keys.length)),
    );
    return h("section", { class: "media-section", "aria-label": `Media: ${name}` }, title, grid);
  }

  private stamp(file: number): string {
    return this.data.run.media?.[file] ?? "";
  }

  private panel(key: string, file: number): MediaPanel {
    let panel = this.panels.get(key);
    if (!panel) {
      panel = new MediaPanel(key, file, this.stamp(file));
      this.panels.set(key, panel);
      this.seen.observe(panel.element);
    }
    panel.file = file;
    return panel;
  }
}
