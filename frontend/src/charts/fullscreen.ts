// One chart on the whole screen.
import { fill, h } from "../ui/dom.ts";
import { Card, type CardContext } from "./card.ts";

export class FullScreen {
  private readonly dialog = h("dialog", { class: "fullscreen" });
  private shown: Card | null = null;

  constructor(
    private readonly context: CardContext,
    closed: () => void,
  ) {
    this.dialog.addEventListener("close", closed);
    addEventListener("resize", () => this.shown?.fit());
  }

  /** The chart that is shown; null while none is. */
  get card(): Card | null {
    return this.shown;
  }

  /** Show the chart of `key`; an empty key closes. */
  show(key: string): void {
    this.shown?.destroy();
    this.shown = null;
    if (!key) {
      this.dialog.close();
      this.dialog.remove();
      return;
    }
    const place = h("figure", { class: "card large", tabindex: "0", "aria-label": key });
    fill(this.dialog, place);
    document.body.append(this.dialog);
    if (!this.dialog.open) this.dialog.showModal();
    this.shown = new Card(key, place, this.context, true);
    this.shown.begin();
    place.focus();
  }
}
