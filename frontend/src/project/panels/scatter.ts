// A scatter plot of any column against any other, coloured by a third; marking a part filters the table.
import { latePanel, type Panel } from "../panel.ts";

const panel: Panel = { id: "scatter", title: "Scatter", order: 30, open: latePanel("scatter") };
export default panel;
