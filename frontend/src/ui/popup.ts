// A button that opens a small panel; Escape or a click elsewhere closes it.
import { h } from "./dom.ts";

const CLOSE = "popup-close";

/** Close the panel that an element is in. */
export function closePopup(inside: HTMLElement): void {
  inside.dispatchEvent(new Event(CLOSE, { bubbles: true }));
}

/** A button with a word, or a sign alone; `label` says what the panel is for. */
export function popup(
  word: string,
  sign: Node,
  body: HTMLElement,
  opened: () => void,
  label = word,
): HTMLElement {
  const button = h(
    "button",
    { type: "button", class: "button", "aria-expanded": "false", "aria-haspopup": "dialog" },
    sign,
    word,
  );
  const panel = h("div", { class: "popup", role: "dialog", "aria-label": label, hidden: true }, body);
  const element = h("div", { class: "popup-place" }, button, panel);
  const set = (open: boolean) => {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) opened();
  };
  button.addEventListener("click", () => set(panel.hidden === true));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    set(false);
    button.focus();
  });
  element.addEventListener(CLOSE, () => {
    set(false);
    button.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!panel.hidden && !element.contains(event.target as Node)) set(false);
  });
  return element;
}
