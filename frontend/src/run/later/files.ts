// The files of a run: a tree, what is in one, and a link to have it.
import { filePanel } from "../../files/panel.ts";
import type { Late, RunContext, TabBody } from "../tab.ts";

function open({ data, view }: RunContext): TabBody {
  return filePanel(data.run, view);
}

const late: Late = { id: "files", open };
export default late;
