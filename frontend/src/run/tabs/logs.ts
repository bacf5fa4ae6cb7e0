// What the program wrote.
import { PartView } from "../../ui/viewstate.ts";
import { LogView } from "../logs/view.ts";
import type { RunContext, Tab, TabBody } from "../tab.ts";

function open({ data, view }: RunContext): TabBody {
  const log = new LogView(data.run, new PartView(view, "l-"));
  return {
    element: log.element,
    controls: log.controls,
    update: (run) => log.update(run, data.live?.log),
  };
}

const tab: Tab = { id: "logs", title: "Logs", order: 40, wanted: (run) => Boolean(run.log), open };
export default tab;
