// What the fields of a data file must be, so that a page can read it: of damaged ones nothing is taken in.
import type { Kind } from "../types.ts";

type Shape = "text" | "number" | "list" | "map";

/** Fields by kind, without those that a file may lack. */
const SHAPES: { readonly [kind in Kind]: { readonly [field: string]: Shape } } = {
  run: { id: "text", revision: "text", config: "map", summary: "map", metrics: "list" },
  live: { run: "text", revision: "text", state: "text" },
  charts: { run: "text", group: "number", series: "list", z: "text" },
  detail: { run: "text", series: "list", z: "text" },
  system: { revision: "text", metrics: "list" },
  exact: { axes: "map", metrics: "map" },
  axis: { points: "number", z: "text" },
  points: { points: "number", z: "text" },
  artifact: { path: "text", metadata: "map", tags: "list", made_by: "text", count: "number", files: "list" },
  artifacts: { entity: "text", project: "text", artifacts: "list" },
  log: { revision: "text", lines: "number", starts: "list", errors: "list", raw: "list" },
  lines: { first: "number", lines: "list", start: "number", after_ms: "list" },
  files: { total: "number", files: "list", skipped: "list" },
  preview: { text: "text" },
  media: { key: "text", kind: "text", steps: "list", times: "list", z: "text" },
  content: { z: "text" },
  project: { entity: "text", project: "text", columns: "list", group_size: "number", z: "text" },
  pulse: { settled: "text", running: "text", poll_s: "number" },
  running: { columns: "list", group_size: "number", z: "text" },
  root: { projects: "list" },
};

function shapeOf(value: unknown): Shape | null {
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  if (Array.isArray(value)) return "list";
  return typeof value === "object" && value !== null ? "map" : null;
}

/** Whether a payload has the fields that its kind needs. */
export function fits(kind: Kind, payload: unknown): boolean {
  if (shapeOf(payload) !== "map") return false;
  const fields = new Map(Object.entries(payload as object));
  return Object.entries(SHAPES[kind]).every(([field, shape]) => shapeOf(fields.get(field)) === shape);
}
