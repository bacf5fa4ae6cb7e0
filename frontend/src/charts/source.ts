// What a workspace of charts needs of a page: which metrics there are, and their lines.
import type { Goal } from "../types.ts";
import type { XAxis } from "./axis.ts";
import type { Line, Trace } from "./line.ts";
import type { Range } from "./range.ts";
import type { Unit } from "./unit.ts";

/** What is known of a metric before its chart is loaded. */
export interface Facts {
  readonly last: number;
  readonly min: number;
  readonly max: number;
  readonly nonfinite: number;
  readonly goal: Goal | null;
  readonly unit?: Unit | null;
}

/** What the reader looks at closely. */
export interface Zoom {
  readonly axis: XAxis;
  readonly range: Range;
}

export interface Source {
  /** Names of the metrics that can be drawn, in page order. */
  keys(): readonly string[];
  /** Facts of a metric; null where several runs share the chart. */
  facts(key: string): Facts | null;
  /**
   * The lines of a metric, from finer files where `fine`, with every point where `zoom` is close, and with
   * the metric `along` of each as its x axis. Rejects with DataError.
   */
  traces(key: string, fine: boolean, zoom: Zoom | null, along: string | null): Promise<Trace[]>;
  /** The metric along which a chart is drawn where the reader chose no axis; null, or absent, for the step. */
  along?(key: string): string | null;
  /** The axes that its points have; all, and any metric, where absent. */
  readonly axes?: readonly XAxis[];
  /** Where on the x axis the lines of a chart have something to mark; null where nothing. */
  mark?(lines: readonly Line[]): number | null;
  /** Call `run` when there is something new to show. */
  listen(run: () => void): void;
}

/** Part of a name up to its first slash: charts with the same one share a section. */
export function prefixOf(key: string): string {
  const at = key.indexOf("/");
  return at > 0 ? key.slice(0, at) : "";
}

/** Names by prefix, sections in order of their first metric. */
export function sections(keys: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const key of keys) {
    const prefix = prefixOf(key);
    const section = found.get(prefix);
    if (section) section.push(key);
    else found.set(prefix, [key]);
  }
  return found;
}

/** A pattern as the reader typed it: a regular expression, or the text itself where it is not one. */
export function matcher(text: string): { readonly pattern: RegExp; readonly valid: boolean } {
  try {
    return { pattern: new RegExp(text, "i"), valid: true };
  } catch {
    return { pattern: new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i"), valid: false };
  }
}
