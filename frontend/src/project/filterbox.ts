// The box for filter expressions: completes names, marks the place of an error, says what it understood.
import { debounce, fill, h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { type Filter, parseFilter } from "./filter.ts";
import { FilterError } from "./lexer.ts";

const SUGGESTED = 8;
const WORDS = ["and", "or", "not", "in", "finished", "failed", "killed", "crashed", "running"];

/** The word that ends at the caret, and names that begin with it or hold it. */
export function completions(
  text: string,
  caret: number,
  columns: readonly string[],
): { from: number; names: string[] } {
  const word = /[^\s=!<>~(),"'`]*$/.exec(text.slice(0, caret))![0];
  const from = caret - word.length;
  const low = word.toLowerCase();
  if (!word || /[=~<>]\s*$/.test(text.slice(0, from))) return { from, names: [] };
  const holds = columns.filter((c) => c.toLowerCase().includes(low) && c !== word);
  const rank = (c: string) => Number(!c.toLowerCase().startsWith(low));
  const names = holds.sort((a, b) => rank(a) - rank(b)).slice(0, SUGGESTED);
  return { from, names: WORDS.includes(low) ? [] : names };
}

/** A name as the filter language takes it. */
export function quoted(column: string): string {
  return /^[^\s=!<>~(),"'`]+$/.test(column) ? column : `\`${column}\``;
}

export class FilterBox {
  readonly element: HTMLElement;
  private readonly input = h("input", {
    class: "input",
    placeholder: "Filter: config.lr < 0.01 and state = finished",
    "aria-label": "Filter expression",
    spellcheck: "false",
    autocomplete: "off",
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": "filter-names",
    "aria-describedby": "filter-said",
  });
  private readonly list = h("ul", {
    class: "popup names",
    id: "filter-names",
    role: "listbox",
    hidden: true,
  });
  private readonly said = h("div", { class: "filter-said", id: "filter-said", "aria-live": "polite" });
  private from = 0;
  private chosen = 0;

  constructor(
    private readonly columns: () => readonly string[],
    private readonly changed: (text: string) => void,
  ) {
    const box = h("div", { class: "search" }, icon("filter"), this.input, this.list);
    this.element = h("div", { class: "filter" }, box, this.said);
    const later = debounce(() => this.changed(this.input.value), 60);
    this.input.addEventListener("input", () => {
      this.suggest();
      later();
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
  }

  /** Read the expression; null where it is wrong, which is shown. */
  read(text: string): Filter | null {
    if (this.input.value !== text && document.activeElement !== this.input) this.input.value = text;
    try {
      const filter = parseFilter(text, this.columns());
      this.input.classList.remove("invalid");
      fill(this.said);
      return filter;
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      this.mark(text, error);
      return null;
    }
  }

  /** Say what was understood and how many runs that leaves. */
  say(filter: Filter, tally: string): void {
    if (filter.understood)
      fill(this.said, h("span", { class: "dim" }, `${filter.understood} \u2192 ${tally}`));
  }

  private mark(text: string, { start, end, message }: FilterError): void {
    this.input.classList.add("invalid");
    const wrong = h("mark", {}, text.slice(start, end) || "\u00a0\u00a0");
    fill(
      this.said,
      h("code", {}, text.slice(0, start), wrong, text.slice(end)),
      h("span", { class: "wrong" }, message),
    );
  }

  private suggest(): void {
    const caret = this.input.selectionStart ?? this.input.value.length;
    const { from, names } = completions(this.input.value, caret, this.columns());
    this.from = from;
    this.chosen = 0;
    this.list.hidden = !names.length;
    this.input.setAttribute("aria-expanded", String(names.length > 0));
    fill(this.list, ...names.map((name) => this.item(name)));
    this.point();
  }

  private item(name: string): HTMLElement {
    const item = h("li", { role: "option", id: `filter-name-${name}`, "data-name": name }, name);
    // Before the box loses its focus.
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.take(name);
    });
    return item;
  }

  private point(): void {
    for (const [i, item] of [...this.list.children].entries()) {
      item.setAttribute("aria-selected", String(i === this.chosen));
      if (i === this.chosen) this.input.setAttribute("aria-activedescendant", item.id);
    }
  }

  private take(name: string): void {
    const { value, selectionStart } = this.input;
    const text = `${value.slice(0, this.from)}${quoted(name)} `;
    this.input.value = text + value.slice(selectionStart ?? value.length).trimStart();
    this.input.setSelectionRange(text.length, text.length);
    this.close();
    this.changed(this.input.value);
  }

  private close(): void {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }

  private key(event: KeyboardEvent): void {
    const { length } = this.list.children;
    if (this.list.hidden || !length) return;
    if (event.key === "Escape") this.close();
    else if (event.key === "ArrowDown") this.chosen = (this.chosen + 1) % length;
    else if (event.key === "ArrowUp") this.chosen = (this.chosen + length - 1) % length;
    else if (event.key === "Enter" || event.key === "Tab")
      this.take((this.list.children[this.chosen] as HTMLElement).dataset.name!);
    else return;
    event.preventDefault();
    this.point();
  }
}
