// What the machine did meanwhile.
import { lateTab, type Tab } from "../tab.ts";

const tab: Tab = {
  id: "system",
  title: "System",
  order: 30,
  wanted: (run) => Boolean(run.system),
  open: lateTab("system"),
};
export default tab;
