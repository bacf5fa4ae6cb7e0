// How the selected runs differ: settings, results, code and environment, and where their curves part.
import { Workspace } from "../../charts/workspace.ts";
import { count, duration, exact, isNum, number, value as words } from "../../format.ts";
import type { Json } from "../../types.ts";
import { fill, h } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import { stateBadge } from "../../ui/state.ts";
import { ago } from "../../ui/times.ts";
import { PartView } from "../../ui/viewstate.ts";
import { lineSample, nameLink } from "../cells.ts";
import { CompareData, type Compared, divergenceWords } from "../comparedata.ts";
import { deltaOf } from "../delta.ts";
import { type Difference, type Divergence, differences, flatFacts } from "../differences.ts";
import type { Late, PanelBody, PanelContext, Project } from "../panel.ts";

/** Runs beside each other at most: more columns no reader compares. */
const MOST = 6;
/** Metrics whose curves are compared step by step. */
const MOST_CURVES = 60;
/** Rows of a part that are shown at once. */
const MOST_ROWS = 200;

class Compare implements PanelBody {
  readonly element: HTMLElement;
  readonly controls: HTMLElement;
  private readonly note = h("p", { class: "board-note" });
  private readonly table = h("div", {
    class: "diff-table",
    tabindex: "0",
    role: "region",
    "aria-label": "Differences",
  });
  private readonly curves = h("section", { class: "diff-curves", "aria-label": "Where curves part" });
  private readonly data = new CompareData();
  private readonly charts = h("div", {});
  private workspace: Workspace | null = null;
  private runs: readonly Compared[] = [];
  private environment: readonly ReadonlyMap<string, Json>[] = [];
  private lost: readonly string[] = [];
  private asked = 0;
  private shape = "";

  constructor(private readonly context: PanelContext) {
    this.element = h("div", { class: "compare" }, this.note, this.table, this.curves, this.charts);
    this.controls = this.toolbar();
    context.view.listen((changed) => {
      if (changed.has("all")) this.build();
    });
  }

  show(project: Project): void {
    const { choices, data } = this.context;
    const wanted = choices.selected;
    const rows = wanted.flatMap((id) => project.rows.find((row) => row.id === id) ?? []);
    // The baseline is what the others are compared with; else the run that was selected first.
    const first = rows.filter((row) => row === project.baseline);
    const ordered = [...first, ...rows.filter((row) => row !== project.baseline)].slice(0, MOST);
    const shape = ordered.map((row) => `${row.id} ${row.ended ?? row.heartbeat}`).join(",");
    const used = new Set(ordered.map((row) => project.drawing.slots.get(row.id)));
    let free = 0;
    this.runs = ordered.map((row) => {
      let slot = project.drawing.slots.get(row.id);
      if (slot === undefined) {
        while (used.has(free)) free += 1;
        used.add(free);
        slot = free;
      }
      return { row, files: data.filesOf(row), slot };
    });
    this.note.textContent = this.words(rows.length);
    if (shape === this.shape) return;
    this.shape = shape;
    this.environment = this.runs.map(() => new Map());
    this.build();
    void this.load();
  }

  series(key: string, run?: string): Record<string, unknown> | null {
    return this.workspace?.series(key, run) ?? null;
  }

  private words(selected: number): string {
    if (selected < 2) return "Select two runs or more in the table (x on a row) to see how they differ.";
    const cut = selected > MOST ? ` The first ${MOST} of ${selected} selected runs are compared.` : "";
    return `Differences are to the first run.${cut}`;
  }

  private toolbar(): HTMLElement {
    const { view } = this.context;
    const button = h("button", { type: "button", class: "toggle" }, "Only differences");
    const show = () => button.setAttribute("aria-pressed", String(view.get("all") !== "1"));
    button.addEventListener("click", () => view.set({ all: view.get("all") === "1" ? "" : "1" }));
    view.listen(show);
    show();
    return h("div", { class: "toolbar", role: "toolbar", "aria-label": "Comparison" }, button);
  }

  /** What the runs' own pages know, and where their curves part. */
  private async load(): Promise<void> {
    const asked = ++this.asked;
    const { runs } = this;
    const lost: string[] = [];
    const pages = await Promise.all(
      runs.map(({ row, files }) =>
        files.payload().catch((error: unknown) => {
          lost.push(`${row.name}: ${error instanceof Error ? error.message : String(error)}`);
          return null;
        }),
      ),
    );
    if (asked !== this.asked) return;
    this.lost = lost;
    this.environment = pages.map((page) => (page ? flatFacts(page.environment) : new Map()));
    this.build();
    this.data.show(runs);
    await this.part(asked);
  }

  private async part(asked: number): Promise<void> {
    if (this.runs.length < 2) return;
    const all = this.data.keys();
    const keys = all.slice(0, MOST_CURVES);
    const found: [string, Divergence][] = [];
    for (const key of keys) {
      const divergence = await this.data.divergence(key);
      if (asked !== this.asked) return;
      if (divergence) found.push([key, divergence]);
    }
    this.showCurves(found, all.length - keys.length);
  }

  private build(): void {
    const { runs } = this;
    if (runs.length < 2) {
      fill(this.table);
      fill(this.curves);
      fill(this.charts);
      this.workspace = null;
      return;
    }
    const parts = [
      this.section(
        "Config",
        runs.map(({ row }) => row.config),
      ),
      this.section(
        "Summary",
        runs.map(({ row }) => row.summary),
        true,
      ),
      this.section("Code and environment", this.environment),
    ];
    fill(this.table, h("table", {}, this.head(), ...parts));
    if (!this.workspace) {
      const view = new PartView(this.context.view, "c.");
      const none = () => h("p", { class: "empty" }, "These runs have no metric in common.");
      this.workspace = new Workspace(this.data, view, none);
      const bar = h("div", { class: "diff-bar" }, this.workspace.toolbar);
      fill(this.charts, bar, this.workspace.element);
    }
  }

  private head(): HTMLElement {
    const cells = this.runs.map(({ row, slot }, i) =>
      h(
        "th",
        { scope: "col" },
        h("span", { class: "diff-run" }, lineSample(slot), nameLink(row), this.remove(row.id, row.name)),
        h(
          "span",
          { class: "diff-facts" },
          stateBadge(row),
          ago(row.created),
          row.duration === null ? "" : h("span", {}, duration(row.duration)),
          i === 0 && h("span", { class: "mark-word" }, "reference"),
        ),
      ),
    );
    return h("thead", {}, h("tr", {}, h("td", {}), ...cells));
  }

  private remove(id: string, name: string): HTMLElement {
    const label = `Compare without ${name}`;
    const button = h(
      "button",
      { type: "button", class: "row-tool", title: label, "aria-label": label },
      icon("cross"),
    );
    button.addEventListener("click", () => {
      const { choices } = this.context;
      choices.selected = choices.selected.filter((run) => run !== id);
    });
    return button;
  }

  private section(title: string, runs: readonly ReadonlyMap<string, Json>[], deltas = false): HTMLElement {
    const all = differences(runs);
    const differing = all.filter(({ same }) => !same);
    const shown = this.context.view.get("all") === "1" ? all : differing;
    const said = `${count(differing.length)} of ${count(all.length)} differ`;
    const wide = this.runs.length + 1;
    const head = h(
      "tr",
      { class: "diff-part" },
      h("th", { colspan: wide, scope: "colgroup" }, title, h("span", { class: "section-count" }, ` ${said}`)),
    );
    const rows = shown.slice(0, MOST_ROWS).map((difference) => this.row(difference, deltas));
    const left = shown.length - MOST_ROWS;
    const more = left > 0 && h("tr", {}, h("td", { colspan: wide, class: "dim" }, `${count(left)} more`));
    const missing = title.startsWith("Code") && this.lost.length;
    const lost = missing && h("tr", {}, h("td", { colspan: wide, class: "wrong" }, this.lost.join("; ")));
    return h("tbody", {}, head, lost || null, ...rows, more);
  }

  private row({ name, values, same }: Difference, deltas: boolean): HTMLElement {
    const cells = values.map((v, i) => {
      const goal = this.runs[0]!.row.charts.goal(name);
      const delta = deltas && i > 0 && !same ? deltaOf(v, values[0], goal) : null;
      const changed = i > 0 && JSON.stringify(v) !== JSON.stringify(values[0]);
      const text = v === undefined ? "\u2013" : isNum(v) ? number(Number(v), 6) : words(v);
      const title = v === undefined ? "absent" : isNum(v) ? exact(Number(v)) : text;
      return h(
        "td",
        { class: changed ? "changed" : "", title: title.slice(0, 2000) },
        text.slice(0, 300),
        delta && h("span", { class: `delta ${delta.tone}`, title: delta.words }, delta.text),
      );
    });
    return h("tr", {}, h("th", { scope: "row", title: name.slice(0, 2000) }, name.slice(0, 300)), ...cells);
  }

  private showCurves(found: readonly [string, Divergence][], left: number): void {
    const place = ([, d]: readonly [string, Divergence]) =>
      d.kind === "differs" ? d.step : Number.POSITIVE_INFINITY;
    const sorted = [...found].sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));
    const earliest = sorted[0];
    const lead =
      earliest && earliest[1].kind === "differs"
        ? `The first difference is at step ${count(earliest[1].step)}, in ${earliest[0].slice(0, 200)}.`
        : found.length
          ? "No curve differs at a step that the runs have in common."
          : "The runs have no metric in common.";
    const items = sorted.map(([key, d]) =>
      h(
        "li",
        {},
        h("span", { class: "diff-key" }, key),
        " ",
        h("span", { class: "dim" }, divergenceWords(d, count)),
      ),
    );
    const cut =
      left > 0 && h("p", { class: "dim" }, `${count(left)} more metrics are not compared step by step.`);
    fill(
      this.curves,
      h("h2", {}, "Where curves part"),
      h("p", {}, lead),
      h("details", {}, h("summary", {}, `${count(sorted.length)} metrics`), h("ul", {}, ...items)),
      cut,
    );
  }
}

const late: Late = { id: "compare", open: (context) => new Compare(context) };
export default late;
