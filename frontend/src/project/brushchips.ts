// The marked ranges as chips above the table, each with a button that takes it away.
import { fill, h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import type { ViewState } from "../ui/viewstate.ts";
import { brushWords, formatBrushes, parseBrushes, withBrush } from "./brush.ts";
import { columnTitle } from "./cells.ts";

export class BrushChips {
  readonly element = h("div", { class: "chips", role: "group", "aria-label": "Marked ranges" });

  constructor(private readonly view: ViewState) {}

  show(): void {
    const brushes = parseBrushes(this.view.get("brush"));
    this.element.hidden = !brushes.length;
    fill(
      this.element,
      ...brushes.map((brush) => {
        const words = `${columnTitle(brush.column)} ${brushWords(brush)}`;
        const remove = h(
          "button",
          { type: "button", class: "chip", title: `No longer only ${words}`.slice(0, 400) },
          h("span", { class: "chip-words" }, words),
          icon("cross"),
        );
        remove.addEventListener("click", () => {
          this.view.set({ brush: formatBrushes(withBrush(brushes, brush.column, null)) });
        });
        return remove;
      }),
    );
  }
}
