// The files of a run: a tree, what is in one, and a link to have it.
import { filePanel } from "../../files/panel.ts";
import type { Tab } from "../tab.ts";

const tab: Tab = {
  id: "files",
  title: "Files",
  order: 50,
  wanted: (run) => Boolean(run.files),
  open: ({ data, view }) => filePanel(data.run, view),
};
export default tab;
