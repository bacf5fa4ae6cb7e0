// What the machine did meanwhile.
import { Workspace } from "../../charts/workspace.ts";
import { h } from "../../ui/dom.ts";
import { PartView } from "../../ui/viewstate.ts";
import { SystemData } from "../system.ts";
import type { Late, RunContext, TabBody } from "../tab.ts";

function open({ data, view }: RunContext): TabBody {
  const source = new SystemData(data.run);
  const part = new PartView(view, "s-", { x: "relative" });
  const workspace = new Workspace(source, part, () =>
    h("p", { class: "empty" }, "The machine is sampled soon."),
  );
  return {
    element: workspace.element,
    controls: workspace.toolbar,
    update: (run) => source.renew(run, data.live?.system),
    series: (key, host) => workspace.series(key, host),
  };
}

const late: Late = { id: "system", open };
export default late;
