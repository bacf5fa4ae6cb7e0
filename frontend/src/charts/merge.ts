// Lines of runs of one group as one line: their mean, between the least and the greatest of them.

import type { Line, Trace } from "./line.ts";
import { lowerBound } from "./range.ts";

/** Points of a merged line at most. */
const MOST = 2048;

/** One line for each group, where its first line was; lines without a group stay as they are. */
export function merged(lines: readonly Line[]): Line[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const key = line.trace.group ? `group ${line.trace.group.id}` : `run ${line.trace.run}`;
    const members = groups.get(key);
    if (members) members.push(line);
    else groups.set(key, [line]);
  }
  return [...groups.values()].map((members) => (members[0]!.trace.group ? mergedOf(members) : members[0]!));
}

function mergedOf(members: readonly Line[]): Line {
  const x = gridOf(members.map((line) => line.x));
  const sampled = (of: (line: Line) => Float64Array) =>
    members.map((line) => (line.x === x ? of(line) : sample(line.x, of(line), x)));
  const smoothed = members.some(({ raw }) => raw);
  return {
    trace: traceOf(members, x),
    x,
    y: across(
      sampled((line) => line.y),
      mean,
    ),
    raw: smoothed
      ? across(
          sampled((line) => line.raw ?? line.y),
          mean,
        )
      : null,
    min: across(
      sampled((line) => line.min ?? line.raw ?? line.y),
      least,
    ),
    max: across(
      sampled((line) => line.max ?? line.raw ?? line.y),
      greatest,
    ),
    step: x,
  };
}

function traceOf(members: readonly Line[], x: Float64Array): Trace {
  const { trace } = members[0]!;
  const { series, group } = trace;
  const count = members.reduce((sum, line) => sum + line.trace.series.count, 0);
  const width = Math.max(...members.map((line) => line.trace.series.width));
  const detail = members.some((line) => line.trace.series.detail);
  const label = `${group!.label} (${members.length})`;
  return { ...trace, run: group!.id, label, series: { ...series, count, width, detail, step: x } };
}

/** All places of all lines, thinned where there are too many. */
export function gridOf(all: readonly Float64Array[]): Float64Array {
  const first = all[0]!;
  if (all.every((x) => x.length === first.length && x.every((at, i) => at === first[i]))) return first;
  const places = new Float64Array(all.reduce((sum, x) => sum + x.length, 0));
  let at = 0;
  for (const x of all) {
    places.set(x, at);
    at += x.length;
  }
  const unique = places.sort().filter((v, i, sorted) => i === 0 || v !== sorted[i - 1]);
  const stride = Math.ceil(unique.length / MOST);
  return stride > 1 ? unique.filter((_, i) => i % stride === 0 || i === unique.length - 1) : unique;
}

/** Values of a line at other places, on straight lines between its points; NaN beyond its ends. */
export function sample(x: Float64Array, y: Float64Array, grid: Float64Array): Float64Array {
  return grid.map((at) => {
    const i = lowerBound(x, at);
    if (x[i] === at) return y[i]!;
    if (i === 0 || i === x.length) return Number.NaN;
    const share = (at - x[i - 1]!) / (x[i]! - x[i - 1]!);
    return y[i - 1]! + (y[i]! - y[i - 1]!) * share;
  });
}

type Combine = (values: number[]) => number;
const mean: Combine = (values) => values.reduce((sum, v) => sum + v / values.length, 0);
const least: Combine = (values) => Math.min(...values);
const greatest: Combine = (values) => Math.max(...values);

/** What is finite of all lines, combined place by place; NaN where nothing is. */
function across(lines: readonly Float64Array[], combine: Combine): Float64Array {
  return lines[0]!.map((_, i) => {
    const values = lines.map((y) => y[i]!).filter(Number.isFinite);
    return values.length ? combine(values) : Number.NaN;
  });
}
