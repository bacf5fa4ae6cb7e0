// A run's media by name: loaded once when its panel comes into view, and again when the run is newer.
import { inflate } from "../data/codec.ts";
import { inlined, load, singleSince } from "../data/intake.ts";
import type { ContentPayload, MediaItem, MediaPayload } from "../types.ts";

/** The media of one name, a list of items a step. */
export interface Shelf {
  readonly key: string;
  readonly kind: string;
  readonly width: number;
  readonly steps: readonly number[];
  readonly times: readonly number[];
  readonly items: readonly (readonly MediaItem[])[];
}

export async function json<T>(z: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await inflate(z))) as T;
}

export async function loadShelf(file: number, stamp: string): Promise<Shelf> {
  const { key, kind, width, steps, times, z }: MediaPayload = await load(
    "media",
    `data/media-${file}.js`,
    stamp,
  );
  return { key, kind, width, steps, times, items: await json(z) };
}

/** A piece of what a table, figure or point cloud holds. Content never changes under its name. */
export function loadContent(item: MediaItem, piece = 0): Promise<ContentPayload> {
  return load("content", `data/content-${String(item.content)}-${piece}.js`, "1");
}

/** A path as an address beside the page; null where it would lead out of the run. */
export function besidePage(path: unknown): string | null {
  if (typeof path !== "string" || !path) return null;
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) return null;
  return `files/${parts.map(encodeURIComponent).join("/")}`;
}

/** Address of an item's file; null where its path would lead out of the run, or the page is one file without it. */
export function fileOf(path: unknown): string | null {
  return singleSince() === null ? besidePage(path) : inlined(`files/${path}`);
}

/** Why {@link fileOf} has no address. */
export function noFile(): string {
  return singleSince() === null
    ? "Its path leads out of the run."
    : "It is not in this file: the run's folder has it.";
}

export function textOf(item: MediaItem, name: string): string {
  const value = item[name];
  return typeof value === "string" ? value : "";
}

export function numberOf(item: MediaItem, name: string): number {
  const value = item[name];
  return typeof value === "number" ? value : Number.NaN;
}
