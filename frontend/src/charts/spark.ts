// Small lines without axes.
import { svg } from "../ui/dom.ts";
import { extent, share } from "./range.ts";

/** Path through `y` in a box, breaking where a value is not finite. */
export function sparkPath(y: ArrayLike<number>, width: number, height: number, room = 1.5): string {
  const values = Float64Array.from(y);
  const range = extent([values], 0, values.length, false);
  if (!range) return "";
  const tall = height - 2 * room;
  let path = "";
  let pen = "M";
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (!Number.isFinite(v)) {
      pen = "M";
      continue;
    }
    const x = values.length > 1 ? (i / (values.length - 1)) * width : width / 2;
    const at = room + (1 - share(v, range)) * tall;
    path += `${pen}${Number(x.toFixed(1))} ${Number(at.toFixed(1))}`;
    pen = "L";
  }
  return path;
}

/** Means of `most` equal parts, so that a small line has no more points than pixels. */
export function thinned(y: Float64Array, most: number): Float64Array {
  if (y.length <= most) return y;
  return Float64Array.from({ length: most }, (_, i) => {
    const part = y.subarray(Math.floor((i * y.length) / most), Math.floor(((i + 1) * y.length) / most));
    const finite = part.filter(Number.isFinite);
    return finite.length ? finite.reduce((a, b) => a + b, 0) / finite.length : Number.NaN;
  });
}

export function sparkline(y: Float64Array, width: number, height: number): SVGElement {
  const path = svg("path", { d: sparkPath(thinned(y, width), width, height) });
  return svg(
    "svg",
    { class: "spark", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    path,
  );
}
