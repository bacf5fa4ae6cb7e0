// Times on the page: relative, with the absolute on hover, kept true while the page is open.
import { singleSince } from "../data/intake.ts";
import { absolute, relative } from "../format.ts";
import { h } from "./dom.ts";

/** Now, in microseconds since the epoch. */
export function now(): number {
  return Date.now() * 1000;
}

/** Until when the page knows how its run is, in microseconds: now, unless it is a copy in one file. */
export function known(): number {
  return singleSince() ?? now();
}

/** A moment as `3 min ago`, its date and time on hover. */
export function ago(us: number): HTMLElement {
  const iso = new Date(us / 1000).toISOString();
  return h("time", { class: "ago", datetime: iso, title: absolute(us), "data-us": us }, relative(us, now()));
}

/** Bring every relative time up to date. */
function refresh(): void {
  const at = now();
  for (const element of document.querySelectorAll<HTMLElement>("time.ago")) {
    const text = relative(Number(element.dataset.us), at);
    if (element.textContent !== text) element.textContent = text;
  }
}

export function keepTimesTrue(): void {
  setInterval(() => {
    if (!document.hidden) refresh();
  }, 10_000);
  document.addEventListener("visibilitychange", refresh);
}
