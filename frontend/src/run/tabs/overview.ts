// What the run was.
import { lateTab, type Tab } from "../tab.ts";

const tab: Tab = {
  id: "overview",
  title: "Overview",
  order: 20,
  wanted: () => true,
  open: lateTab("overview"),
};
export default tab;
