// The lines of a large chart by name, each with its value under the crosshair, or its last one.
import { exact, number } from "../format.ts";
import { h } from "../ui/dom.ts";
import { colours } from "./colours.ts";
import { ranked } from "./legendrows.ts";
import type { Line, Reading } from "./line.ts";

export function legendItems(lines: readonly Line[], readings: readonly Reading[]): HTMLElement[] {
  return ranked(lines, readings).map(({ line, value }) =>
    h(
      "li",
      {},
      h("i", { class: "swatch", style: { background: colours().line(line.trace.slot) } }),
      h(
        "span",
        { class: "legend-name", title: line.trace.label.slice(0, 2000) },
        line.trace.label.slice(0, 200),
      ),
      h("span", { class: "tip-value", title: exact(value) }, number(value, 5)),
    ),
  );
}
