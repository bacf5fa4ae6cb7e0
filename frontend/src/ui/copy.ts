// Copying text, also from file:// pages and where the clipboard is not given to scripts.
import { h } from "./dom.ts";
import { type IconName, icon } from "./icons.ts";

function byHand(text: string): boolean {
  const box = h("textarea", { class: "offscreen", readonly: true });
  box.value = text;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  return done;
}

async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Refused or absent: the old way still works on a click.
    return byHand(text);
  }
}

/** A button that copies what `text` gives, and says that it did. */
export function copyButton(label: string, text: () => string, word?: string): HTMLButtonElement {
  const button = h("button", { class: word ? "button" : "icon-button", type: "button", title: label });
  button.setAttribute("aria-label", label);
  const show = (name: IconName, said: string | undefined) => button.replaceChildren(icon(name), said ?? "");
  show("copy", word);
  button.addEventListener("click", async () => {
    const done = await toClipboard(text());
    show(done ? "check" : "warning", word && (done ? "Copied" : "Not copied"));
    button.setAttribute("aria-label", done ? "Copied" : "Could not copy");
    setTimeout(() => {
      show("copy", word);
      button.setAttribute("aria-label", label);
    }, 1200);
  });
  return button;
}
