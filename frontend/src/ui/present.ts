// Putting the script's page in the place of what the HTML holds for readers without scripts.
import { fill } from "./dom.ts";

/** Show the page; written.css hides what the HTML holds until then. */
export function present(app: HTMLElement, ...parts: (HTMLElement | null)[]): void {
  document.documentElement.classList.add("ready");
  fill(app, ...parts);
  // Have the style sheet's word taken back before anything in here is measured.
  void getComputedStyle(app).contentVisibility;
}
