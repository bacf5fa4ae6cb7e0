// Parallel coordinates: a line a run across the axes of settings and results; marking a part filters the table.
import { latePanel, type Panel } from "../panel.ts";

const panel: Panel = { id: "parallel", title: "Parallel", order: 20, open: latePanel("parallel") };
export default panel;
