// The left part of a project's page: controls, the runs table, and the line under it.
import { fill, h, perFrame } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { nameChooser } from "../ui/names.ts";
import type { ViewState } from "../ui/viewstate.ts";
import { BrushChips } from "./brushchips.ts";
import type { TableChoices } from "./choices.ts";
import { columnChooser } from "./columns.ts";
import { runSearch } from "./controls.ts";

export interface PaneParts {
  readonly filter: HTMLElement;
  readonly table: HTMLElement;
  readonly footer: HTMLElement;
  /** All columns, and those that are shown. */
  all(): readonly string[];
  chosen(): readonly string[];
}

export class RunsPane {
  readonly element: HTMLElement;
  private readonly chips: BrushChips;
  private readonly group: HTMLElement;
  private readonly empty = h("div", { class: "table-empty" });

  constructor(
    private readonly view: ViewState,
    private readonly choices: TableChoices,
    parts: PaneParts,
  ) {
    this.chips = new BrushChips(view);
    this.group = groupChooser(choices, parts.all);
    const columns = columnChooser({
      all: parts.all,
      chosen: parts.chosen,
      choose: (names) => {
        choices.columns = names ?? [];
      },
    });
    const tools = h("div", { class: "table-tools" }, runSearch(view), this.group, columns, this.wide());
    const { filter, table, footer } = parts;
    this.element = h(
      "section",
      { class: "project-left", "aria-label": "Runs" },
      tools,
      filter,
      this.chips.element,
      table,
      this.empty,
      footer,
    );
    this.fit();
  }

  /** Reach down to the end of the window, however far the page's head is scrolled away. */
  private fit(): void {
    const fit = perFrame(() => {
      const top = this.element.parentElement?.getBoundingClientRect().top ?? 0;
      this.element.style.setProperty("--above", `${Math.max(0, Math.round(top))}px`);
    });
    addEventListener("scroll", fit, { passive: true });
    addEventListener("resize", fit);
    fit();
  }

  /** `runs` of the project, `found` of them listed. */
  show(runs: number, found: number): void {
    this.chips.show();
    this.element.classList.toggle("nothing", !found);
    fill(this.empty, found ? null : this.nothing(runs));
    this.group.classList.toggle("chosen", this.choices.groupBy.length > 0);
  }

  /** Why the table is empty, and the way out. */
  private nothing(runs: number): HTMLElement {
    if (!runs) {
      const code = h("code", {}, "runhooks.init(\u2026)");
      return h("p", { class: "empty" }, "No runs yet: a script that calls ", code, " fills this table.");
    }
    const clear = h("button", { type: "button", class: "button" }, icon("reset"), "Show all runs");
    clear.addEventListener("click", () => this.view.set({ s: "", f: "", states: "", brush: "" }));
    return h("p", { class: "empty" }, "No run matches. ", clear);
  }

  private wide(): HTMLElement {
    const { view } = this;
    const title = "Give the table the whole width";
    const button = h("button", { type: "button", class: "toggle", title }, icon("panel"), "Wide");
    button.addEventListener("click", () => view.set({ wide: view.get("wide") ? "" : "1" }));
    const show = () => button.setAttribute("aria-pressed", String(view.get("wide") === "1"));
    view.listen(show);
    show();
    return button;
  }
}

function groupChooser(choices: TableChoices, all: () => readonly string[]): HTMLElement {
  const none = h("button", { type: "button", class: "button" }, icon("reset"), "No groups");
  none.addEventListener("click", () => {
    choices.groupBy = [];
    none.dispatchEvent(new Event("names-changed", { bubbles: true }));
  });
  return nameChooser({
    word: "Group",
    sign: icon("group"),
    what: "group columns",
    all: () => all().filter((column) => !["name", "id"].includes(column)),
    chosen: () => choices.groupBy,
    toggle: (column) => {
      const by = choices.groupBy;
      choices.groupBy = by.includes(column) ? by.filter((c) => c !== column) : [...by, column];
    },
    foot: none,
  });
}
