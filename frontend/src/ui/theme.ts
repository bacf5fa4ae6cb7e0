// Light and dark: the system's choice until the reader makes one.
import { h } from "./dom.ts";
import { icon } from "./icons.ts";
import { onPaper } from "./paper.ts";

const KEY = "runhooks-theme";
type Theme = "light" | "dark";
const listeners = new Set<() => void>();
const system = matchMedia("(prefers-color-scheme: dark)");

function stored(): Theme | null {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === "light" || theme === "dark" ? theme : null;
  } catch {
    return null; // Storage is refused in some privacy modes.
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice then lasts as long as the page.
  }
}

export function theme(): Theme {
  const chosen = document.documentElement.dataset.theme as Theme | undefined;
  return chosen ?? (system.matches ? "dark" : "light");
}

function changed(): void {
  for (const run of listeners) run();
}

/** Call `run` whenever colours change. */
export function onTheme(run: () => void): void {
  listeners.add(run);
}

/** Take the reader's earlier choice, and follow the system's. */
export function startTheme(): void {
  const chosen = stored();
  if (chosen) document.documentElement.dataset.theme = chosen;
  system.addEventListener("change", changed);
  lightOnPaper();
}

function lightOnPaper(): void {
  const { dataset } = document.documentElement;
  let kept: string | undefined;
  onPaper((printing) => {
    if (printing) {
      kept = dataset.theme;
      dataset.theme = "light";
    } else if (kept) dataset.theme = kept;
    else delete dataset.theme;
    changed();
  });
}

export function themeButton(): HTMLButtonElement {
  const button = h("button", { class: "icon-button", type: "button" });
  const show = () => {
    const next = theme() === "dark" ? "light" : "dark";
    button.replaceChildren(icon(next === "light" ? "sun" : "moon"));
    button.title = `Switch to ${next} colours`;
    button.setAttribute("aria-label", button.title);
  };
  button.addEventListener("click", () => {
    const next: Theme = theme() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    store(next);
    changed();
  });
  onTheme(show);
  show();
  return button;
}
