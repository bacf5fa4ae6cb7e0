// Choosing the table's columns and their order.
import { h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { nameChooser } from "../ui/names.ts";

export interface ColumnChoice {
  all(): readonly string[];
  chosen(): readonly string[];
  choose(columns: readonly string[] | null): void;
}

export function columnChooser(choice: ColumnChoice): HTMLElement {
  const reset = h("button", { type: "button", class: "button" }, icon("reset"), "Usual columns");
  reset.addEventListener("click", () => {
    choice.choose(null);
    reset.dispatchEvent(new Event("names-changed", { bubbles: true }));
  });
  return nameChooser({
    word: "Columns",
    sign: icon("columns"),
    what: "columns",
    all: () => choice.all().filter((column) => column !== "name"),
    chosen: () => choice.chosen().filter((column) => column !== "name"),
    toggle: (column) => {
      const chosen = choice.chosen();
      choice.choose(chosen.includes(column) ? chosen.filter((c) => c !== column) : [...chosen, column]);
    },
    foot: reset,
  });
}

/** The columns with one of them moved to the place of another. */
export function moved(columns: readonly string[], column: string, to: string): string[] {
  const from = columns.indexOf(column);
  const place = columns.indexOf(to);
  const rest = columns.filter((c) => c !== column);
  return from < 0 || place < 0 ? [...columns] : [...rest.slice(0, place), column, ...rest.slice(place)];
}
