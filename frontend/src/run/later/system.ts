// What the machine did meanwhile.
import { Workspace } from "../../charts/workspace.ts";
import { h, setText } from "../../ui/dom.ts";
import { PartView } from "../../ui/viewstate.ts";
import { SystemData } from "../system.ts";
import type { Late, RunContext, TabBody } from "../tab.ts";

function open({ data, view }: RunContext): TabBody {
  const source = new SystemData(data.run);
  const part = new PartView(view, "s-", { x: "relative" });
  const soon = "The machine is sampled soon.";
  const empty = h("p", { class: "empty" }, soon);
  source.listen(() => {
    const { problem } = source;
    setText(empty, problem === null ? soon : `What the machine did cannot be shown: ${problem}.`);
  });
  const workspace = new Workspace(source, part, () => empty);
  return {
    element: workspace.element,
    controls: workspace.toolbar,
    update: (run) => source.renew(run, data.live?.system),
    series: (key, host) => workspace.series(key, host),
  };
}

const late: Late = { id: "system", open };
export default late;
