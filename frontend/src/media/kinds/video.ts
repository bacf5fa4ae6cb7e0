// A film: a player, or an image that moves.
import type { MediaItem } from "../../types.ts";
import { h } from "../../ui/dom.ts";
import { fileOf, noFile, textOf } from "../data.ts";
import { broken } from "../kind.ts";
import { image } from "./image.ts";

export function video(item: MediaItem): HTMLElement {
  const source = fileOf(item.path);
  if (!source) return broken(noFile());
  if (/\.(png|gif)$/i.test(textOf(item, "path"))) return image(item);
  const player = h("video", {
    src: source,
    controls: true,
    loop: true,
    preload: "metadata",
    class: "player",
  });
  player.muted = true;
  const whole = h("div", {}, player);
  player.addEventListener("error", () => {
    whole.replaceChildren(broken(`${textOf(item, "path")} is missing or cannot be played.`));
  });
  return whole;
}
