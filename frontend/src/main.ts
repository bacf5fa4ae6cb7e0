// The one script of every page: takes in the data, then builds what `<body data-page>` names.
import { artifactsPage } from "./artifacts/page.ts";
import { nameColours } from "./charts/colours.ts";
import { put, takeEmbedded } from "./data/intake.ts";
import { projectPage } from "./project/page.ts";
import { rootPage } from "./root/page.ts";
import { runPage } from "./run/page.ts";
import { notice } from "./ui/notice.ts";
import { startTheme } from "./ui/theme.ts";
import { keepTimesTrue } from "./ui/times.ts";

/** What a page offers to data files, the console and tests, as `window.runhooks`. */
export interface Published {
  /** Take in a data file's payload. */
  put?(kind: string, payload: unknown): void;
  /** The arrays that the chart of a metric draws now (of one run, where several share it); null where there is none. */
  series?(key: string, run?: string): Record<string, unknown> | null;
}

declare global {
  interface Window {
    runhooks: Published;
  }
}

const PAGES = new Map<string, (app: HTMLElement) => Published | Promise<Published>>([
  ["run", runPage],
  ["project", projectPage],
  ["artifacts", artifactsPage],
  ["root", rootPage],
]);

/** Leave what the HTML itself says, and say what is missing. */
function broken(app: HTMLElement, error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  const words = `This page cannot show everything: ${why}. What follows was written with the page.`;
  app.prepend(notice(words));
  document.documentElement.classList.add("as-written");
}

async function boot(): Promise<void> {
  const app = document.getElementById("app");
  const build = PAGES.get(document.body.dataset.page ?? "");
  if (!app || !build) return;
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

window.runhooks = { put };
document.addEventListener("DOMContentLoaded", () => void boot());
