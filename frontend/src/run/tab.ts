// What a tab of the run page is. A module in run/tabs with a Tab as its default export adds one; where its body
// is loaded only when it is opened, that is a module in run/later of the same id.
import type { RunPayload } from "../types.ts";
import { loadLater } from "../ui/later.ts";
import type { ViewState } from "../ui/viewstate.ts";
import type { RunData } from "./data.ts";

export interface RunContext {
  readonly data: RunData;
  readonly view: ViewState;
}

export interface TabBody {
  readonly element: HTMLElement;
  /** Controls beside the tabs, if it has any. */
  readonly controls?: HTMLElement;
  /** The run is newer now. */
  update?(run: RunPayload): void;
  /** The arrays that a chart of the tab draws, for the console; of one line, where it has several. */
  series?(key: string, line?: string): Record<string, unknown> | null;
}

export interface Tab {
  /** Its word in the address. */
  readonly id: string;
  readonly title: string;
  /** Place among the tabs, ascending. */
  readonly order: number;
  /** Whether this run has something for it. */
  wanted(run: RunPayload): boolean;
  /** Build it; called when it is first opened. */
  open(context: RunContext): TabBody | Promise<TabBody>;
}

/** The body of a tab, in the script that is loaded when one is first needed. */
export interface Late {
  readonly id: string;
  open(context: RunContext): TabBody;
}

/** Open a tab whose body is loaded now. */
export function lateTab(id: string): (context: RunContext) => Promise<TabBody> {
  return async (context) => {
    const bodies = (await loadLater("run-later")) as readonly Late[];
    return bodies.find((late) => late.id === id)!.open(context);
  };
}
