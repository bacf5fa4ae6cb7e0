// The charts of a run.
import { Workspace } from "../../charts/workspace.ts";
import { h } from "../../ui/dom.ts";
import type { RunContext, Tab, TabBody } from "../tab.ts";

function nothing({ data }: RunContext): HTMLElement {
  const words =
    data.run.state === "running"
      ? "Nothing is logged yet. Charts appear here with the first numbers."
      : "This run logged no numbers.";
  return h("p", { class: "empty" }, words);
}

function open(context: RunContext): TabBody {
  const workspace = new Workspace(context.data, context.view, () => nothing(context));
  return {
    element: workspace.element,
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
