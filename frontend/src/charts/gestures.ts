// Wheel and keys on a chart.
import type { Card } from "./card.ts";
import { nearest } from "./range.ts";

/** Ctrl+wheel zooms at the pointer (a wheel alone scrolls the page; on a full screen it zooms too), Shift+wheel moves. */
export function wheelZoom(host: HTMLElement, card: Card, always: boolean): void {
  host.addEventListener(
    "wheel",
    (event) => {
      const plot = card.chart;
      if (!plot || !(always || event.ctrlKey || event.metaKey || event.shiftKey)) return;
      event.preventDefault();
      const amount = Math.max(-1, Math.min(1, (event.deltaY || event.deltaX) / 100));
      if (event.shiftKey) card.zoom(plot.panned(amount * 0.15));
      else card.zoom(plot.zoomed(plot.at(event.clientX), 1.25 ** amount));
    },
    { passive: false },
  );
}

/** The crosshair moved by points of the chart's first line. */
function stepped(card: Card, by: number): void {
  const plot = card.chart;
  const x = plot?.firstX;
  if (!plot || !x?.length) return;
  const from = card.crossAt === null ? (by > 0 ? -1 : x.length) : nearest(x, card.crossAt);
  const to = Math.min(x.length - 1, Math.max(0, from + by));
  card.move(x[to]!);
}

/** Keys of the focused chart: arrows, + and -, 0, l, f. */
export function cardKeys(event: KeyboardEvent, card: Card): void {
  const plot = card.chart;
  if (!plot || event.ctrlKey || event.metaKey || event.altKey || event.target !== card.element) return;
  const zoomBy = (factor: number) => {
    card.zoom(plot.zoomed(card.crossAt ?? plot.middle, factor));
  };
  const keys = new Map<string, () => void>([
    ["ArrowLeft", () => stepped(card, event.shiftKey ? -10 : -1)],
    ["ArrowRight", () => stepped(card, event.shiftKey ? 10 : 1)],
    ["Home", () => stepped(card, Number.NEGATIVE_INFINITY)],
    ["End", () => stepped(card, Number.POSITIVE_INFINITY)],
    ["+", () => zoomBy(0.5)],
    ["=", () => zoomBy(0.5)],
    ["-", () => zoomBy(2)],
    ["0", () => card.zoom(null)],
    ["l", () => card.choices.toggleLog(card.key)],
    ["f", () => card.enlarge()],
    ["Enter", () => card.enlarge()],
  ]);
  const run = keys.get(event.key);
  if (!run) return;
  event.preventDefault();
  run();
}
