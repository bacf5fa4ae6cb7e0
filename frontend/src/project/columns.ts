// Choosing the table's columns.

import { matcher } from "../charts/source.ts";
import { count } from "../format.ts";
import { debounce, fill, h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { popup } from "../ui/popup.ts";

const MOST = 200;

export interface ColumnChoice {
  all(): readonly string[];
  chosen(): readonly string[];
  choose(columns: readonly string[] | null): void;
}

export function columnChooser(choice: ColumnChoice): HTMLElement {
  const list = h("div", { class: "choices" });
  const input = h("input", {
    type: "search",
    class: "input",
    placeholder: "Search columns",
    "aria-label": "Search columns",
  });
  const reset = h("button", { type: "button", class: "button" }, icon("reset"), "Usual columns");
  const show = () => {
    const { pattern } = matcher(input.value);
    const chosen = new Set(choice.chosen());
    const found = choice.all().filter((c) => pattern.test(c) && c !== "name");
    const first = [...found].sort((a, b) => Number(chosen.has(b)) - Number(chosen.has(a)));
    const left = first.length - MOST;
    const note = left > 0 && h("p", { class: "dim" }, `${count(left)} more: search for them`);
    fill(list, ...first.slice(0, MOST).map((c) => option(c, chosen.has(c), () => toggle(c))), note);
  };
  const toggle = (column: string) => {
    const chosen = choice.chosen();
    choice.choose(chosen.includes(column) ? chosen.filter((c) => c !== column) : [...chosen, column]);
  };
  input.addEventListener("input", debounce(show, 80));
  reset.addEventListener("click", () => {
    choice.choose(null);
    show();
  });
  const body = h(
    "div",
    { class: "chooser" },
    h("label", { class: "search" }, icon("search"), input),
    list,
    reset,
  );
  return popup("Columns", icon("columns"), body, () => {
    show();
    input.focus();
  });
}

function option(column: string, on: boolean, toggle: () => void): HTMLElement {
  const box = h("input", { type: "checkbox" });
  box.checked = on;
  box.addEventListener("change", toggle);
  const [, part = "", name = column] = /^(config\.|summary\.)(.*)$/s.exec(column) ?? [];
  return h(
    "label",
    { class: "choice", title: column.slice(0, 300) },
    box,
    h("span", {}, part && h("span", { class: "dim" }, part), name),
  );
}
