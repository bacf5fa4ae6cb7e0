// The controls above the runs table.
import { matcher } from "../charts/source.ts";
import { count } from "../format.ts";
import type { State } from "../types.ts";
import { debounce, fill, h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { STATES } from "../ui/state.ts";
import { splitNames, type ViewState } from "../ui/viewstate.ts";
import type { Row } from "./rows.ts";

/** Search of runs by name, id and tags. */
export function runSearch(view: ViewState): HTMLElement {
  const input = h("input", {
    type: "search",
    class: "input",
    placeholder: "Search runs (regex)",
    "aria-label": "Search runs by name, id or tag, as a regular expression",
    spellcheck: "false",
  });
  input.value = view.get("s");
  const read = () => {
    input.classList.toggle("invalid", !matcher(input.value).valid);
    view.set({ s: input.value });
  };
  input.addEventListener("input", debounce(read, 40));
  view.listen((changed) => {
    if (changed.has("s") && input.value !== view.get("s")) input.value = view.get("s");
  });
  return h("label", { class: "search" }, icon("search"), input);
}

/** Whether a run's name, id or a tag matches. */
export function searched(row: Row, pattern: RegExp): boolean {
  return pattern.test(row.name) || pattern.test(row.id) || row.tags.some((tag) => pattern.test(tag));
}

/** A button for each state that some run has; those pressed are shown, none pressed shows all. */
export class StateFilter {
  readonly element = h("div", { class: "states", role: "group", "aria-label": "States" });

  constructor(private readonly view: ViewState) {}

  /** The states asked for; empty for all. */
  get wanted(): ReadonlySet<string> {
    return new Set(splitNames(this.view.get("states")));
  }

  show(rows: readonly Row[]): void {
    const counts = new Map<State, number>();
    for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
    const states = STATES.filter((state) => counts.has(state) || this.wanted.has(state));
    fill(this.element, ...states.map((state) => this.chip(state, counts.get(state) ?? 0)));
  }

  private chip(state: State, n: number): HTMLElement {
    const pressed = this.wanted.has(state);
    const chip = h(
      "button",
      { type: "button", class: `chip state state-${state}`, "aria-pressed": String(pressed) },
      icon(state),
      h("span", {}, `${count(n)} ${state}`),
    );
    chip.addEventListener("click", () => {
      const wanted = new Set(this.wanted);
      if (!wanted.delete(state)) wanted.add(state);
      this.view.set({ states: [...wanted].join(",") });
    });
    return chip;
  }
}
