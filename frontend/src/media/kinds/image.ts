// An image, with its masks and boxes over it.
import { COLOURS } from "../../charts/palette.ts";
import { number } from "../../format.ts";
import type { Json, MediaItem } from "../../types.ts";
import { h } from "../../ui/dom.ts";
import { fileOf, noFile, numberOf, textOf } from "../data.ts";
import { broken } from "../kind.ts";

/** Images smaller than this are shown pixel by pixel, not smeared. */
const SMALL = 128;

function entries(value: Json | undefined): [string, { [name: string]: Json }][] {
  if (!value || typeof value !== "object" || Array.isArray(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, { [name: string]: Json }] => {
    const inner = entry[1];
    return inner !== null && typeof inner === "object" && !Array.isArray(inner);
  });
}

function label(group: { [name: string]: Json }, number: Json | undefined): string {
  const labels = group.labels;
  if (number === undefined) return "";
  const found =
    labels && typeof labels === "object" && !Array.isArray(labels) ? labels[String(number)] : null;
  return typeof found === "string" ? found : String(number);
}

function colour(number: Json | undefined): string {
  return `var(--c${Math.abs(Number(number ?? 0)) % COLOURS})`;
}

function boxOf(box: { [name: string]: Json }, group: { [name: string]: Json }): HTMLElement | null {
  if (!Array.isArray(box.box)) return null;
  const [left, top, right, bottom] = box.box.map(Number) as [number, number, number, number];
  const scores = entries({ s: box.scores ?? null }).flatMap(([, s]) =>
    Object.entries(s).map(([name, score]) => `${name} ${number(Number(score), 3)}`),
  );
  const words = [typeof box.caption === "string" ? box.caption : label(group, box.class), ...scores];
  const percent = (share: number) => `${Math.min(1, Math.max(0, share)) * 100}%`;
  const style = {
    left: percent(left),
    top: percent(top),
    width: percent(right - left),
    height: percent(bottom - top),
    "--box": colour(box.class),
  };
  const said = words.filter(Boolean).join(" · ");
  return h("div", { class: "image-box", style }, said && h("span", { class: "image-box-label" }, said));
}

function legend(group: { [name: string]: Json }): HTMLElement | null {
  const labels = Object.keys((group.labels as { [name: string]: Json } | undefined) ?? {});
  if (!labels.length) return null;
  const each = labels.slice(0, 20).map((key) => {
    const swatch = h("span", { class: "swatch", style: { background: colour(key) } });
    return h("span", { class: "image-label" }, swatch, label(group, key));
  });
  return h("span", { class: "image-legend" }, ...each);
}

/** A button that shows and hides a layer. */
function toggle(name: string, layer: HTMLElement): HTMLElement {
  const button = h("button", { type: "button", class: "tool", "aria-pressed": "true" }, name);
  button.addEventListener("click", () => {
    layer.hidden = !layer.hidden;
    button.setAttribute("aria-pressed", String(!layer.hidden));
  });
  return button;
}

export function image(item: MediaItem): HTMLElement {
  const source = fileOf(item.path);
  if (!source) return broken(noFile());
  const picture = h("img", { src: source, alt: textOf(item, "caption") || textOf(item, "path") });
  const [width, height] = [numberOf(item, "width"), numberOf(item, "height")];
  if (width > 0 && height > 0) {
    picture.width = width;
    picture.height = height;
    picture.classList.toggle("small", Math.max(width, height) < SMALL);
  }
  const stack = h("div", { class: "image-stack" }, picture);
  const tools = h("div", { class: "image-tools" });
  for (const [name, mask] of entries(item.masks)) {
    const layer = h("img", { class: "image-mask", src: fileOf(mask.path) ?? "", alt: `Mask ${name}` });
    stack.append(layer);
    tools.append(toggle(name, layer), legend(mask) ?? "");
  }
  for (const [name, group] of entries(item.boxes)) {
    const boxes = Array.isArray(group.boxes) ? group.boxes : [];
    const layer = h("div", { class: "image-boxes" });
    for (const box of boxes) {
      const drawn = box && typeof box === "object" && !Array.isArray(box) ? boxOf(box, group) : null;
      if (drawn) layer.append(drawn);
    }
    stack.append(layer);
    tools.append(toggle(name, layer));
  }
  const whole = h("div", { class: "image" }, stack, tools.hasChildNodes() && tools);
  picture.addEventListener("error", () => {
    whole.replaceChildren(broken(`${textOf(item, "path")} is missing or cannot be shown.`));
  });
  return whole;
}
