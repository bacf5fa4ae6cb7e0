// How runs differ: settings, results and environment value by value, curves step by step.
import type { Series } from "../data/codec.ts";
import type { Json, Tree } from "../types.ts";
import { isTree, leaves } from "../ui/flatten.ts";

/** One name, and what each run has for it; undefined where a run has nothing. */
export interface Difference {
  readonly name: string;
  readonly values: readonly (Json | undefined)[];
  readonly same: boolean;
}

/** All names that some run has; those that differ first, each part in order. */
export function differences(runs: readonly ReadonlyMap<string, Json>[]): Difference[] {
  const names = new Set(runs.flatMap((run) => [...run.keys()]));
  const all = [...names].map((name): Difference => {
    const values = runs.map((run) => run.get(name));
    const texts = new Set(values.map((v) => (v === undefined ? "" : JSON.stringify(v))));
    return { name, values, same: texts.size === 1 };
  });
  return [...all.filter(({ same }) => !same), ...all.filter(({ same }) => same)];
}

const PACKAGE = /^([A-Za-z0-9._-]+)==(.+)$/;

/** Nested facts flat, and lists of packages with a version a name, so that one package's change shows as such. */
export function flatFacts(tree: Tree): Map<string, Json> {
  const found = new Map<string, Json>();
  for (const { name, value } of leaves(tree)) {
    const packages = Array.isArray(value) ? value.map((v) => PACKAGE.exec(String(v))) : [];
    if (packages.length && packages.every((p) => p !== null))
      for (const p of packages) found.set(`${name}.${p[1]}`, p[2]!);
    else if (!isTree(value) || Object.keys(value).length) found.set(name, value);
  }
  return found;
}

export type Divergence =
  | { readonly kind: "same"; readonly steps: number }
  /** `width` steps, from `step` on, hold the first difference: one where every step is there. */
  | { readonly kind: "differs"; readonly step: number; readonly width: number }
  /** No step is in both, or their points stand for different numbers of steps. */
  | { readonly kind: "apart" };

const equal = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));

/** The first step that both curves have and where they differ. */
export function firstDivergence(a: Series, b: Series): Divergence {
  if (a.width !== b.width) return { kind: "apart" };
  let common = 0;
  for (let i = 0, k = 0; i < a.step.length && k < b.step.length; ) {
    // Points of several steps are of the same ones where their place on the grid is the same.
    const [s, t] = [Math.floor(a.step[i]! / a.width), Math.floor(b.step[k]! / b.width)];
    if (s < t) i++;
    else if (t < s) k++;
    else {
      common += 1;
      const edges = equalAt(a.min, b.min, i, k) && equalAt(a.max, b.max, i, k);
      if (!edges || !equal(a.value[i]!, b.value[k]!))
        return { kind: "differs", step: Math.min(a.step[i]!, b.step[k]!), width: a.width };
      i++;
      k++;
    }
  }
  return common ? { kind: "same", steps: common } : { kind: "apart" };
}

function equalAt(a: Float64Array | null, b: Float64Array | null, i: number, k: number): boolean {
  return a === null || b === null || equal(a[i]!, b[k]!);
}

/** The earliest of several curves' differences to the first one. */
export function earliest(series: readonly Series[]): Divergence {
  const [first, ...others] = series;
  if (!first || !others.length) return { kind: "apart" };
  const found = others.map((other) => firstDivergence(first, other));
  const differing = found.filter((d) => d.kind === "differs").sort((a, b) => a.step - b.step);
  return differing[0] ?? found.find((d) => d.kind === "apart") ?? found[0]!;
}
