// Markup of the user's own: a frame without the page's origin. Its scripts run and reach nothing.
import type { MediaItem } from "../../types.ts";
import { h } from "../../ui/dom.ts";
import { fileOf, noFile } from "../data.ts";
import { broken } from "../kind.ts";

export function frame(item: MediaItem): HTMLElement {
  const source = fileOf(item.path);
  if (!source) return broken(noFile());
  return h("iframe", {
    class: "frame",
    src: source,
    sandbox: "allow-scripts",
    referrerpolicy: "no-referrer",
    title: "Logged HTML",
  });
}
