// What the reader chose of the runs and their table, as the address holds it.
import { joinNames, splitNames, type ViewState } from "../ui/viewstate.ts";
import { AUTOMATIC } from "./visible.ts";

/** Words of the address that change which runs there are, or how they look. */
export const TABLE_WORDS = [
  "s",
  "f",
  "states",
  "brush",
  "sort",
  "cols",
  "show",
  "hide",
  "n",
  "group",
  "open",
  "base",
  "sel",
  "paint",
] as const;

export class TableChoices {
  constructor(private readonly view: ViewState) {}

  /** Column by which runs are sorted, `-` before it for greatest first; empty for newest first. */
  get sort(): string {
    return this.view.get("sort");
  }

  set sort(by: string) {
    this.view.set({ sort: by });
  }

  /** The columns asked for; empty for the usual ones. */
  get columns(): string[] {
    return splitNames(this.view.get("cols"));
  }

  set columns(columns: readonly string[]) {
    this.view.set({ cols: joinNames(columns) });
  }

  /** Columns whose equal values make a group; empty for none. */
  get groupBy(): string[] {
    return splitNames(this.view.get("group"));
  }

  set groupBy(columns: readonly string[]) {
    // What was shown and hidden were runs, and are groups now, or the reverse.
    this.view.set({ group: joinNames(columns), open: "", show: "", hide: "" });
  }

  /** Groups whose runs are listed. */
  get open(): ReadonlySet<string> {
    return new Set(splitNames(this.view.get("open")));
  }

  toggleOpen(group: string): void {
    this.view.set({ open: toggled(this.open, group) });
  }

  /** Runs (or groups) that are drawn though they are not among the first. */
  get shown(): ReadonlySet<string> {
    return new Set(splitNames(this.view.get("show")));
  }

  /** Runs (or groups) that are not drawn though they are among the first. */
  get hidden(): ReadonlySet<string> {
    return new Set(splitNames(this.view.get("hide")));
  }

  /** Draw these or not: those among the first are noted as hidden, the others as shown. */
  draw(ids: readonly string[], on: boolean, first: ReadonlySet<string>): void {
    const [shown, hidden] = [new Set(this.shown), new Set(this.hidden)];
    for (const id of ids) {
      shown.delete(id);
      hidden.delete(id);
      if (on && !first.has(id)) shown.add(id);
      if (!on && first.has(id)) hidden.add(id);
    }
    this.view.set({ show: joinNames(shown), hide: joinNames(hidden) });
  }

  /** How many of the first are drawn without having been asked for. */
  get first(): number {
    const text = this.view.get("n");
    const n = Number(text);
    return text && Number.isInteger(n) && n >= 0 ? n : AUTOMATIC;
  }

  set first(n: number) {
    this.view.set({ n: n === AUTOMATIC ? "" : String(n), hide: "" });
  }

  /** Draw these alone. */
  drawOnly(ids: readonly string[]): void {
    this.view.set({ n: "0", hide: "", show: joinNames(ids) });
  }

  /** The run that others are compared with; empty for none. */
  get baseline(): string {
    return this.view.get("base");
  }

  toggleBaseline(run: string): void {
    this.view.set({ base: this.baseline === run ? "" : run });
  }

  get selected(): readonly string[] {
    return splitNames(this.view.get("sel"));
  }

  set selected(runs: readonly string[]) {
    this.view.set({ sel: joinNames(runs) });
  }

  /** Colours that the reader gave, by run. */
  get colours(): ReadonlyMap<string, number> {
    const pairs = splitNames(this.view.get("paint")).map((pair) => {
      const at = pair.lastIndexOf(":");
      return [pair.slice(0, at), Number(pair.slice(at + 1))] as const;
    });
    return new Map(pairs.filter(([id, slot]) => id && Number.isInteger(slot) && slot >= 0 && slot < 40));
  }

  /** Give a run (or group) a colour; null for its own again. */
  paint(id: string, slot: number | null): void {
    const colours = new Map(this.colours);
    colours.delete(id);
    if (slot !== null) colours.set(id, slot);
    this.view.set({ paint: joinNames([...colours].map(([run, c]) => `${run}:${c}`)) });
  }
}

function toggled(names: ReadonlySet<string>, name: string): string {
  const after = new Set(names);
  if (!after.delete(name)) after.add(name);
  return joinNames(after);
}
