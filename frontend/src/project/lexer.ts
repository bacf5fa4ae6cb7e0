// The filter language's words.

export type TokenKind = "word" | "text" | "number" | "operator" | "(" | ")" | "," | "end";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What is wrong with an expression, and where. */
export class FilterError extends Error {
  constructor(
    message: string,
    readonly start: number,
    readonly end: number,
  ) {
    super(message);
    this.name = "FilterError";
  }
}

const PATTERNS: [TokenKind | "space", RegExp][] = [
  ["space", /\s+/y],
  ["operator", /==|!=|<=|>=|!~|[=<>~]/y],
  ["(", /\(/y],
  [")", /\)/y],
  [",", /,/y],
  ["text", /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y],
  ["word", /`[^`]+`/y],
  ["number", /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w./:-])/y],
  ["word", /[^\s=!<>~(),"'`]+/y],
];

/** Cut an expression into tokens; throws {@link FilterError}. */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const token = match(source, at);
    if (!token) {
      const quote = /["'`]/.test(source[at]!);
      throw new FilterError(
        quote ? "this quote is not closed" : "unexpected sign",
        at,
        quote ? source.length : at + 1,
      );
    }
    at = token.end;
    if (token.kind !== ("space" as TokenKind)) found.push(token);
  }
  found.push({ kind: "end", text: "", start: at, end: at });
  return found;
}

function match(source: string, at: number): Token | null {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const hit = pattern.exec(source);
    if (hit) return { kind: kind as TokenKind, text: hit[0], start: at, end: at + hit[0].length };
  }
  return null;
}
