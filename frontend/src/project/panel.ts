// What a view beside the runs table is: charts, parallel coordinates, a scatter plot, a comparison.
import { loadLater } from "../ui/later.ts";
import type { ViewState } from "../ui/viewstate.ts";
import type { TableChoices } from "./choices.ts";
import type { ProjectData } from "./data.ts";
import type { Row } from "./rows.ts";
import type { Drawing } from "./visible.ts";

/** The project as the reader sees it now. */
export interface Project {
  /** All runs, newest first. */
  readonly rows: readonly Row[];
  /** The runs that search, states and filter leave, before brushes. */
  readonly unbrushed: readonly Row[];
  /** The runs that are listed, in order. */
  readonly found: readonly Row[];
  readonly columns: readonly string[];
  readonly drawing: Drawing;
  /** The run that others are compared with. */
  readonly baseline: Row | null;
}

export interface PanelContext {
  readonly view: ViewState;
  readonly choices: TableChoices;
  readonly data: ProjectData;
}

export interface PanelBody {
  readonly element: HTMLElement;
  /** Its controls, for the bar above. */
  readonly controls: HTMLElement | null;
  show(project: Project): void;
  /** Let one run (or group) stand out; null for none. */
  emphasise?(id: string | null): void;
  /** The arrays that a chart of the panel draws, for the console and tests. */
  series?(key: string, run?: string): Record<string, unknown> | null;
}

export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly order: number;
  open(context: PanelContext): PanelBody | Promise<PanelBody>;
}

/** The body of a panel, in the script that is loaded when one is first needed. */
export interface Late {
  readonly id: string;
  open(context: PanelContext): PanelBody;
}

/** Open a panel whose body is loaded now. */
export function latePanel(id: string): (context: PanelContext) => Promise<PanelBody> {
  return async (context) => {
    const bodies = (await loadLater("project-later")) as readonly Late[];
    return bodies.find((late) => late.id === id)!.open(context);
  };
}
