// Giving a run a colour of the reader's choice: a small palette beside its row.
import { COLOURS } from "../charts/palette.ts";
import { fill, h } from "../ui/dom.ts";
import { lineSample } from "./cells.ts";

/** Colours and dashes on offer. */
const OFFERED = 2 * COLOURS;

export class PaintBox {
  readonly element = h("div", { class: "popup paint", role: "dialog", "aria-label": "Colour", hidden: true });
  private place: HTMLElement | null = null;

  constructor(private readonly paint: (id: string, slot: number | null) => void) {
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!this.element.contains(event.target as Node)) this.element.hidden = true;
    });
  }

  /** Offer colours for a run or group, beside the button that was pressed. */
  open(id: string, place: HTMLElement): void {
    this.place = place;
    const slots = Array.from({ length: OFFERED }, (_, slot) => this.swatch(id, slot));
    const own = h("button", { type: "button", class: "button" }, "Its own");
    own.addEventListener("click", () => this.take(id, null));
    fill(this.element, h("div", { class: "swatches" }, ...slots), own);
    this.element.hidden = false;
    const { left, bottom, top } = place.getBoundingClientRect();
    const { offsetWidth: wide, offsetHeight: high } = this.element;
    const below = bottom + high + 8 < innerHeight;
    this.element.style.left = `${Math.max(8, Math.min(left, innerWidth - wide - 8))}px`;
    this.element.style.top = `${below ? bottom + 4 : top - high - 4}px`;
    slots[0]!.focus();
  }

  private swatch(id: string, slot: number): HTMLElement {
    const dashed = slot >= COLOURS ? ", dashed" : "";
    const name = `Colour ${(slot % COLOURS) + 1}${dashed}`;
    const button = h("button", { type: "button", class: "swatch-button", title: name, "aria-label": name });
    button.append(lineSample(slot));
    button.addEventListener("click", () => this.take(id, slot));
    return button;
  }

  private take(id: string, slot: number | null): void {
    this.close();
    this.paint(id, slot);
  }

  private close(): void {
    this.element.hidden = true;
    if (this.place?.isConnected) this.place.focus();
  }
}
