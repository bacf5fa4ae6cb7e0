// Plots that `runhooks.plot` makes: lines, dots and bars over two axes, and matrices.
import { COLOURS } from "../../charts/palette.ts";
import { linearTicks, tickLabels } from "../../charts/ticks.ts";
import { number } from "../../format.ts";
import type { MediaItem } from "../../types.ts";
import { fill, h, svg } from "../../ui/dom.ts";
import { json, loadContent } from "../data.ts";
import { broken } from "../kind.ts";

interface Series {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

interface Figure {
  readonly type: "line" | "scatter" | "bar" | "matrix";
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series?: readonly Series[];
  readonly labels?: readonly string[];
  readonly values?: readonly number[];
  readonly matrix?: readonly (readonly number[])[];
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [480, 280, 48, 36, 8];
const MOST_BARS = 60;

/** The colour of a series, from the style sheet, which knows the theme. */
function colourOf(series: number): string {
  return `var(--c${series % COLOURS})`;
}

function range(values: readonly number[], fromZero = false): [number, number] {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...(fromZero ? [0] : []), ...finite);
  const high = Math.max(...(fromZero ? [0] : []), ...finite);
  if (!Number.isFinite(low)) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

class Axes {
  readonly x: (v: number) => number;
  readonly y: (v: number) => number;

  constructor(
    readonly xs: readonly [number, number],
    readonly ys: readonly [number, number],
  ) {
    this.x = (v) => LEFT + ((v - xs[0]) / (xs[1] - xs[0])) * (WIDTH - LEFT - 8);
    this.y = (v) => HEIGHT - BOTTOM - ((v - ys[0]) / (ys[1] - ys[0])) * (HEIGHT - BOTTOM - TOP);
  }

  draw(figure: Figure, ticksOfX: boolean): SVGElement[] {
    const found: SVGElement[] = [];
    const ys = linearTicks(...this.ys, 6);
    for (const [i, label] of tickLabels(ys).entries()) {
      const y = this.y(ys[i]!);
      found.push(svg("line", { class: "plot-grid", x1: LEFT, x2: WIDTH - 8, y1: y, y2: y }));
      found.push(svg("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, label));
    }
    const xs = ticksOfX ? linearTicks(...this.xs, 8) : [];
    for (const [i, label] of tickLabels(xs).entries()) {
      const place = { x: this.x(xs[i]!), y: HEIGHT - BOTTOM + 14, "text-anchor": "middle" };
      found.push(svg("text", place, label));
    }
    const middle = (LEFT + WIDTH) / 2;
    found.push(
      svg("text", { x: middle, y: HEIGHT - 4, "text-anchor": "middle", class: "plot-axis" }, figure.x),
    );
    const turned = { transform: `translate(10 ${HEIGHT / 2}) rotate(-90)`, "text-anchor": "middle" };
    found.push(svg("text", { ...turned, class: "plot-axis" }, figure.y));
    return found;
  }
}

function lines(figure: Figure): SVGElement[] {
  const series = figure.series ?? [];
  const axes = new Axes(range(series.flatMap((s) => s.x)), range(series.flatMap((s) => s.y)));
  const drawn = series.flatMap(({ name, x, y }, n) => {
    const colour = colourOf(n);
    const title = svg("title", {}, name);
    if (figure.type === "scatter") {
      return x.map((v, i) =>
        svg("circle", {
          cx: axes.x(v),
          cy: axes.y(y[i]!),
          r: 2,
          style: { fill: colour },
          "fill-opacity": 0.7,
        }),
      );
    }
    const d = x.map((v, i) => `${i ? "L" : "M"}${axes.x(v).toFixed(1)} ${axes.y(y[i]!).toFixed(1)}`).join("");
    return [svg("path", { d, fill: "none", style: { stroke: colour }, "stroke-width": 1.5 }, title)];
  });
  return [...axes.draw(figure, true), ...drawn];
}

function bars(figure: Figure): SVGElement[] {
  const values = (figure.values ?? []).slice(0, MOST_BARS);
  const axes = new Axes([0, Math.max(1, values.length)], range(values, true));
  const labels = figure.labels ?? [];
  const every = Math.ceil(values.length / 8);
  const drawn = values.flatMap((v, i) => {
    const [top, zero] = [Math.min(axes.y(v), axes.y(0)), axes.y(0)];
    const box = { x: axes.x(i + 0.1), width: axes.x(i + 0.9) - axes.x(i + 0.1), y: top };
    const words = `${labels[i] ?? i}: ${number(v)}`;
    const height = Math.abs(zero - axes.y(v));
    const bar = svg("rect", { ...box, height, style: { fill: colourOf(0) } }, svg("title", {}, words));
    if (i % every) return [bar];
    const place = { x: axes.x(i + 0.5), y: HEIGHT - BOTTOM + 14, "text-anchor": "middle" };
    return [bar, svg("text", place, (labels[i] ?? String(i)).slice(0, 10))];
  });
  return [...axes.draw(figure, false), ...drawn];
}

function matrix(figure: Figure): HTMLElement {
  const rows = figure.matrix ?? [];
  const labels = figure.labels ?? [];
  const most = Math.max(1, ...rows.flat());
  const name = (i: number) => labels[i] ?? String(i);
  const corner = h("th", { scope: "col" }, h("span", { class: "offscreen" }, figure.y));
  const head = h("tr", {}, corner, ...rows.map((_, i) => h("th", { scope: "col" }, name(i))));
  const body = rows.map((row, i) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name(i)),
      ...row.map((n) => {
        // At most so dark, or light, that the number can be read.
        const style = { "--share": `${Math.round((n / most) * 55)}%` };
        return h("td", { style }, number(n));
      }),
    ),
  );
  const caption = h("caption", {}, `Rows: ${figure.y}. Columns: ${figure.x}.`);
  return h("div", { class: "matrix-place" }, h("table", { class: "matrix" }, caption, head, ...body));
}

function legend(figure: Figure): HTMLElement | null {
  const names = (figure.series ?? []).map((s) => s.name);
  if (names.length < 2) return null;
  const each = names.map((name, n) =>
    h(
      "span",
      { class: "image-label" },
      h("span", { class: "swatch", style: { background: colourOf(n) } }),
      name,
    ),
  );
  return h("div", { class: "image-legend" }, ...each);
}

function drawn(figure: Figure): HTMLElement {
  const title = figure.title && h("div", { class: "plot-title" }, figure.title);
  if (figure.type === "matrix") return h("div", {}, title, matrix(figure));
  const picture = svg(
    "svg",
    {
      class: "figure",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": figure.title || figure.type,
    },
    ...(figure.type === "bar" ? bars(figure) : lines(figure)),
  );
  return h("div", {}, title, picture, legend(figure));
}

export function plot(item: MediaItem): HTMLElement {
  const place = h("div", { class: "figure-place" });
  const open = async () => fill(place, drawn(await json<Figure>((await loadContent(item)).z)));
  open().catch((error: unknown) => {
    fill(place, broken(error instanceof Error ? error.message : String(error)));
  });
  return place;
}
