// How values are spread: bars of one step, and a heat map over all steps.
import { colours } from "../../charts/colours.ts";
import { count, number } from "../../format.ts";
import type { MediaItem } from "../../types.ts";
import { h, svg } from "../../ui/dom.ts";
import type { Shelf } from "../data.ts";
import { spreadOf, spreadOver } from "../spread.ts";

const [WIDTH, HEIGHT] = [320, 120];
const ROWS = 64;

export function histogram(item: MediaItem): HTMLElement {
  const spread = spreadOf(item);
  if (!spread) return h("p", { class: "empty" }, "This histogram has no counts.");
  const { counts, edges } = spread;
  const [low, high] = [edges[0]!, edges.at(-1)!];
  const most = Math.max(...counts, 0) || 1;
  const total = counts.reduce((sum, n) => sum + n, 0);
  const at = (x: number) => ((x - low) / (high - low || 1)) * WIDTH;
  const bars = counts.map((n, i) => {
    const tall = (n / most) * HEIGHT;
    const [x, width] = [at(edges[i]!), Math.max(0.5, at(edges[i + 1]!) - at(edges[i]!) - 0.5)];
    const words = `${number(edges[i]!)} to ${number(edges[i + 1]!)}: ${number(n)}`;
    return svg("rect", { x, y: HEIGHT - tall, width, height: tall }, svg("title", {}, words));
  });
  const picture = svg(
    "svg",
    {
      class: "bars",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": `Histogram of ${count(total)} values from ${number(low)} to ${number(high)}`,
    },
    ...bars,
  );
  const ends = h("div", { class: "bars-ends" }, h("span", {}, number(low)), h("span", {}, number(high)));
  return h("div", {}, picture, ends);
}

/** The heat map of all steps, time to the right, values upwards; a click goes to a step. */
export function historyOf(shelf: Shelf, at: number, choose: (at: number) => void): HTMLElement {
  const spreads = shelf.items.map((items) => spreadOf(items[0]));
  const known = spreads.filter((s) => s !== null);
  const low = Math.min(...known.map((s) => s.edges[0]!));
  const high = Math.max(...known.map((s) => s.edges.at(-1)!));
  const canvas = h("canvas", { class: "heat", width: spreads.length, height: ROWS });
  const words = `Histograms of ${count(spreads.length)} steps, values from ${number(low)} to ${number(high)}`;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words);
  const pen = canvas.getContext("2d")!;
  pen.fillStyle = colours().line(0);
  for (const [x, spread] of spreads.entries()) {
    if (!spread) continue;
    const shares = spreadOver(spread, low, high, ROWS);
    const most = Math.max(...shares) || 1;
    for (const [row, share] of shares.entries()) {
      pen.globalAlpha = share > 0 ? 0.08 + 0.92 * (share / most) : 0;
      pen.fillRect(x, ROWS - 1 - row, 1, 1);
    }
  }
  const place = h("div", { class: "heat-place" }, canvas);
  const mark = h("div", { class: "heat-mark" });
  mark.style.left = `${((at + 0.5) / spreads.length) * 100}%`;
  place.append(
    mark,
    h("span", { class: "heat-high" }, number(high)),
    h("span", { class: "heat-low" }, number(low)),
  );
  place.addEventListener("click", (event) => {
    const { left, width } = canvas.getBoundingClientRect();
    choose(
      Math.min(
        spreads.length - 1,
        Math.max(0, Math.floor(((event.clientX - left) / width) * spreads.length)),
      ),
    );
  });
  return place;
}
