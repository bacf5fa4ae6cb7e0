// What the run made and what it used.
import { lateTab, type Tab } from "../tab.ts";

const tab: Tab = {
  id: "artifacts",
  title: "Artifacts",
  order: 60,
  wanted: (run) => Boolean(run.artifacts?.length),
  open: lateTab("artifacts"),
};
export default tab;
