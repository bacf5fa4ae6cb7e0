// A line's colours and styles: SGR sequences to runs of text. Nothing else of a terminal gets here.

export interface Run {
  readonly text: string;
  /** Classes of the style sheet. */
  readonly classes: readonly string[];
  /** Colours that no class has. */
  readonly ink?: string;
  readonly paper?: string;
}

const SGR = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`, "g");
const STYLES = new Map([
  [1, "bold"],
  [2, "dim"],
  [3, "italic"],
  [4, "underline"],
  [7, "reverse"],
  [9, "strike"],
]);

/** The text alone. */
export function plain(line: string): string {
  return line.includes("\u001b") ? line.replace(SGR, "") : line;
}

/** Cut a line where its style changes. */
export function runs(line: string): Run[] {
  if (!line.includes("\u001b")) return [{ text: line, classes: [] }];
  const found: Run[] = [];
  let style: Omit<Run, "text"> = { classes: [] };
  let at = 0;
  for (const match of line.matchAll(SGR)) {
    if (match.index > at) found.push({ ...style, text: line.slice(at, match.index) });
    style = styleOf(match[1] ?? "");
    at = match.index + match[0].length;
  }
  if (at < line.length) found.push({ ...style, text: line.slice(at) });
  return found;
}

/** The style of one sequence: the recorder writes the whole style into each. */
function styleOf(codes: string): Omit<Run, "text"> {
  const numbers = codes.split(";").map(Number);
  const classes: string[] = [];
  const colours: { ink?: string; paper?: string } = {};
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i]!;
    const style = STYLES.get(code);
    if (style) classes.push(`sgr-${style}`);
    else if (code === 38 || code === 48) {
      const [colour, used] = extended(numbers.slice(i + 1));
      i += used;
      const side = code === 38 ? "ink" : "paper";
      if (typeof colour === "number") classes.push(`sgr-${side}-${colour}`);
      else if (colour) colours[side] = colour;
    } else {
      const index = basic(code);
      const side = (code >= 40 && code <= 47) || code >= 100 ? "paper" : "ink";
      if (index !== null) classes.push(`sgr-${side}-${index}`);
    }
  }
  return { classes, ...colours };
}

/** The number of one of the sixteen colours. */
function basic(code: number): number | null {
  if ((code >= 30 && code <= 37) || (code >= 40 && code <= 47)) return code % 10;
  if ((code >= 90 && code <= 97) || (code >= 100 && code <= 107)) return (code % 10) + 8;
  return null;
}

/** A colour of 256 or of red, green and blue, and how many numbers it took. */
function extended(rest: readonly number[]): readonly [number | string | null, number] {
  const [kind, a = 0, b = 0, c = 0] = rest;
  if (kind === 2) return [`rgb(${a}, ${b}, ${c})`, 4];
  if (kind !== 5) return [null, 1];
  if (a < 16) return [a, 2];
  if (a >= 232) return [`rgb(${[0, 0, 0].fill(8 + 10 * (a - 232)).join(", ")})`, 2];
  const level = (n: number) => (n ? 55 + 40 * n : 0);
  const cube = a - 16;
  const parts = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level);
  return [`rgb(${parts.join(", ")})`, 2];
}

/** Where a pattern is found in the plain text. */
export function finds(text: string, pattern: RegExp | null): (readonly [number, number])[] {
  if (!pattern) return [];
  const found: (readonly [number, number])[] = [];
  for (const match of text.matchAll(new RegExp(pattern.source, "gi"))) {
    if (match[0] && found.length < 200) found.push([match.index, match.index + match[0].length]);
  }
  return found;
}

/** Cut runs at places of the text, so that each piece is wholly within a find or outside. */
export function cut(
  pieces: readonly Run[],
  places: readonly (readonly [number, number])[],
): (Run & { readonly found: boolean })[] {
  const edges = places.flat();
  const result: (Run & { readonly found: boolean })[] = [];
  let at = 0;
  for (const piece of pieces) {
    const inside = edges.filter((edge) => edge > at && edge < at + piece.text.length);
    const stops = [at, ...inside, at + piece.text.length];
    for (let i = 0; i + 1 < stops.length; i++) {
      const [from, to] = [stops[i]!, stops[i + 1]!];
      const found = places.some(([start, end]) => from >= start && to <= end);
      result.push({ ...piece, text: piece.text.slice(from - at, to - at), found });
    }
    at += piece.text.length;
  }
  return result;
}
