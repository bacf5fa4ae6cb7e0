// The charts of a run, and below them its pictures, tables and the like.
import { Workspace } from "../../charts/workspace.ts";
import { h } from "../../ui/dom.ts";
import { notice } from "../../ui/notice.ts";
import { lateTab, type RunContext, type Tab, type TabBody } from "../tab.ts";

const openMedia = lateTab("media");

function nothing({ data }: RunContext): HTMLElement {
  if (data.media().size) return h("div", {});
  const words =
    data.run.state === "running"
      ? "Nothing is logged yet. Charts appear here with the first numbers."
      : "This run logged no numbers.";
  return h("p", { class: "empty" }, words);
}

function open(context: RunContext): TabBody {
  const { data, view } = context;
  const workspace = new Workspace(data, view, () => nothing(context));
  const element = h("div", {}, workspace.element);
  let asked = false;
  const media = () => {
    if (asked || !data.media().size) return;
    asked = true;
    openMedia(context).then(
      (body) => element.append(body.element),
      (error: Error) => element.append(notice(`Pictures and the like cannot be shown: ${error.message}.`)),
    );
  };
  data.listen(media);
  media();
  return { element, controls: workspace.toolbar, series: (key) => workspace.series(key) };
}

const tab: Tab = {
  id: "workspace",
  title: "Workspace",
  order: 10,
  wanted: (run) => run.metrics.length > 0 || run.state === "running",
  open,
};
export default tab;
