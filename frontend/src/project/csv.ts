// The table as a CSV file.
import type { Json } from "../types.ts";
import { cell, MOMENTS, type Row } from "./rows.ts";

/** Signs by which a spreadsheet takes a cell for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** One value as a cell: text that would be a formula is quoted, numbers stay numbers. */
export function csvCell(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === "-Infinity") return value;
  const text = Array.isArray(value)
    ? value.join(" ")
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(safe) || safe !== text ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** Runs with these columns, moments as ISO 8601; the run's id comes first. */
export function csvOf(rows: readonly Row[], columns: readonly string[]): string {
  const all = ["id", ...columns.filter((column) => column !== "id")];
  const moment = (v: Json | undefined) => (typeof v === "number" ? new Date(v / 1000).toISOString() : "");
  const lines = rows.map((row) =>
    all.map((column) => {
      const value = cell(row, column);
      return csvCell(MOMENTS.has(column) ? moment(value) : value);
    }),
  );
  return `${[all.map(csvCell), ...lines].map((line) => line.join(",")).join("\r\n")}\r\n`;
}
