// The order of mixed values in a table: numbers, then texts, then the rest, and what is empty at the end.
import { isNum, value as words } from "../format.ts";
import type { Json } from "../types.ts";

const texts = new Intl.Collator(undefined, { numeric: true });

function rank(value: Json | undefined): number {
  if (value === null || value === undefined || value === "NaN") return 3;
  if (isNum(value)) return 0;
  return typeof value === "string" || typeof value === "boolean" ? 1 : 2;
}

/** Which of two values comes first; `sign` is -1 for descending, which leaves the empty ones at the end. */
export function compare(a: Json | undefined, b: Json | undefined, sign: number): number {
  const [first, second] = [rank(a), rank(b)];
  if (first !== second) return Math.max(first, second) === 3 ? first - second : sign * (first - second);
  if (first === 0) return sign * (Number(a) - Number(b) || 0);
  return first === 3 ? 0 : sign * texts.compare(words(a), words(b));
}
