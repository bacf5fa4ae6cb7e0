// How sections of charts fill the width.

/** How many columns of at least `least` pixels fit, `gap` apart. */
export function columnsIn(width: number, least: number, gap: number): number {
  return Math.max(1, Math.floor((width + gap) / (least + gap)));
}

/**
 * Order sections for the eye: those that do not fill a row of `columns` stand together, where the
 * first of them was, so that they share rows; all others stay in order.
 */
export function inRows<T>(sections: readonly T[], size: (section: T) => number, columns: number): T[] {
  const small = sections.filter((section) => size(section) < columns);
  const first = sections.findIndex((section) => size(section) < columns);
  if (small.length < 2) return [...sections];
  const full = sections.filter((section) => size(section) >= columns);
  return [...full.slice(0, first), ...small, ...full.slice(first)];
}

/** How many rows sections of these sizes take. */
export function rowsIn(sizes: readonly number[], columns: number): number {
  let rows = 0;
  let free = 0;
  for (const size of inRows(sizes, (n) => n, columns)) {
    if (size < columns && size <= free) {
      free -= size;
      continue;
    }
    rows += Math.ceil(size / columns);
    free = size < columns ? columns - size : 0;
  }
  return rows;
}

/** Between `least` and `most` columns: as few rows as can be, then charts as wide as can be. */
export function bestColumns(sizes: readonly number[], least: number, most: number): number {
  let best = most;
  for (let columns = most - 1; columns >= least; columns--) {
    if (rowsIn(sizes, columns) <= rowsIn(sizes, best)) best = columns;
  }
  return best;
}
