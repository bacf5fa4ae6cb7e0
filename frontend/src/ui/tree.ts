// A searchable tree of nested values: branches fold, a search shows the matching leaves.
import { matcher } from "../charts/source.ts";
import { count, exact, isNum, value as words } from "../format.ts";
import type { Json, Tree } from "../types.ts";
import { copyButton } from "./copy.ts";
import { debounce, fill, h, maybeLink } from "./dom.ts";
import { isTree, leaves } from "./flatten.ts";
import { icon } from "./icons.ts";

/** Rows made at once; more come on demand, so that a config of 100,000 keys opens. */
const PAGE = 400;
const OPEN_UP_TO = 40;

function kindOf(value: Json): string {
  if (isNum(value)) return "num";
  return value === null || typeof value === "boolean" ? "word" : typeof value === "string" ? "str" : "json";
}

function row(name: string, value: Json, depth: number): HTMLElement {
  const text = words(value, 6);
  const shown = kindOf(value) === "str" ? maybeLink(text) : text;
  const title = isNum(value) ? exact(Number(value)) : undefined;
  return h(
    "div",
    { class: "leaf", style: { "--depth": String(depth) } },
    h("span", { class: "leaf-name" }, name),
    h("span", { class: `leaf-value ${kindOf(value)}`, title }, shown),
  );
}

function branch(name: string, tree: Tree, depth: number): HTMLElement {
  const size = Object.keys(tree).length;
  const body = h("div", { class: "branch-body" });
  const details = h(
    "details",
    { class: "branch", open: size <= OPEN_UP_TO && depth < 3 },
    h(
      "summary",
      { style: { "--depth": String(depth) } },
      icon("fold"),
      h("span", { class: "leaf-name" }, name),
      h("span", { class: "dim" }, count(size)),
    ),
    body,
  );
  const build = () => {
    if (details.open && !body.hasChildNodes()) paged(body, entries(tree, depth + 1));
  };
  details.addEventListener("toggle", build);
  build();
  return details;
}

function entries(tree: Tree, depth: number): (() => HTMLElement)[] {
  return Object.entries(tree).map(
    ([key, value]) =>
      () =>
        isTree(value) && Object.keys(value).length ? branch(key, value, depth) : row(key, value, depth),
  );
}

/** Append the first rows, and a button for those that follow. */
function paged(body: HTMLElement, rows: (() => HTMLElement)[], from = 0): void {
  body.append(...rows.slice(from, from + PAGE).map((make) => make()));
  const left = rows.length - from - PAGE;
  if (left <= 0) return;
  const more = h("button", { type: "button", class: "more" }, `${count(left)} more`);
  more.addEventListener("click", () => {
    more.remove();
    paged(body, rows, from + PAGE);
  });
  body.append(more);
}

export class TreeView {
  readonly element: HTMLElement;
  private readonly body = h("div", { class: "tree" });
  private readonly total = h("span", { class: "section-count" });
  private readonly input: HTMLInputElement;
  private text = "";

  constructor(
    title: string,
    private tree: Tree,
    private readonly nothing: string,
  ) {
    this.input = h("input", { type: "search", class: "input", placeholder: "Search", spellcheck: "false" });
    this.input.setAttribute("aria-label", `Search ${title.toLowerCase()}`);
    this.input.addEventListener(
      "input",
      debounce(() => this.show(), 100),
    );
    const copy = copyButton(`Copy ${title.toLowerCase()} as JSON`, () => JSON.stringify(this.tree, null, 2));
    this.element = h(
      "section",
      { class: "box", "aria-label": title },
      h(
        "h2",
        { class: "box-head" },
        title,
        this.total,
        h("label", { class: "search" }, icon("search"), this.input),
        copy,
      ),
      this.body,
    );
    this.update(tree);
  }

  /** Show another state of the same tree; what has not changed is left alone. */
  update(tree: Tree): void {
    const text = JSON.stringify(tree);
    if (text === this.text) return;
    this.text = text;
    this.tree = tree;
    this.show();
  }

  private show(): void {
    const search = this.input.value;
    const all = leaves(this.tree);
    this.total.textContent = count(all.length);
    if (!search) {
      fill(this.body);
      paged(this.body, entries(this.tree, 0));
      if (!all.length) fill(this.body, h("p", { class: "empty" }, this.nothing));
      return;
    }
    const { pattern } = matcher(search);
    const found = all.filter((leaf) => pattern.test(leaf.name) || pattern.test(words(leaf.value)));
    fill(this.body);
    paged(
      this.body,
      found.map((leaf) => () => row(leaf.name, leaf.value, 0)),
    );
    if (!found.length) fill(this.body, h("p", { class: "empty" }, `Nothing matches “${search}”.`));
  }
}
