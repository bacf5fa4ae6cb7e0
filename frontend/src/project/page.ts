// The page of a project: its runs, and their charts laid over one another.
import { matcher } from "../charts/source.ts";
import { Workspace } from "../charts/workspace.ts";
import { initial, load } from "../data/intake.ts";
import type { Published } from "../main.ts";
import type { ProjectPayload } from "../types.ts";
import { fill, h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { newerFormat, notice } from "../ui/notice.ts";
import { present } from "../ui/present.ts";
import { themeButton } from "../ui/theme.ts";
import { now } from "../ui/times.ts";
import { joinNames, splitNames, ViewState } from "../ui/viewstate.ts";
import { columnChooser } from "./columns.ts";
import { runSearch, StateFilter, searched } from "./controls.ts";
import { ProjectData } from "./data.ts";
import { FilterBox } from "./filterbox.ts";
import { columnsOf, defaultColumns, type Row, rowsOf, sorted } from "./rows.ts";
import { RunsTable, tally } from "./table.ts";
import { AUTOMATIC, colourSlots, visibleRuns } from "./visible.ts";

const REFRESH_MS = 30_000;
/** Words of the address that change which rows there are, or how they look. */
const TABLE_WORDS = ["s", "f", "states", "sort", "cols", "show", "hide"];

class ProjectPage {
  private readonly view = new ViewState(location.hash);
  private readonly data = new ProjectData();
  private readonly states = new StateFilter(this.view);
  private readonly filter = new FilterBox(
    () => this.columns,
    (text) => this.view.set({ f: text }),
  );
  private readonly table = new RunsTable({
    sort: (by) => this.view.set({ sort: by }),
    toggle: (row) => this.toggle(row),
    point: (run) => this.workspace.emphasise(run !== null && this.slots.has(run) ? run : null),
  });
  private readonly note = h("div", { class: "notes-line", role: "status" });
  private readonly totals = h("span", { class: "section-count" });
  private readonly workspace: Workspace;
  private readonly main = h("div", { class: "project-main" });
  private columns: readonly string[] = [];
  private usual: readonly string[] = [];
  private found: readonly Row[] = [];
  private slots: ReadonlyMap<string, number> = new Map();

  constructor(
    app: HTMLElement,
    private payload: ProjectPayload,
    private rows: readonly Row[],
  ) {
    this.workspace = new Workspace(this.data, this.view, () => this.nothing());
    present(app, newerFormat(payload.format), this.head(), this.main);
    this.main.append(this.left(), this.right());
    this.data.listen(() => this.notes());
    this.view.listen((changed) => {
      if (TABLE_WORDS.some((word) => changed.has(word))) this.show();
      if (changed.has("wide")) this.layout();
    });
    this.view.follow();
    this.take(payload, rows);
    this.layout();
    setInterval(() => void this.refresh(), REFRESH_MS);
  }

  series(key: string, run?: string): Record<string, unknown> | null {
    return this.workspace.series(key, run);
  }

  /** Take in the runs as they are now. */
  private take(payload: ProjectPayload, rows: readonly Row[]): void {
    this.payload = payload;
    this.rows = rows;
    this.columns = columnsOf(rows);
    this.usual = defaultColumns(rows);
    this.show();
  }

  private show(): void {
    const { view } = this;
    const filter = this.filter.read(view.get("f"));
    const { pattern } = matcher(view.get("s"));
    const { wanted } = this.states;
    const hits = this.rows.filter((row) => searched(row, pattern) && (filter?.test(row) ?? true));
    this.states.show(hits);
    const kept = wanted.size ? hits.filter((row) => wanted.has(row.state)) : hits;
    this.found = sorted(kept, view.get("sort"));
    const words = tally(this.found.length, this.rows.length);
    this.totals.textContent = words;
    if (filter) this.filter.say(filter, words);
    this.draw();
  }

  private draw(): void {
    const { view } = this;
    const runs = visibleRuns(
      this.found,
      new Set(splitNames(view.get("show"))),
      new Set(splitNames(view.get("hide"))),
    );
    this.slots = colourSlots(runs, this.slots);
    this.table.show({ rows: this.found, columns: this.chosen, sort: view.get("sort"), slots: this.slots });
    this.data.show(runs.map((row) => ({ row, slot: this.slots.get(row.id) ?? 0, group: null })));
  }

  private get chosen(): readonly string[] {
    const known = new Set(this.columns);
    const named = splitNames(this.view.get("cols")).filter((c) => known.has(c));
    return named.length ? ["name", ...named.filter((c) => c !== "name")] : this.usual;
  }

  private toggle(row: Row): void {
    const shown = new Set(splitNames(this.view.get("show")));
    const hidden = new Set(splitNames(this.view.get("hide")));
    const automatic = this.found.indexOf(row) < AUTOMATIC;
    const set = automatic ? hidden : shown;
    if (!set.delete(row.id)) set.add(row.id);
    this.view.set({ show: joinNames(shown), hide: joinNames(hidden) });
  }

  private head(): HTMLElement {
    const { entity, project } = this.payload;
    document.title = `${project} \u00b7 ${entity}`;
    const crumb = h(
      "nav",
      { class: "crumb", "aria-label": "Where this is" },
      h(
        "a",
        { href: `${document.body.dataset.root}index.html`, title: "All projects", class: "mark" },
        icon("mark"),
      ),
      h("span", {}, entity),
      h("span", { "aria-hidden": "true" }, "/"),
    );
    const title = h("h1", { title: project }, project);
    return h(
      "header",
      { class: "run-head" },
      h(
        "div",
        { class: "title" },
        crumb,
        title,
        this.totals,
        this.states.element,
        h("div", { class: "actions" }, themeButton()),
      ),
    );
  }

  private left(): HTMLElement {
    const columns = columnChooser({
      all: () => this.columns,
      chosen: () => this.chosen,
      choose: (names) => this.view.set({ cols: names ? joinNames(names) : "" }),
    });
    const wide = h(
      "button",
      { type: "button", class: "toggle", title: "Give the table the whole width" },
      icon("panel"),
      "Wide",
    );
    wide.addEventListener("click", () => this.view.set({ wide: this.view.get("wide") ? "" : "1" }));
    const show = () => wide.setAttribute("aria-pressed", String(this.view.get("wide") === "1"));
    this.view.listen(show);
    show();
    const tools = h("div", { class: "table-tools" }, runSearch(this.view), columns, wide);
    return h(
      "section",
      { class: "project-left", "aria-label": "Runs" },
      tools,
      this.filter.element,
      this.table.element,
    );
  }

  private right(): HTMLElement {
    const bar = h("div", { class: "bar" }, h("div", { class: "controls" }, this.workspace.toolbar));
    return h(
      "section",
      { class: "project-right", "aria-label": "Charts" },
      bar,
      this.note,
      this.workspace.element,
    );
  }

  private layout(): void {
    this.main.classList.toggle("wide", this.view.get("wide") === "1");
  }

  /** What of the visible runs cannot be shown, or is not loaded yet. */
  private notes(): void {
    const { errors } = this.data;
    const lost = errors.map((e) => `${e.name} (${e.why})`).join(", ");
    const more = h("button", { type: "button", class: "button" }, "Load more metrics");
    more.addEventListener("click", () => void this.data.more());
    fill(
      this.note,
      lost && notice(`No charts of ${lost}.`),
      this.data.partial && h("p", { class: "partial" }, more),
    );
  }

  private nothing(): HTMLElement {
    const words = !this.rows.length
      ? "No runs yet. The table fills with the first run."
      : this.found.length
        ? "The visible runs have no charts yet."
        : "No run matches.";
    return h("p", { class: "empty" }, words);
  }

  private async refresh(): Promise<void> {
    if (document.hidden || !this.rows.some((row) => row.state === "running")) return;
    try {
      const payload = await load("project", "data/project.js", now());
      if (payload.revision !== this.payload.revision) this.take(payload, await rowsOf(payload));
    } catch {
      // Out of reach for now: what is shown stays, and running runs turn to crashed by their heartbeat.
    }
  }
}

export async function projectPage(app: HTMLElement): Promise<Published> {
  const payload = initial("project").at(-1);
  if (!payload) throw new Error("data/project.js is missing or cannot be read");
  const page = new ProjectPage(app, payload, await rowsOf(payload));
  return { series: (key, run) => page.series(key, run) };
}
