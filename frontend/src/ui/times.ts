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

/** Servers tell whole seconds, and an answer takes a while: less is no difference of clocks (microseconds). */
const LEAST_US = 5e6;

let ahead = 0;

/** Now by the clock that dates signs of life: the server's; on a disk, this machine's. */
export function storeNow(): number {
  return now() + ahead;
}

/** Until when the page knows whether its run lives: as `known`, by the clock of `storeNow`. */
export function knownLife(): number {
  return singleSince() ?? storeNow();
}

/** How far a server's clock is ahead of this machine's, given its `Date` and when the answer came. */
export function aheadOf(date: string | null, at: number): number {
  const us = Date.parse(date ?? "") * 1000 - at;
  return Math.abs(us) > LEAST_US ? us : 0;
}

/** Ask the server that the page came from for its time; tell whether its clock is another than this machine's. */
export async function askServer(): Promise<boolean> {
  if (!location.protocol.startsWith("http") || singleSince() !== null) return false;
  try {
    const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
    ahead = aheadOf(answer.headers.get("date"), now());
  } catch {
    // A server that takes no HEAD: by this machine's clock then.
  }
  return ahead !== 0;
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
