// What the scripts of all pages begin with: take in the data, then build the page.
import { nameColours } from "./charts/colours.ts";
import { put, takeEmbedded } from "./data/intake.ts";
import { notice } from "./ui/notice.ts";
import { startTheme } from "./ui/theme.ts";
import { keepTimesTrue } from "./ui/times.ts";

/** What a page offers to data files, the console and tests, as `window.runhooks`. */
export interface Published {
  /** Take in a data file's payload. */
  put?(kind: string, payload: unknown): void;
  /** The arrays that the chart of a metric draws now (of one run, where several share it); null where there is none. */
  series?(key: string, run?: string): Record<string, unknown> | null;
  /** What scripts that are loaded later export, by their names. */
  readonly later?: { readonly [name: string]: { readonly default: unknown } };
}

declare global {
  interface Window {
    runhooks: Published;
  }
}

/** Leave what the HTML itself says, and say what is missing. */
function broken(app: HTMLElement, error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  const words = `This page cannot show everything: ${why}. What follows was written with the page.`;
  app.prepend(notice(words));
  document.documentElement.classList.add("as-written");
}

type Build = (app: HTMLElement) => Published | Promise<Published>;

async function boot(build: Build): Promise<void> {
  const app = document.getElementById("app");
  if (!app) return;
  startTheme();
  nameColours();
  keepTimesTrue();
  try {
    takeEmbedded();
    Object.assign(window.runhooks, await build(app));
  } catch (error) {
    broken(app, error);
  }
}

/** Take in data files from now on, and build the page when the document and those that it names are there. */
export function start(build: Build): void {
  window.runhooks = { put };
  document.addEventListener("DOMContentLoaded", () => void boot(build));
}
