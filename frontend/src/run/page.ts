// The page of one run.
import folder from "folder:./tabs";
import { initial } from "../data/intake.ts";
import type { Published } from "../main.ts";
import { h } from "../ui/dom.ts";
import { leftOut, newerFormat } from "../ui/notice.ts";
import { present } from "../ui/present.ts";
import { ViewState } from "../ui/viewstate.ts";
import { RunData } from "./data.ts";
import { RunHeader } from "./header.ts";
import { Headline } from "./headline.ts";
import { Live } from "./live.ts";
import type { Tab } from "./tab.ts";
import { TabBar } from "./tabbar.ts";

/** Build the page into `app`; what its console offers. Throws where the page's data is absent. */
export function runPage(app: HTMLElement): Published {
  const run = initial("run").at(-1);
  if (!run) throw new Error("data/run.js is missing or cannot be read");
  const view = new ViewState(location.hash);
  const data = new RunData(run, initial("charts"));
  const tabs = new TabBar(folder as readonly Tab[], { data, view });
  const header = new RunHeader(run);
  const headline = new Headline(data, (key) => view.set({ tab: "", full: key }));
  const foot = h("footer", { class: "foot" }, run.path);
  present(
    app,
    newerFormat(run.format),
    leftOut(),
    header.element,
    headline.element,
    tabs.bar,
    tabs.panels,
    foot,
  );
  view.follow();
  new Live(data, () => {
    header.update(data.run);
    tabs.update();
  });
  return {
    series: (key, line) =>
      tabs
        .opened()
        .map((tab) => tab.series?.(key, line))
        .find((found) => found) ?? null,
  };
}
