// What a page says above everything else.
import { h } from "./dom.ts";
import { icon } from "./icons.ts";

export function notice(words: string): HTMLElement {
  return h("p", { class: "notice", role: "alert" }, icon("warning"), words);
}

/** Newest format of data files that this script reads. */
const FORMAT = 1;

/** A notice where a page's data was written by a newer runhooks than its script; else nothing. */
export function newerFormat(format: number): HTMLElement | null {
  if (format <= FORMAT) return null;
  return notice(
    `This page's data has format ${format}, of a newer runhooks: some of it may be missing here.`,
  );
}

/** A notice of what a page in one file leaves out; nothing where that is nothing. */
export function leftOut(): HTMLElement | null {
  const { lacks } = document.body.dataset;
  if (!lacks) return null;
  return notice(`This file leaves out: ${lacks}. The run's folder has it all.`);
}
