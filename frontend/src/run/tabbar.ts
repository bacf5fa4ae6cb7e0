// ARIA tabs; the chosen one lives in the address and is built when first opened.
import { fill, h } from "../ui/dom.ts";
import { notice } from "../ui/notice.ts";
import type { RunContext, Tab, TabBody } from "./tab.ts";

export class TabBar {
  readonly bar = h("div", { class: "bar" });
  readonly panels = h("div", { class: "panels" });
  private readonly list = h("div", { class: "tabs", role: "tablist", "aria-label": "Run" });
  private readonly controls = h("div", { class: "controls" });
  private readonly bodies = new Map<string, TabBody>();
  private readonly panelOf = new Map<string, HTMLElement>();
  private tabs: readonly Tab[] = [];

  constructor(
    private readonly all: readonly Tab[],
    private readonly context: RunContext,
  ) {
    this.bar.append(this.list, this.controls);
    this.list.addEventListener("keydown", (event) => this.key(event));
    context.view.listen((changed) => {
      if (changed.has("tab")) this.show();
    });
    this.update();
  }

  /** The tabs that are built. */
  opened(): TabBody[] {
    return [...this.bodies.values()];
  }

  /** Follow the run: it may want more tabs now. */
  update(): void {
    const { run } = this.context.data;
    const tabs = [...this.all].sort((a, b) => a.order - b.order).filter((tab) => tab.wanted(run));
    const same = tabs.length === this.tabs.length;
    this.tabs = tabs;
    if (!same) {
      fill(this.list, ...tabs.map((tab) => this.button(tab)));
      this.show();
    }
    for (const body of this.bodies.values()) body.update?.(run);
  }

  private get chosen(): Tab | undefined {
    const id = this.context.view.get("tab");
    return this.tabs.find((tab) => tab.id === id) ?? this.tabs[0];
  }

  private button(tab: Tab): HTMLElement {
    const button = h("button", { type: "button", role: "tab", id: `tab-${tab.id}` }, tab.title);
    button.setAttribute("aria-controls", `panel-${tab.id}`);
    button.addEventListener("click", () => this.choose(tab));
    return button;
  }

  private choose(tab: Tab): void {
    this.context.view.set({ tab: tab === this.tabs[0] ? "" : tab.id });
  }

  private show(): void {
    const chosen = this.chosen;
    if (!chosen) return;
    for (const [i, tab] of this.tabs.entries()) {
      const button = this.list.children[i] as HTMLElement;
      button.setAttribute("aria-selected", String(tab === chosen));
      button.tabIndex = tab === chosen ? 0 : -1;
    }
    const panel = this.panelOf.get(chosen.id) ?? this.build(chosen);
    for (const [id, other] of this.panelOf) other.hidden = id !== chosen.id;
    panel.hidden = false;
    this.showControls();
  }

  private showControls(): void {
    fill(this.controls, this.bodies.get(this.chosen?.id ?? "")?.controls);
  }

  private build(tab: Tab): HTMLElement {
    const panel = h("div", {
      class: "panel",
      role: "tabpanel",
      id: `panel-${tab.id}`,
      "aria-labelledby": `tab-${tab.id}`,
      tabindex: "-1",
    });
    this.panelOf.set(tab.id, panel);
    this.panels.append(panel);
    const body = tab.open(this.context);
    if (body instanceof Promise) void this.buildLate(tab, panel, body);
    else this.take(tab, panel, body);
    return panel;
  }

  private async buildLate(tab: Tab, panel: HTMLElement, coming: Promise<TabBody>): Promise<void> {
    try {
      this.take(tab, panel, await coming);
      this.showControls();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      fill(panel, notice(`This tab cannot be shown: ${why}.`));
      this.panelOf.delete(tab.id); // It may be there when the tab is opened again.
    }
  }

  private take(tab: Tab, panel: HTMLElement, body: TabBody): void {
    this.bodies.set(tab.id, body);
    fill(panel, body.element);
  }

  private key(event: KeyboardEvent): void {
    const at = this.tabs.indexOf(this.chosen!);
    const last = this.tabs.length - 1;
    const to = new Map([
      ["ArrowRight", at === last ? 0 : at + 1],
      ["ArrowLeft", at === 0 ? last : at - 1],
      ["Home", 0],
      ["End", last],
    ]).get(event.key);
    if (to === undefined) return;
    event.preventDefault();
    this.choose(this.tabs[to]!);
    (this.list.children[to] as HTMLElement).focus();
  }
}
