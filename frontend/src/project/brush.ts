// What the reader marked on an axis of the parallel coordinates or the scatter plot: it filters the table.
import { isNum, number, value as words } from "../format.ts";
import { joinNames, splitNames } from "../ui/viewstate.ts";
import { cell, type Row } from "./rows.ts";

/** A range of numbers, or some of the words, in a column. */
export interface Brush {
  readonly column: string;
  readonly low: number;
  readonly high: number;
  /** The words; null where numbers are marked. */
  readonly values: readonly string[] | null;
}

/** Read them from the address; what makes no sense is passed over. */
export function parseBrushes(text: string): Brush[] {
  return splitNames(text).flatMap((part): Brush[] => {
    const found = /^(.*):(-?[\d.e+-]+)_(-?[\d.e+-]+)$/s.exec(part);
    if (found) {
      const [low, high] = [Number(found[2]), Number(found[3])];
      return low <= high ? [{ column: found[1]!, low, high, values: null }] : [];
    }
    const at = part.lastIndexOf(":[");
    const values = at < 0 ? null : listIn(part.slice(at + 1));
    return values ? [{ column: part.slice(0, at), low: Number.NaN, high: Number.NaN, values }] : [];
  });
}

function listIn(text: string): string[] | null {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) && found.every((v) => typeof v === "string") ? found : null;
  } catch {
    return null;
  }
}

const digits = (x: number) => String(Number(x.toPrecision(5)));

/** The reverse of {@link parseBrushes}. */
export function formatBrushes(brushes: readonly Brush[]): string {
  return joinNames(
    brushes.map(({ column, low, high, values }) =>
      values ? `${column}:${JSON.stringify(values)}` : `${column}:${digits(low)}_${digits(high)}`,
    ),
  );
}

/** The brushes with one column's replaced; by nothing where `brush` is null. */
export function withBrush(brushes: readonly Brush[], column: string, brush: Brush | null): Brush[] {
  const others = brushes.filter((b) => b.column !== column);
  return brush ? [...others, brush] : others;
}

/** Whether a run lies within all of them. */
export function within(row: Row, brushes: readonly Brush[]): boolean {
  return brushes.every(({ column, low, high, values }) => {
    const v = cell(row, column);
    if (values) return v !== undefined && v !== null && values.includes(words(v, 17));
    return isNum(v) && Number(v) >= low && Number(v) <= high;
  });
}

/** `lr 0.001 – 0.1`. */
export function brushWords({ low, high, values }: Brush): string {
  return values ? values.join(", ") : `${number(low, 3)} \u2013 ${number(high, 3)}`;
}
