// Pictures, tables and the like, below the charts.
import { MediaPanels } from "../../media/panels.ts";
import type { Late } from "../tab.ts";

const late: Late = { id: "media", open: ({ data, view }) => new MediaPanels(data, view) };
export default late;
