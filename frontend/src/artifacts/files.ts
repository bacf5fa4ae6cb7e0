// The files of an artifact as a tree of folders. Pure.

export type File = readonly [path: string, size: number | null, ref: string | null];

export interface Folder {
  readonly name: string;
  readonly folders: Map<string, Folder>;
  readonly files: { name: string; size: number | null; ref: string | null }[];
  /** Files at any depth, and their bytes as far as known. */
  count: number;
  size: number;
}

function empty(name: string): Folder {
  return { name, folders: new Map(), files: [], count: 0, size: 0 };
}

export function treeOf(files: readonly File[]): Folder {
  const top = empty("");
  for (const [path, size, ref] of files) {
    const parts = path.split("/");
    const name = parts.pop() ?? path;
    let at = top;
    const way = [top];
    for (const part of parts) {
      let next = at.folders.get(part);
      if (!next) {
        next = empty(part);
        at.folders.set(part, next);
      }
      at = next;
      way.push(at);
    }
    at.files.push({ name, size, ref });
    for (const folder of way) {
      folder.count += 1;
      folder.size += size ?? 0;
    }
  }
  return top;
}

/** Entity, project, name and version of `entity/project/name:version`. */
export function parsePath(
  path: string,
): { entity: string; project: string; name: string; version: string } | null {
  const found = /^([^/]+)\/([^/]+)\/([^/]+):(v\d+)$/.exec(path);
  if (!found) return null;
  const [, entity = "", project = "", name = "", version = ""] = found;
  return { entity, project, name, version };
}
