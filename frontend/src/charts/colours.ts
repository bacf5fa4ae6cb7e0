// Colours for the canvas: the palette, and those of the style sheet as the theme resolves them.
import { onTheme, theme } from "../ui/theme.ts";
import { COLOURS, DARK, LIGHT } from "./palette.ts";

interface Colours {
  line(slot: number): string;
  readonly axis: string;
  readonly grid: string;
  readonly warn: string;
  readonly panel: string;
  readonly text: string;
}

let known: Colours | null = null;
onTheme(() => {
  known = null;
});

function resolved(names: readonly string[]): string[] {
  const probes = names.map((name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    return probe;
  });
  document.body.append(...probes);
  const colours = probes.map((probe) => getComputedStyle(probe).color);
  for (const probe of probes) probe.remove();
  return colours;
}

/** The colours of the theme in use. */
export function colours(): Colours {
  if (!known) {
    const palette = theme() === "dark" ? DARK : LIGHT;
    const names = ["--text-2", "--grid", "--warn", "--panel", "--text"];
    const [axis = "", grid = "", warn = "", panel = "", text = ""] = resolved(names);
    known = { line: (slot) => palette[slot % COLOURS]!, axis, grid, warn, panel, text };
  }
  return known;
}

/** Give the palette to the style sheet, as `--c0` to `--c9`, and read its colours while the page is still empty. */
export function nameColours(): void {
  const { style } = document.documentElement;
  for (const [i, light] of LIGHT.entries()) style.setProperty(`--c${i}`, `light-dark(${light}, ${DARK[i]})`);
  colours();
}

/** Dashes (in pixels) of a line: each further ten runs have their own. */
export function dashOf(slot: number): number[] {
  const patterns = [[], [6, 3], [2, 2], [8, 3, 2, 3]];
  return patterns[Math.floor(slot / COLOURS) % patterns.length]!;
}
