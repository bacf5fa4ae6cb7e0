// What the program wrote.
import { PartView } from "../../ui/viewstate.ts";
import { LogView } from "../logs/view.ts";
import type { Late, RunContext, TabBody } from "../tab.ts";

function open({ data, view }: RunContext): TabBody {
  const log = new LogView(data.run, new PartView(view, "l-"));
  return {
    element: log.element,
    controls: log.controls,
    update: (run) => log.update(run, data.live?.log),
  };
}

const late: Late = { id: "logs", open };
export default late;
