// The files of a run.
import { lateTab, type Tab } from "../tab.ts";

const tab: Tab = {
  id: "files",
  title: "Files",
  order: 50,
  wanted: (run) => Boolean(run.files),
  open: lateTab("files"),
};
export default tab;
