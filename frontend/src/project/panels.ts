// The views beside the runs table, one shown at a time; each is made when it is first shown.
import folder from "folder:./panels";
import { fill, h } from "../ui/dom.ts";
import { notice } from "../ui/notice.ts";
import type { Panel, PanelBody, PanelContext, Project } from "./panel.ts";

const PANELS = [...(folder as readonly Panel[])].sort((a, b) => a.order - b.order);

export class Panels {
  readonly element = h("section", { class: "project-right", "aria-label": "Views" });
  private readonly controls = h("div", { class: "controls" });
  private readonly host = h("div", { class: "panel-host", role: "tabpanel", id: "project-panel" });
  private readonly bodies = new Map<string, PanelBody>();
  private readonly tabs: HTMLButtonElement[];
  private project: Project | null = null;

  constructor(private readonly context: PanelContext) {
    this.tabs = PANELS.map((panel) => this.tab(panel));
    const bar = h("div", { class: "tabs", role: "tablist", "aria-label": "Views" }, ...this.tabs);
    bar.addEventListener("keydown", (event) => this.key(event));
    this.element.append(h("div", { class: "bar" }, bar, this.controls), this.host);
    context.view.listen((changed) => {
      if (changed.has("tab")) this.switch();
    });
  }

  show(project: Project): void {
    const first = this.project === null;
    this.project = project;
    if (first) this.switch();
    else this.body()?.show(project);
  }

  emphasise(id: string | null): void {
    this.body()?.emphasise?.(id);
  }

  series(key: string, run?: string): Record<string, unknown> | null {
    return this.body()?.series?.(key, run) ?? null;
  }

  private get current(): Panel {
    return PANELS.find(({ id }) => id === this.context.view.get("tab")) ?? PANELS[0]!;
  }

  private body(): PanelBody | undefined {
    return this.bodies.get(this.current.id);
  }

  private switch(): void {
    const { current } = this;
    for (const [i, tab] of this.tabs.entries()) {
      const on = PANELS[i] === current;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    }
    this.host.setAttribute("aria-labelledby", `project-tab-${current.id}`);
    const body = this.bodies.get(current.id) ?? this.open(current);
    fill(this.host, body?.element);
    fill(this.controls, body?.controls);
    if (this.project) body?.show(this.project);
  }

  private open(panel: Panel): PanelBody | undefined {
    const body = panel.open(this.context);
    if (body instanceof Promise) void this.openLate(panel, body);
    else this.bodies.set(panel.id, body);
    return this.bodies.get(panel.id);
  }

  private async openLate(panel: Panel, coming: Promise<PanelBody>): Promise<void> {
    try {
      this.bodies.set(panel.id, await coming);
      if (panel === this.current) this.switch();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (panel === this.current) fill(this.host, notice(`This view cannot be shown: ${why}.`));
    }
  }

  private tab({ id, title }: Panel): HTMLButtonElement {
    const attributes = { id: `project-tab-${id}`, "aria-controls": "project-panel" };
    const button = h("button", { type: "button", role: "tab", ...attributes }, title);
    button.addEventListener("click", () => this.context.view.set({ tab: id === PANELS[0]!.id ? "" : id }));
    return button;
  }

  private key(event: KeyboardEvent): void {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    const at = (PANELS.indexOf(this.current) + by + PANELS.length) % PANELS.length;
    this.tabs[at]!.click();
    this.tabs[at]!.focus();
  }
}
