// Our own icons: strokes on a 16 by 16 grid, in the colour of the text around them.
import { svg } from "./dom.ts";

const PATHS = {
  mark: "M2 12.5V3.5M2 12.5h12M4.5 10l3-4 2.5 2.5L14 3.5",
  running: "M8 2.5a5.5 5.5 0 1 1-5.5 5.5M8 5v3l2 1.5",
  finished: "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2M5.3 8.2l1.9 1.9 3.5-4",
  failed: "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2",
  killed: "M5.6 2.2h4.8l3.4 3.4v4.8l-3.4 3.4H5.6l-3.4-3.4V5.6zM5.5 8h5",
  crashed: "M9 1.8 3.5 9H8l-1 5.2L12.5 7H8z",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  check: "M3 8.5l3.2 3.2L13 4.8",
  sun: "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13",
  moon: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.3 10.3l3.5 3.5",
  expand: "M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5l-4.6 4.6M2.5 13.5l4.6-4.6",
  shrink: "M13.5 6.5h-4v-4M2.5 9.5h4v4M9.5 6.5l4.3-4.3M6.5 9.5l-4.3 4.3",
  fold: "M4.5 6.2 8 9.8l3.5-3.6",
  eye: "M1.2 8S3.6 3.5 8 3.5 14.8 8 14.8 8 12.4 12.5 8 12.5 1.2 8 1.2 8M8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4",
  hidden: "M1.2 8S3.6 3.5 8 3.5 14.8 8 14.8 8 12.4 12.5 8 12.5 1.2 8 1.2 8M3 13 13 3",
  columns: "M2.5 2.5h11v11h-11zM6.2 2.5v11M9.8 2.5v11",
  filter: "M2 3h12L9.5 8.3v4.2l-3 1.3V8.3z",
  warning: "M8 2.2 14.5 13.5h-13zM8 6.5v3.2M8 11.4v.4",
  info: "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2M8 7.3v3.6M8 5v.4",
  reset: "M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3",
  tag: "M2.5 2.5h5l6 6-5 5-6-6zM5.2 5.2v.1",
  up: "M8 13V3.5M4.2 7.2 8 3.4l3.8 3.8",
  down: "M8 3v9.5M4.2 8.8 8 12.6l3.8-3.8",
  cross: "M4 4l8 8M12 4l-8 8",
  pin: "M5.5 2.5h5l-.8 4.2 2.3 2.3H4l2.3-2.3zM8 9v5",
  palette:
    "M8 2.2a5.8 5.8 0 1 0 0 11.6c1.6 0 1-1.6 1.6-2.3s3.6.4 4.2-2.5A5.9 5.9 0 0 0 8 2.2M5.3 7.2v.1M7.6 5v.1M10.6 6v.1",
  group: "M2.5 3h11M5.5 6.5h8M5.5 10h8M2.5 13.5h11",
  compare: "M6.5 2.5h-4v11h4M9.5 2.5h4v11h-4M8 1v14",
  download: "M8 2.5v7M4.8 6.5 8 9.7l3.2-3.2M2.5 13h11",
  across: "M3 8h9.5M8.8 4.2 12.6 8l-3.8 3.8",
  panel: "M2 3h12v10H2zM8.5 3v10",
} as const;

export type IconName = keyof typeof PATHS;

/** Draw an icon; it says nothing to a screen reader, the word beside it does. */
export function icon(name: IconName): SVGElement {
  return svg(
    "svg",
    { class: `icon icon-${name}`, viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
    svg("path", { d: PATHS[name] }),
  );
}
