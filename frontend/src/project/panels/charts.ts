// The charts of the visible runs, laid over one another.
import { Workspace } from "../../charts/workspace.ts";
import { fill, h, setText } from "../../ui/dom.ts";
import { notice } from "../../ui/notice.ts";
import type { ProjectData } from "../data.ts";
import type { Panel, PanelBody, PanelContext, Project } from "../panel.ts";

/** Lost runs that are named; of more, the number is told. */
const NAMED = 5;

function open({ view, data }: PanelContext): PanelBody {
  const empty = h("p", { class: "empty" });
  const note = h("div", { class: "notes-line", role: "status" });
  const workspace = new Workspace(data, view, () => empty);
  data.listen(() => fill(note, lost(data), more(data)));
  return {
    element: h("div", {}, note, workspace.element),
    controls: workspace.toolbar,
    show: (project) => setText(empty, nothing(project)),
    emphasise: (id) => workspace.emphasise(id),
    series: (key, run) => workspace.series(key, run),
  };
}

/** Which runs' charts could not be had. */
function lost({ errors }: ProjectData): HTMLElement | null {
  if (!errors.length) return null;
  const named = errors.slice(0, NAMED).map(({ name, why }) => `${name.slice(0, 80)} (${why})`);
  const others = errors.length > NAMED ? ` and ${errors.length - NAMED} more runs` : "";
  return notice(`No charts of ${named.join(", ")}${others}.`);
}

/** A button for metrics that the table does not list. */
function more(data: ProjectData): HTMLElement | null {
  if (!data.partial) return null;
  const button = h("button", { type: "button", class: "button" }, "List all metrics");
  button.addEventListener("click", () => void data.more());
  return h("p", { class: "partial" }, "Some runs have more than 1,000 metrics. ", button);
}

/** Why there are no charts. */
function nothing({ rows, found, drawing }: Project): string {
  if (!rows.length) return "Charts appear here with the first run.";
  if (!found.length) return "No run matches.";
  if (!drawing.runs.length) return "No run is drawn. Press the eye beside a run to draw it.";
  return "The drawn runs have no charts yet.";
}

const panel: Panel = { id: "charts", title: "Charts", order: 10, open };
export default panel;
