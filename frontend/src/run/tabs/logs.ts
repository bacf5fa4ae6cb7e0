// What the program wrote.
import { lateTab, type Tab } from "../tab.ts";

const tab: Tab = {
  id: "logs",
  title: "Logs",
  order: 40,
  wanted: (run) => Boolean(run.log),
  open: lateTab("logs"),
};
export default tab;
