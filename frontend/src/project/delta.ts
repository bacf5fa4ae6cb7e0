// How far a value is from the baseline's, and whether that is better.
import { isNum, number } from "../format.ts";
import type { Goal, Json } from "../types.ts";

export interface Delta {
  readonly text: string;
  readonly tone: "better" | "worse" | "neutral";
  readonly words: string;
}

/** The difference of two numbers in words; null where there is none to tell. */
export function deltaOf(value: Json | undefined, base: Json | undefined, goal: Goal | null): Delta | null {
  if (!isNum(value) || !isNum(base)) return null;
  const [x, from] = [Number(value), Number(base)];
  const by = x - from;
  if (!Number.isFinite(by)) return null;
  if (by === 0) return { text: "=", tone: "neutral", words: "the same as the baseline" };
  const sign = by > 0 ? "+" : "";
  const share = from === 0 ? "" : ` (${sign}${number((by / Math.abs(from)) * 100, 3)} %)`;
  const tone = goal === null ? "neutral" : by > 0 === (goal === "max") ? "better" : "worse";
  const verdict = tone === "neutral" ? "" : `, ${tone}`;
  return {
    text: sign + number(by, 2),
    tone,
    words: `${sign}${number(by, 5)}${share} from the baseline\u2019s ${number(from, 5)}${verdict}`,
  };
}
