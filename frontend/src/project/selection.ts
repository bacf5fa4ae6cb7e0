// Which runs are selected.

/** After a click on a run: with a beginning `from`, all runs between it and this one too. */
export function selectedAfter(
  selected: readonly string[],
  order: readonly string[],
  run: string,
  on: boolean,
  from: string,
): string[] {
  const [a, b] = [order.indexOf(from), order.indexOf(run)];
  const touched = a < 0 || b < 0 ? [run] : order.slice(Math.min(a, b), Math.max(a, b) + 1);
  const others = selected.filter((id) => !touched.includes(id));
  return on ? [...others, ...touched] : others;
}
