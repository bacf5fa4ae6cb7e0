// One version of an artifact, opened: where it comes from, who used it, its files, and how to get it.
import { load } from "../data/intake.ts";
import { bytes, count } from "../format.ts";
import type { ArtifactPayload, Json } from "../types.ts";
import { copyButton } from "../ui/copy.ts";
import { fill, h, maybeLink } from "../ui/dom.ts";
import { leaves } from "../ui/flatten.ts";
import { type Folder, parsePath, treeOf } from "./files.ts";

const encoded = (...parts: string[]) => parts.map(encodeURIComponent).join("/");

/** The address of a project's folder, from a page whose store is at `root`. */
export function projectAddress(root: string, entity: string, project: string): string {
  return root + encoded(entity, project);
}

/** A link to the page of a run, given by its path; anything else is text. */
export function runLink(root: string, path: string): Node {
  const [entity, project, id, more] = path.split("/");
  if (!entity || !project || !id || more !== undefined) return document.createTextNode(path);
  const href = `${projectAddress(root, entity, project)}/runs/${encodeURIComponent(id)}/index.html`;
  return h("a", { href }, path);
}

function folderView(folder: Folder): HTMLElement[] {
  const folders = [...folder.folders.values()].map((inner) => {
    const summary = h(
      "summary",
      {},
      h("span", { class: "file-name" }, `${inner.name}/`),
      h("span", { class: "dim" }, `${count(inner.count)} files, ${bytes(inner.size)}`),
    );
    const details = h("details", { class: "file-folder" }, summary);
    // Built when it is opened: a folder may hold thousands.
    details.addEventListener("toggle", () => details.append(...folderView(inner)), { once: true });
    return h("li", {}, details);
  });
  const files = folder.files.map(({ name, size, ref }) =>
    h(
      "li",
      { class: "file" },
      h("span", { class: "file-name" }, name),
      ref === null ? null : h("span", { class: "file-ref" }, maybeLink(ref)),
      h("span", { class: "file-size" }, size === null ? "" : bytes(size)),
    ),
  );
  return [h("ul", { class: "file-list" }, ...folders, ...files)];
}

function fact(label: string, ...value: (Node | string)[]): Node[] {
  return value.length ? [h("dt", {}, label), h("dd", {}, ...value)] : [];
}

function spaced(nodes: Node[]): (Node | string)[] {
  return nodes.flatMap((node, i) => (i ? [", ", node] : [node]));
}

function commands(path: string): HTMLElement {
  const get = `runhooks artifact get ${path}`;
  const call = `run.use_artifact(${JSON.stringify(path)}).download()`;
  return h(
    "div",
    { class: "artifact-commands" },
    h("code", {}, get),
    copyButton("Copy the command that downloads this version", () => get),
    h("code", {}, call),
    copyButton("Copy the call that downloads this version", () => call),
  );
}

function shown(artifact: ArtifactPayload, root: string, users: readonly string[]): HTMLElement[] {
  const words = (v: Json) => (typeof v === "string" ? maybeLink(v) : JSON.stringify(v));
  const metadata = leaves(artifact.metadata).flatMap((leaf) => fact(leaf.name, words(leaf.value)));
  const more = artifact.count - artifact.files.length;
  return [
    commands(artifact.path),
    h(
      "dl",
      { class: "fact-list" },
      ...(artifact.description ? fact("Description", artifact.description) : []),
      ...fact("Made by", runLink(root, artifact.made_by)),
      ...fact("Used by", ...spaced(users.map((run) => runLink(root, run)))),
      ...fact("Tags", ...artifact.tags.map((tag) => h("span", { class: "tag" }, tag))),
      ...fact("Digest", h("code", {}, artifact.digest)),
      ...metadata,
    ),
    ...folderView(treeOf(artifact.files)),
    ...(more > 0 ? [h("p", { class: "dim" }, `and ${count(more)} more files`)] : []),
  ];
}

/** Who used a version, as its project's page of artifacts says; nobody where there is no such page. */
async function usersOf(project: string, name: string, version: string): Promise<readonly string[]> {
  try {
    const found = await load("artifacts", `${project}/data/artifacts.js`, Date.now());
    return found.artifacts.find((row) => row.name === name && row.version === version)?.used_by ?? [];
  } catch {
    return [];
  }
}

/** What is shown of a version; loaded now. */
export function artifactDetail(path: string, root: string, users?: readonly string[]): HTMLElement {
  const box = h("div", { class: "artifact-detail" }, h("p", { class: "dim" }, "Loading…"));
  const parts = parsePath(path);
  const failed = (why: string) => fill(box, commands(path), h("p", { class: "dim" }, why));
  if (!parts) {
    failed("This is not the path of an artifact.");
    return box;
  }
  const { entity, project, name, version } = parts;
  const folder = projectAddress(root, entity, project);
  const script = `${folder}/artifacts/${encoded(name, version)}.js`;
  Promise.all([load("artifact", script, version), users ?? usersOf(folder, name, version)]).then(
    ([artifact, found]) => fill(box, ...shown(artifact, root, found)),
    () => failed("Its files are not on this page: runhooks render writes them again."),
  );
  return box;
}

/** A row that opens to what an artifact holds. */
export function artifactRow(
  path: string | null,
  root: string,
  cells: (Node | string | null)[],
  users?: readonly string[],
): HTMLElement {
  const summary = h("summary", { class: "artifact-row" }, ...cells);
  const row = h("details", { class: "artifact" }, summary);
  if (path !== null)
    row.addEventListener("toggle", () => row.append(artifactDetail(path, root, users)), { once: true });
  return row;
}
