// Filter expressions over runs: `config.lr < 0.01 and (state = finished or tags = best)`.
//
//   or     := and ("or" and)*            and    := unary ("and" unary)*
//   unary  := "not" unary | "(" or ")" | test
//   test   := field operator value | field "in" "(" value, ... ")" | field
//
// Operators: = != < <= > >= and ~ !~ (regular expression). A field alone asks whether it is there
// and not false. Values with spaces go in quotes, field names with strange signs in backticks;
// lengths of time may have a unit (`duration > 2h`), moments are dates (`created > 2026-11-01`).
import { isNum } from "../format.ts";
import type { Json } from "../types.ts";
import { FilterError, type Token, tokens } from "./lexer.ts";
import { cell, MOMENTS, type Row } from "./rows.ts";

export type Test = (row: Row) => boolean;

export interface Filter {
  readonly test: Test;
  /** The expression as it was understood. */
  readonly understood: string;
}

interface Value {
  readonly text: string;
  /** As a number, where it is one (a length of time in seconds). */
  readonly number: number | null;
}

const UNITS = new Map([
  ["s", 1],
  ["m", 60],
  ["min", 60],
  ["h", 3600],
  ["d", 86400],
]);

/** Read an expression; throws {@link FilterError} with the place of what is wrong. */
export function parseFilter(source: string, columns: readonly string[]): Filter {
  return new Parser(tokens(source), new Set(columns)).whole();
}

class Parser {
  private at = 0;

  constructor(
    private readonly list: readonly Token[],
    private readonly columns: ReadonlySet<string>,
  ) {}

  whole(): Filter {
    if (this.take("end")) return { test: () => true, understood: "" };
    const filter = this.or();
    if (!this.take("end")) throw this.error("expected “and”, “or” or the end");
    return filter;
  }

  private get next(): Token {
    return this.list[this.at]!;
  }

  private error(message: string, token = this.next): FilterError {
    return new FilterError(message, token.start, Math.max(token.end, token.start + 1));
  }

  private take(kind: Token["kind"], text?: string): Token | null {
    const token = this.next;
    if (token.kind !== kind || (text !== undefined && token.text.toLowerCase() !== text)) return null;
    this.at += 1;
    return token;
  }

  private or(): Filter {
    const parts = [this.and()];
    while (this.take("word", "or")) parts.push(this.and());
    if (parts.length === 1) return parts[0]!;
    return { test: (row) => parts.some((p) => p.test(row)), understood: joined(parts, " or ") };
  }

  private and(): Filter {
    const parts = [this.unary()];
    while (this.take("word", "and")) parts.push(this.unary());
    if (parts.length === 1) return parts[0]!;
    return { test: (row) => parts.every((p) => p.test(row)), understood: joined(parts, " and ") };
  }

  private unary(): Filter {
    if (this.take("word", "not")) {
      const inner = this.unary();
      return { test: (row) => !inner.test(row), understood: `not ${inner.understood}` };
    }
    if (!this.take("(")) return this.test();
    const inner = this.or();
    if (!this.take(")")) throw this.error("expected “)”");
    return { test: inner.test, understood: `(${inner.understood})` };
  }

  private test(): Filter {
    const field = this.field();
    const operator = this.take("operator");
    if (operator) return this.comparison(field, operator);
    if (this.take("word", "in")) return this.membership(field);
    const there = (v: Json | undefined) =>
      v !== undefined && v !== null && v !== false && v !== "" && !isEmpty(v);
    return { test: (row) => there(cell(row, field)), understood: field };
  }

  private field(): string {
    const token = this.take("word");
    if (!token) throw this.error("expected the name of a column");
    const name = token.text.replace(/^`|`$/g, "");
    const found = [name, `summary.${name}`, `config.${name}`].find((n) => this.columns.has(n));
    if (!found) throw this.error(`no run has “${name}”`, token);
    return found;
  }

  private comparison(field: string, operator: Token): Filter {
    const place = this.next;
    const value = this.value(field);
    const sign = operator.text === "==" ? "=" : operator.text;
    const understood = `${field} ${sign} ${value.text}`;
    if (sign !== "~" && sign !== "!~")
      return { test: (row) => compares(cell(row, field), sign, value), understood };
    let pattern: RegExp;
    try {
      pattern = new RegExp(value.text, "i");
    } catch {
      throw this.error("not a regular expression", place);
    }
    const hit = (v: Json | undefined) => each(v).some((item) => pattern.test(String(item)));
    return { test: (row) => hit(cell(row, field)) === (sign === "~"), understood };
  }

  private membership(field: string): Filter {
    if (!this.take("(")) throw this.error("expected “(” and values");
    const values = [this.value(field)];
    while (this.take(",")) values.push(this.value(field));
    if (!this.take(")")) throw this.error("expected “,” or “)”");
    const test = (row: Row) => values.some((v) => compares(cell(row, field), "=", v));
    return { test, understood: `${field} in (${values.map((v) => v.text).join(", ")})` };
  }

  private value(field: string): Value {
    const token = this.take("number") ?? this.take("text") ?? this.take("word");
    if (!token) throw this.error("expected a value");
    if (token.kind === "text") return { text: token.text.slice(1, -1).replace(/\\(.)/g, "$1"), number: null };
    if (!MOMENTS.has(field)) return { text: token.text, number: numberOf(token.text) };
    const at = Date.parse(token.text.length <= 10 ? `${token.text}T00:00` : token.text);
    if (Number.isNaN(at)) throw this.error("expected a date, like 2026-11-23", token);
    return { text: token.text, number: at * 1000 };
  }
}

function joined(parts: readonly Filter[], word: string): string {
  return parts.map((p) => p.understood).join(word);
}

function isEmpty(v: Json): boolean {
  return Array.isArray(v) && v.length === 0;
}

function numberOf(text: string): number | null {
  const unit = /^([-+]?[\d.]+)([a-z]+)$/i.exec(text);
  const factor = unit && UNITS.get(unit[2]!.toLowerCase());
  const x = factor ? Number(unit[1]) * factor : Number(text);
  if (/^[-+]?(nan|inf(inity)?)$/i.test(text))
    return Number(text.replace(/inf(inity)?/i, "Infinity").replace(/nan/i, "NaN"));
  return Number.isNaN(x) ? null : x;
}

function each(v: Json | undefined): Json[] {
  if (v === undefined || v === null) return [];
  return Array.isArray(v) ? v : [v];
}

function equals(v: Json, value: Value): boolean {
  if (value.number !== null && isNum(v)) {
    const x = Number(v);
    return x === value.number || (Number.isNaN(x) && Number.isNaN(value.number));
  }
  return String(v).toLowerCase() === value.text.toLowerCase();
}

function compares(v: Json | undefined, sign: string, value: Value): boolean {
  const items = each(v);
  if (sign === "=") return value.text === "null" ? !items.length : items.some((item) => equals(item, value));
  if (sign === "!=") return !compares(v, "=", value);
  return items.some((item) => {
    const numeric = value.number !== null && isNum(item);
    if (value.number !== null && !numeric) return false;
    const [a, b] = numeric ? [Number(item), value.number!] : [String(item), value.text];
    if (sign === "<") return a < b;
    if (sign === "<=") return a <= b;
    return sign === ">" ? a > b : a >= b;
  });
}
