// What the run was: facts, how it ended, config, summary, environment.

import type { RunPayload } from "../../types.ts";
import { fill, h, renew } from "../../ui/dom.ts";
import { TreeView } from "../../ui/tree.ts";
import { alertList, environmentBox, exitBox, factColumns } from "../overview.ts";
import type { Late, RunContext, TabBody } from "../tab.ts";

function open({ data }: RunContext): TabBody {
  const config = new TreeView("Config", data.run.config, "This run has no config.");
  const summary = new TreeView("Summary", data.run.summary, "This run has no summary yet.");
  const top = h("div", { class: "overview-top" });
  const foot = h("div", {});
  let environment = "";
  const update = (run: RunPayload) => {
    renew(top, exitBox(run), alertList(run), factColumns(run));
    config.update(run.config);
    summary.update(run.summary);
    // Built again only when it changed, so that it stays open.
    const facts = JSON.stringify(run.environment);
    if (facts !== environment) fill(foot, environmentBox(run.environment));
    environment = facts;
  };
  update(data.run);
  const columns = h("div", { class: "columns" }, config.element, summary.element);
  return { element: h("div", { class: "overview" }, top, columns, foot), update };
}

const late: Late = { id: "overview", open };
export default late;
