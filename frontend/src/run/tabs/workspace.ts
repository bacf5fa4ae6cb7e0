// The charts of a run, and its pictures, tables and the like.
import { Workspace } from "../../charts/workspace.ts";
import { MediaPanels } from "../../media/panels.ts";
import { h } from "../../ui/dom.ts";
import type { RunContext, Tab, TabBody } from "../tab.ts";

function nothing({ data }: RunContext): HTMLElement {
  if (data.media().size) return h("div", {});
  const words =
    data.run.state === "running"
      ? "Nothing is logged yet. Charts appear here with the first numbers."
      : "This run logged no numbers.";
  return h("p", { class: "empty" }, words);
}

function open(context: RunContext): TabBody {
  const workspace = new Workspace(context.data, context.view, () => nothing(context));
  const media = new MediaPanels(context.data, context.view);
  return {
    element: h("div", {}, workspace.element, media.element),
    controls: workspace.toolbar,
    series: (key) => workspace.series(key),
  };
}

const tab: Tab = {
  id: "workspace",
  title: "Workspace",
  order: 10,
  wanted: (run) => run.metrics.length > 0 || run.state === "running",
  open,
};
export default tab;
