// A row of the runs table as elements.
import { count } from "../format.ts";
import { h } from "../ui/dom.ts";
import { type IconName, icon } from "../ui/icons.ts";
import { cellOf, eyeOf, nameLink } from "./cells.ts";
import { groupCell } from "./groupcells.ts";
import type { GroupItem, Item, RunItem } from "./items.ts";
import type { Row } from "./rows.ts";

export interface RowView {
  readonly columns: readonly string[];
  readonly slots: ReadonlyMap<string, number>;
  readonly selected: ReadonlySet<string>;
  readonly baseline: Row | null;
  /** Whether groups are drawn, and not runs. */
  readonly grouped: boolean;
}

export interface RowEvents {
  /** Draw runs or groups, or do not. */
  draw(ids: readonly string[], on: boolean): void;
  /** The reader chose a run, or all from the last chosen to it. */
  select(run: string, on: boolean, range: boolean): void;
  fold(group: string): void;
  baseline(run: string): void;
  paint(id: string, place: HTMLElement): void;
}

const INDENT = 16;

export function itemKey(item: Item): string {
  return item.kind === "run" ? item.row.id : `group ${item.id}`;
}

export function rowElement(item: Item, index: number, view: RowView, events: RowEvents): HTMLElement {
  return item.kind === "run" ? runRow(item, index, view, events) : groupRow(item, index, view, events);
}

function runRow({ row, depth }: RunItem, index: number, view: RowView, events: RowEvents): HTMLElement {
  const slot = view.slots.get(row.id) ?? null;
  const chosen = view.selected.has(row.id);
  const pinned = view.baseline === row;
  // In a group only the group is drawn: its runs have no eye of their own.
  const eye = view.grouped ? null : eyeOf(row.name, slot, () => events.draw([row.id], slot === null));
  const tools = h(
    "span",
    { class: "row-tools" },
    !view.grouped &&
      slot !== null &&
      tool("palette", "Colour", row.name, "paint", (b) => events.paint(row.id, b)),
    tool("pin", pinned ? "No longer the baseline" : "Compare all with this run", row.name, "pin", () =>
      events.baseline(row.id),
    ),
  );
  return h(
    "tr",
    {
      "aria-rowindex": index,
      "data-key": row.id,
      "data-run": row.id,
      class: [slot === null && "unseen", chosen && "chosen", pinned && "is-baseline"]
        .filter(Boolean)
        .join(" "),
    },
    h("td", { class: "pick-cell" }, pick(row, chosen, events)),
    h("td", { class: "eye-cell" }, eye),
    h(
      "td",
      { class: "run-name", style: { "--indent": `${depth * INDENT}px` } },
      h(
        "span",
        { class: "run-line" },
        nameLink(row),
        pinned && h("span", { class: "mark-word" }, "baseline"),
        tools,
      ),
    ),
    ...rest(view.columns).map((column) => cellOf(row, column, view.baseline)),
  );
}

function groupRow(item: GroupItem, index: number, view: RowView, events: RowEvents): HTMLElement {
  const drawn = item.leaves.filter(({ id }) => view.slots.has(id));
  const slot = drawn.length && item.leaves.length === 1 ? view.slots.get(item.id)! : null;
  const ids = item.leaves.map(({ id }) => id);
  const eye = eyeOf(item.label, slot ?? (drawn.length ? view.slots.get(drawn[0]!.id)! : null), () =>
    events.draw(ids, !drawn.length),
  );
  const fold = h(
    "button",
    { type: "button", class: "group-fold", "aria-expanded": String(item.open), "data-do": "open" },
    icon("fold"),
    h("span", { class: "group-label", title: item.label.slice(0, 2000) }, item.label),
    h("span", { class: "section-count" }, count(item.rows.length)),
  );
  fold.addEventListener("click", () => events.fold(item.id));
  const tools = h(
    "span",
    { class: "row-tools" },
    slot !== null && tool("palette", "Colour", item.label, "paint", (b) => events.paint(item.id, b)),
  );
  return h(
    "tr",
    { "aria-rowindex": index, "data-key": itemKey(item), "data-run": item.id, class: "group" },
    h("td", { class: "pick-cell" }),
    h("td", { class: "eye-cell" }, eye),
    h(
      "td",
      { class: "run-name", style: { "--indent": `${item.depth * INDENT}px` } },
      h("span", { class: "run-line" }, fold, tools),
    ),
    ...rest(view.columns).map((column) => groupCell(item, column)),
  );
}

function rest(columns: readonly string[]): string[] {
  return columns.filter((column) => column !== "name");
}

function pick(row: Row, chosen: boolean, events: RowEvents): HTMLElement {
  const box = h("input", { type: "checkbox", "aria-label": `Select ${row.name}`, "data-do": "pick" });
  box.checked = chosen;
  box.addEventListener("click", (event) => events.select(row.id, box.checked, event.shiftKey));
  return box;
}

function tool(
  sign: IconName,
  word: string,
  name: string,
  act: string,
  run: (button: HTMLElement) => void,
): HTMLElement {
  const button = h(
    "button",
    { type: "button", class: "row-tool", title: word, "aria-label": `${word}: ${name}`, "data-do": act },
    icon(sign),
  );
  button.addEventListener("click", () => run(button));
  return button;
}
