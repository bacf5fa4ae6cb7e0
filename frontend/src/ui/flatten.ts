// Nested values as rows: `optimizer.lr` = 0.01.
import type { Json, Tree } from "../types.ts";

export interface Leaf {
  readonly name: string;
  readonly value: Json;
}

export function isTree(value: Json | undefined): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The leaves of a tree, names joined with dots; empty branches are leaves. */
export function leaves(tree: Tree): Leaf[] {
  const found: Leaf[] = [];
  collect(tree, "", found);
  return found;
}

function collect(tree: Tree, prefix: string, found: Leaf[]): void {
  for (const [key, value] of Object.entries(tree)) {
    const name = prefix + key;
    if (isTree(value) && Object.keys(value).length) collect(value, `${name}.`, found);
    else found.push({ name, value });
  }
}
