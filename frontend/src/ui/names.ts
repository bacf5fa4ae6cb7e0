// A searchable list of names in a popup: to choose one, or several.
import { matcher } from "../charts/source.ts";
import { count } from "../format.ts";
import { debounce, fill, h } from "./dom.ts";
import { icon } from "./icons.ts";
import { closePopup, popup } from "./popup.ts";

/** Names listed at once; the search finds the others. */
const MOST = 200;

export interface NameChoice {
  /** On the button. */
  readonly word: string;
  readonly sign: Node;
  /** What is searched, in the plural: `columns`. */
  readonly what: string;
  all(): readonly string[];
  chosen(): readonly string[];
  /** The reader chose a name, or took it back. */
  toggle(name: string): void;
  /** Whether one name is chosen, which closes the list. */
  readonly single?: boolean;
  /** Shown under the list. */
  readonly foot?: HTMLElement | null;
}

/** A button that opens the list; the chosen names come first, in their order. */
export function nameChooser(choice: NameChoice): HTMLElement {
  const list = h("div", { class: "choices" });
  const label = `Search ${choice.what}`;
  const input = h("input", { type: "search", class: "input", placeholder: label, "aria-label": label });
  const body = h(
    "div",
    { class: "chooser" },
    h("label", { class: "search" }, icon("search"), input),
    list,
    choice.foot,
  );
  const take = (name: string) => {
    choice.toggle(name);
    if (choice.single) closePopup(body);
  };
  const show = () => fill(list, ...options(choice, input.value, take));
  input.addEventListener("input", debounce(show, 80));
  body.addEventListener("names-changed", show);
  const opened = () => {
    show();
    input.focus();
  };
  return popup(choice.word, choice.sign, body, opened, choice.word || `Choose ${choice.what}`);
}

function options(choice: NameChoice, search: string, take: (name: string) => void): HTMLElement[] {
  const { pattern } = matcher(search);
  const chosen = new Set(choice.chosen());
  const found = [...chosen, ...choice.all().filter((name) => !chosen.has(name))].filter((n) =>
    pattern.test(n),
  );
  const left = found.length - MOST;
  const rows = found.slice(0, MOST).map((name) => option(name, chosen.has(name), choice, () => take(name)));
  if (!found.length) rows.push(h("p", { class: "dim" }, `No ${choice.what} match.`));
  if (left > 0) rows.push(h("p", { class: "dim" }, `${count(left)} more: search for them`));
  return rows;
}

function option(name: string, on: boolean, choice: NameChoice, take: () => void): HTMLElement {
  const box = h("input", { type: choice.single ? "radio" : "checkbox" });
  box.checked = on;
  box.addEventListener("change", take);
  return h("label", { class: "choice", title: name.slice(0, 300) }, box, ...nameParts(name));
}

/** A column's name, the part that tells config from summary faint. */
export function nameParts(name: string): HTMLElement[] {
  const [, part = "", rest = name] = /^(config\.|summary\.)(.*)$/s.exec(name) ?? [];
  return [h("span", {}, part && h("span", { class: "dim" }, part), rest || "(no name)")];
}
