// How a run's state looks: a colour, a word and an icon, with its reason.

import { clock } from "../format.ts";
import type { Heartbeat, State } from "../types.ts";
import { h } from "./dom.ts";
import { icon } from "./icons.ts";
import { storeNow } from "./times.ts";

export const STATES: readonly State[] = ["running", "finished", "failed", "killed", "crashed"];

export interface Shown {
  readonly state: State;
  readonly reason: string | null;
}

/** The state as a reader should take it: a running run without a recent heartbeat has crashed. */
export function shownState(
  run: { state: State; reason: string | null; heartbeat: Heartbeat | null },
  staleAfterS: number,
  at = storeNow(),
): Shown {
  const { state, reason, heartbeat } = run;
  if (state !== "running" || !heartbeat || at - heartbeat.at <= staleAfterS * 1e6) return { state, reason };
  return { state: "crashed", reason: `no heartbeat since ${clock(heartbeat.at, at)}` };
}

/** A state as a badge: `failed`, and the reason on hover. */
export function stateBadge({ state, reason }: Shown): HTMLElement {
  return h("span", { class: `state state-${state}`, title: reason }, icon(state), h("span", {}, state));
}
