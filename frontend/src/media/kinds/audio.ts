// Sound: the browser's own player.
import { duration } from "../../format.ts";
import type { MediaItem } from "../../types.ts";
import { h } from "../../ui/dom.ts";
import { fileOf, noFile, numberOf, textOf } from "../data.ts";
import { broken } from "../kind.ts";

export function audio(item: MediaItem): HTMLElement {
  const source = fileOf(item.path);
  if (!source) return broken(noFile());
  const player = h("audio", { src: source, controls: true, preload: "metadata", class: "player" });
  const facts = [duration(numberOf(item, "duration_s")), rate(numberOf(item, "sample_rate"))].filter(Boolean);
  const whole = h("div", {}, player, h("div", { class: "dim" }, facts.join(" · ")));
  player.addEventListener("error", () => {
    whole.replaceChildren(broken(`${textOf(item, "path")} is missing or cannot be played.`));
  });
  return whole;
}

function rate(hertz: number): string {
  return hertz > 0 ? `${Number((hertz / 1000).toFixed(2))} kHz` : "";
}
