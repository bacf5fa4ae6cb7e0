// A figure of plotly, drawn by plotly's own script in a frame when the reader asks for it.
import type { MediaItem } from "../../types.ts";
import { fill, h } from "../../ui/dom.ts";
import { json, loadContent } from "../data.ts";
import { broken } from "../kind.ts";

const MISSING = "Plotly's script is not beside the pages: install plotly where they are rendered.";

function draw(place: HTMLElement, item: MediaItem): void {
  const root = document.body.dataset.root ?? "";
  const frame = h("iframe", {
    class: "frame",
    sandbox: "allow-scripts",
    referrerpolicy: "no-referrer",
    title: "Plotly figure",
    src: `${root}assets/plotly/frame.html`,
  });
  const heard = async (event: MessageEvent) => {
    if (event.source !== frame.contentWindow) return;
    const { runhooks: word } = event.data as { runhooks?: string };
    if (word === "missing") fill(place, broken(MISSING));
    if (word === "broken") fill(place, broken("Plotly cannot draw this figure."));
    if (word === "drawn") place.dataset.drawn = "yes";
    if (word !== "ready") return;
    try {
      const figure = await json((await loadContent(item)).z);
      frame.contentWindow?.postMessage(figure, "*");
    } catch (error) {
      fill(place, broken(error instanceof Error ? error.message : String(error)));
    }
  };
  addEventListener("message", (event) => void heard(event));
  fill(place, frame);
}

/** Plotly's script is five megabytes: it is loaded on a click, or where the figure has the screen. */
export function plotly(item: MediaItem, large: boolean): HTMLElement {
  const place = h("div", { class: "plotly" });
  const button = h("button", { type: "button", class: "button" }, "Draw the figure");
  button.addEventListener("click", () => draw(place, item));
  if (large) draw(place, item);
  else place.append(button);
  return place;
}
