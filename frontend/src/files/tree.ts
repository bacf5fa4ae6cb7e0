// Files as a tree of folders. Pure.

export interface File {
  readonly path: string;
  readonly size: number;
  /** Microseconds since the epoch. */
  readonly time: number;
  /** Name of its preview; null where it has none. */
  readonly preview: string | null;
}

export interface Folder {
  readonly name: string;
  readonly folders: Folder[];
  readonly files: File[];
  size: number;
  count: number;
}

/** Build the tree; a folder knows how much it holds. */
export function treeOf(files: readonly File[]): Folder {
  const root: Folder = { name: "", folders: [], files: [], size: 0, count: 0 };
  const known = new Map<string, Folder>([["", root]]);
  const folderOf = (path: string): Folder => {
    const found = known.get(path);
    if (found) return found;
    const cut = path.lastIndexOf("/");
    const made: Folder = { name: path.slice(cut + 1), folders: [], files: [], size: 0, count: 0 };
    folderOf(path.slice(0, Math.max(0, cut))).folders.push(made);
    known.set(path, made);
    return made;
  };
  for (const file of files) {
    const folders = file.path.split("/").slice(0, -1);
    folderOf(folders.join("/")).files.push(file);
    for (let n = 0; n <= folders.length; n++) {
      const above = folderOf(folders.slice(0, n).join("/"));
      above.size += file.size;
      above.count += 1;
    }
  }
  return root;
}

/** Read lines of comma (or tab) separated values, quotes included, up to `most` rows. */
export function parseCsv(text: string, comma: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length && rows.length < most; i++) {
    const sign = text[i]!;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (sign === '"' && !cell) quoted = true;
    else if (sign === comma || sign === "\n") {
      row.push(cell.replace(/\r$/, ""));
      cell = "";
      if (sign === "\n") rows.push(row);
      if (sign === "\n") row = [];
    } else cell += sign;
  }
  if ((cell || row.length) && rows.length < most) rows.push([...row, cell]);
  return rows;
}
