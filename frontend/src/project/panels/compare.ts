// How the selected runs differ: settings, results, code and environment, and where their curves part.
import { latePanel, type Panel } from "../panel.ts";

const panel: Panel = { id: "compare", title: "Compare", order: 40, open: latePanel("compare") };
export default panel;
