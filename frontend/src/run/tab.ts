// What a tab of the run page is. A module in run/tabs with a Tab as its default export adds one.
import type { RunPayload } from "../types.ts";
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
  open(context: RunContext): TabBody;
}
