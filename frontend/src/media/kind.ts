// What draws one kind of media.

import type { MediaItem } from "../types.ts";
import { h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";

/** Draw an item; `large` where it has the screen to itself. */
export type Drawer = (item: MediaItem, large: boolean) => HTMLElement;

/** What stands in the place of an item that cannot be shown. */
export function broken(words: string): HTMLElement {
  return h("p", { class: "card-broken" }, icon("warning"), words);
}
