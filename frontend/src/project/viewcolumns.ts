// Which columns the parallel coordinates and the scatter plot begin with.
import { isNum } from "../format.ts";
import { cell, MOMENTS, type Row } from "./rows.ts";

const LOOK_AT = 300;
const TELLING = /loss|acc|f1|auc|error|reward|score|perplexity/i;
const MOST_SETTINGS = 6;

export interface ViewColumns {
  /** Settings that differ between runs, numbers first. */
  readonly settings: readonly string[];
  /** Results with numbers, the most telling first. */
  readonly results: readonly string[];
}

export function viewColumns(rows: readonly Row[], columns: readonly string[]): ViewColumns {
  const sample = rows.slice(0, LOOK_AT);
  const values = (column: string) => sample.map((row) => cell(row, column)).filter((v) => v !== undefined);
  const numeric = (column: string) => values(column).some(isNum);
  const varied = (column: string) => new Set(values(column).map((v) => JSON.stringify(v))).size > 1;
  const settings = columns.filter((c) => c.startsWith("config.") && !/seed/i.test(c) && varied(c));
  const results = columns.filter((c) => c.startsWith("summary.") && numeric(c));
  const rank = (c: string) => Number(!TELLING.test(c)) * 2 + Number(!/val|eval|test/i.test(c));
  return {
    settings: settings.sort((a, b) => Number(numeric(b)) - Number(numeric(a))).slice(0, MOST_SETTINGS),
    results: results.sort((a, b) => rank(a) - rank(b)),
  };
}

/** Columns that a plot can have as an axis. */
export function plottable(columns: readonly string[]): string[] {
  const own = new Set(["state", "duration", "step", "group", "job_type", "name"]);
  return columns.filter((c) => own.has(c) || MOMENTS.has(c) || /^(config|summary)\./.test(c));
}
