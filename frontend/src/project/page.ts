// The page of a project: its runs, and their charts laid over one another.
import { matcher } from "../charts/source.ts";
import { initial } from "../data/intake.ts";
import type { Published } from "../main.ts";
import type { ProjectPayload } from "../types.ts";
import { h } from "../ui/dom.ts";
import { newerFormat } from "../ui/notice.ts";
import { present } from "../ui/present.ts";
import { saveFile } from "../ui/save.ts";
import { askServer } from "../ui/times.ts";
import { ViewState } from "../ui/viewstate.ts";
import { parseBrushes, within } from "./brush.ts";
import { TABLE_WORDS, TableChoices } from "./choices.ts";
import { moved } from "./columns.ts";
import { StateFilter, searched } from "./controls.ts";
import { csvOf } from "./csv.ts";
import { ProjectData } from "./data.ts";
import { FilterBox } from "./filterbox.ts";
import { TableFooter } from "./footer.ts";
import { projectHead } from "./head.ts";
import { itemsOf, leavesOf } from "./items.ts";
import { ProjectLive } from "./live.ts";
import { PaintBox } from "./paint.ts";
import { RunsPane } from "./pane.ts";
import { Panels } from "./panels.ts";
import { columnsOf, defaultColumns, type Row, rowsOf, sorted } from "./rows.ts";
import { selectedAfter } from "./selection.ts";
import { RunsTable, tally } from "./table.ts";
import { type Drawing, drawGroups, drawRuns } from "./visible.ts";

/** So long the first picture waits for a server's time, which the states of running runs depend on. */
const SERVER_MS = 500;
const NOTHING: Drawing = { runs: [], slots: new Map(), first: new Set(), left: 0 };

class ProjectPage {
  private readonly view = new ViewState(location.hash);
  private readonly choices = new TableChoices(this.view);
  private readonly data = new ProjectData();
  private readonly states = new StateFilter(this.view);
  private readonly filter = new FilterBox(
    () => this.columns,
    (text) => this.view.set({ f: text }),
  );
  private readonly paint = new PaintBox((id, slot) => this.choices.paint(id, slot));
  private readonly table: RunsTable;
  private readonly footer: TableFooter;
  private readonly pane: RunsPane;
  private readonly panels: Panels;
  private readonly totals = h("span", { class: "section-count" });
  private columns: readonly string[] = [];
  private usual: readonly string[] = [];
  private found: readonly Row[] = [];
  private drawing = NOTHING;
  /** The run that was selected last: where a range begins. */
  private anchor = "";

  constructor(
    app: HTMLElement,
    private payload: ProjectPayload,
    private rows: readonly Row[],
  ) {
    const { view, choices, data } = this;
    this.table = new RunsTable(this.events());
    this.footer = new TableFooter(choices, {
      compare: () => view.set({ tab: "compare", wide: "" }),
      save: () => this.save(),
      paths: (runs) => runs.map((run) => `${payload.entity}/${payload.project}/${run}`).join(" "),
    });
    this.pane = new RunsPane(view, choices, {
      filter: this.filter.element,
      table: this.table.element,
      footer: this.footer.element,
      all: () => this.columns,
      chosen: () => this.chosen,
    });
    this.panels = new Panels({ view, choices, data });
    const main = h(
      "div",
      { class: "project-main" },
      this.pane.element,
      this.panels.element,
      this.paint.element,
    );
    const layout = () => main.classList.toggle("wide", view.get("wide") === "1");
    present(app, newerFormat(payload.format), projectHead(payload, this.totals, this.states.element), main);
    view.listen((changed) => {
      if (TABLE_WORDS.some((word) => changed.has(word))) this.show();
      if (changed.has("wide")) layout();
    });
    view.follow();
    layout();
    this.take(payload, rows);
    new ProjectLive({ payload, rows }, (table) => this.take(table.payload, table.rows));
  }

  series(key: string, run?: string): Record<string, unknown> | null {
    return this.panels.series(key, run);
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
    const { view, choices, rows } = this;
    const filter = this.filter.read(view.get("f"));
    const { pattern } = matcher(view.get("s"));
    const { wanted } = this.states;
    const brushes = parseBrushes(view.get("brush"));
    const hits = rows.filter((row) => searched(row, pattern) && (filter?.test(row) ?? true));
    this.states.show(hits);
    const unbrushed = wanted.size ? hits.filter((row) => wanted.has(row.state)) : hits;
    this.found = sorted(
      brushes.length ? unbrushed.filter((r) => within(r, brushes)) : unbrushed,
      choices.sort,
    );
    const words = tally(this.found.length, rows.length);
    this.totals.textContent = words;
    if (filter) this.filter.say(filter, words);
    this.draw(unbrushed);
  }

  private draw(unbrushed: readonly Row[]): void {
    const { choices, found, rows, columns } = this;
    const by = choices.groupBy.filter((column) => columns.includes(column));
    const items = itemsOf(found, by, choices.open, choices.sort);
    const { first, shown, hidden, colours, baseline: base } = choices;
    const choice = { first, shown, hidden, colours, baseline: base };
    this.drawing = by.length
      ? drawGroups(leavesOf(items), choice, this.drawing.slots)
      : drawRuns(found, choice, this.drawing.slots);
    const baseline = rows.find(({ id }) => id === base) ?? null;
    this.table.show({
      items,
      columns: this.chosen,
      sort: choices.sort,
      slots: this.drawing.slots,
      selected: new Set(choices.selected),
      baseline,
      grouped: by.length > 0,
    });
    this.pane.show(rows.length, found.length);
    this.footer.show(this.drawing, by.length > 0);
    this.panels.show({ rows, unbrushed, found, columns, drawing: this.drawing, baseline });
    this.data.show(this.drawing.runs);
  }

  private get chosen(): readonly string[] {
    const known = new Set(this.columns);
    const named = this.choices.columns.filter((c) => known.has(c));
    return named.length ? ["name", ...named.filter((c) => c !== "name")] : this.usual;
  }

  private events() {
    const { choices } = this;
    return {
      sort: (by: string) => {
        choices.sort = by;
      },
      move: (column: string, to: string) => {
        choices.columns = moved(this.chosen, column, to);
      },
      draw: (ids: readonly string[], on: boolean) => choices.draw(ids, on, this.drawing.first),
      select: (run: string, on: boolean, range: boolean) => {
        const order = this.found.map(({ id }) => id);
        choices.selected = selectedAfter(choices.selected, order, run, on, range ? this.anchor : "");
        this.anchor = run;
      },
      fold: (group: string) => choices.toggleOpen(group),
      baseline: (run: string) => choices.toggleBaseline(run),
      paint: (id: string, place: HTMLElement) => this.paint.open(id, place),
      point: (id: string | null) => this.panels.emphasise(id),
    };
  }

  private save(): void {
    const content = new Blob([csvOf(this.found, this.chosen)], { type: "text/csv" });
    saveFile(`${this.payload.project}.csv`, content);
  }
}

export async function projectPage(app: HTMLElement): Promise<Published> {
  const payload = initial("project").at(-1);
  if (!payload) throw new Error("data/project.js is missing or cannot be read");
  await Promise.race([askServer(), new Promise((done) => setTimeout(done, SERVER_MS))]);
  const page = new ProjectPage(app, payload, await rowsOf(payload));
  return { series: (key, run) => page.series(key, run) };
}
