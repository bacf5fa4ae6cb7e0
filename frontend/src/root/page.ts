// The page of a whole store: its projects, the latest first.

import { matcher } from "../charts/source.ts";
import { initial } from "../data/intake.ts";
import { count } from "../format.ts";
import type { Published } from "../main.ts";
import type { ProjectEntry } from "../types.ts";
import { debounce, fill, h, svg } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { newerFormat } from "../ui/notice.ts";
import { present } from "../ui/present.ts";
import { STATES } from "../ui/state.ts";
import { themeButton } from "../ui/theme.ts";
import { ago } from "../ui/times.ts";
import { ViewState } from "../ui/viewstate.ts";

const WIDTH = 120;
const HEIGHT = 24;

/** Runs per day as small bars. */
function activity(days: readonly number[]): SVGElement {
  const most = Math.max(1, ...days);
  const wide = WIDTH / Math.max(1, days.length);
  const bars = days.map((n, i) => {
    const tall = n ? Math.max(2, (n / most) * HEIGHT) : 0;
    return `M${(i + 0.15) * wide} ${HEIGHT}v${-tall}h${wide * 0.7}v${tall}z`;
  });
  const words = `Runs per day over ${days.length} days, at most ${most}`;
  return svg(
    "svg",
    { class: "activity", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words },
    svg("title", {}, words),
    svg("path", { class: "activity-days", d: `M0 ${HEIGHT - 0.5}H${WIDTH}` }),
    svg("path", { d: bars.join("") }),
  );
}

function states(project: ProjectEntry): HTMLElement {
  const counts = new Map(Object.entries(project.states));
  const parts = STATES.filter((state) => counts.get(state)).map((state) =>
    h(
      "span",
      { class: `state state-${state}`, title: `${counts.get(state)} ${state}` },
      icon(state),
      h("span", {}, `${count(counts.get(state)!)} ${state}`),
    ),
  );
  return h("span", { class: "states" }, ...parts);
}

function row(project: ProjectEntry): HTMLElement {
  const href = `${encodeURIComponent(project.entity)}/${encodeURIComponent(project.project)}/index.html`;
  const runs = `${count(project.runs)} run${project.runs === 1 ? "" : "s"}`;
  return h(
    "li",
    {},
    h(
      "a",
      { class: "project", href },
      h(
        "span",
        { class: "project-name" },
        h("span", { class: "dim" }, `${project.entity} / `),
        project.project,
      ),
      h("span", { class: "project-runs" }, runs),
      states(project),
      activity(project.activity),
      h("span", { class: "project-last" }, project.last_activity ? ago(project.last_activity) : ""),
    ),
  );
}

function nothing(): HTMLElement {
  return h("li", { class: "empty" }, "No runs yet. A project appears here with its first run.");
}

export function rootPage(app: HTMLElement): Published {
  const data = initial("root").at(-1);
  if (!data) throw new Error("data/root.js is missing or cannot be read");
  const view = new ViewState(location.hash);
  const list = h("ul", { class: "projects" });
  const input = h("input", {
    type: "search",
    class: "input",
    placeholder: "Search projects (regex)",
    "aria-label": "Search projects",
  });
  const projects = [...data.projects].sort((a, b) => (b.last_activity ?? 0) - (a.last_activity ?? 0));
  const show = () => {
    const { pattern } = matcher(view.get("q"));
    const found = projects.filter((p) => pattern.test(`${p.entity}/${p.project}`));
    const none = projects.length
      ? h("li", { class: "empty" }, `No project matches “${view.get("q")}”.`)
      : nothing();
    fill(list, ...(found.length ? found.map(row) : [none]));
  };
  input.value = view.get("q");
  input.addEventListener(
    "input",
    debounce(() => view.set({ q: input.value }), 100),
  );
  view.listen(show);
  view.follow();
  show();
  const crumb = h("span", { class: "crumb" }, h("span", { class: "mark" }, icon("mark")));
  const title = h(
    "div",
    { class: "title" },
    crumb,
    h("h1", {}, "Projects"),
    h("span", { class: "section-count" }, count(projects.length)),
  );
  title.append(
    h("label", { class: "search" }, icon("search"), input),
    h("div", { class: "actions" }, themeButton()),
  );
  present(
    app,
    newerFormat(data.format),
    h("header", { class: "run-head" }, title),
    h("div", { class: "root" }, list),
  );
  return {};
}
