// The Files tab: the tree on the left, the chosen file on the right; the choice lives in the address.
import { DataError, load } from "../data/intake.ts";
import { absolute, bytes, count } from "../format.ts";
import { fileOf } from "../media/data.ts";
import type { TabBody } from "../run/tab.ts";
import type { RunPayload } from "../types.ts";
import { copyButton } from "../ui/copy.ts";
import { fill, h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { ago } from "../ui/times.ts";
import type { ViewState } from "../ui/viewstate.ts";
import { shownFile } from "./preview.ts";
import { type File, type Folder, treeOf } from "./tree.ts";

/** Files of one folder made at once; more come on demand. */
const PAGE = 200;

class FilePanel {
  readonly element = h("div", { class: "files" });
  private readonly tree = h("div", { class: "files-tree" });
  private readonly pane = h("div", { class: "files-pane" });
  private files: readonly File[] = [];
  private revision = "";
  private shown = "";

  constructor(private readonly view: ViewState) {
    fill(this.element, this.tree, this.pane);
    view.listen((changed) => {
      if (changed.has("file")) this.choose();
    });
  }

  async update(run: RunPayload): Promise<void> {
    const revision = run.files ?? "";
    if (revision === this.revision) return;
    this.revision = revision;
    try {
      const { files, total, skipped } = await load("files", "data/files.js", revision);
      this.files = files.map(([path, size, time, preview]) => ({ path, size, time, preview }));
      const root = treeOf(this.files);
      const words = `${count(total)} files, ${bytes(root.size)}${total > files.length ? ` in the first ${count(files.length)}` : ""}`;
      fill(
        this.tree,
        h("p", { class: "dim files-total" }, words),
        ...this.level(root, 0),
        passedOver(skipped),
      );
      this.choose();
    } catch (error) {
      this.revision = "";
      fill(this.tree, h("p", { class: "empty" }, error instanceof DataError ? error.message : String(error)));
    }
  }

  private level(folder: Folder, depth: number): HTMLElement[] {
    return [...folder.folders.map((inner) => this.folder(inner, depth)), ...this.rows(folder.files, depth)];
  }

  private rows(files: readonly File[], depth: number): HTMLElement[] {
    const made = files.slice(0, PAGE).map((file) => this.row(file, depth));
    const rest = files.slice(PAGE);
    if (!rest.length) return made;
    const more = h("button", { type: "button", class: "more" }, `${count(rest.length)} more`);
    more.addEventListener("click", () => more.replaceWith(...this.rows(rest, depth)));
    return [...made, more];
  }

  private folder(folder: Folder, depth: number): HTMLElement {
    const body = h("div", {});
    const details = h(
      "details",
      { class: "files-folder", open: depth === 0 && folder.name !== "media" },
      h(
        "summary",
        { style: { "--depth": String(depth) } },
        icon("fold"),
        h("span", { class: "files-name" }, `${folder.name}/`),
        h("span", { class: "dim" }, `${count(folder.count)} · ${bytes(folder.size)}`),
      ),
      body,
    );
    const build = () => {
      if (details.open && !body.hasChildNodes()) body.append(...this.level(folder, depth + 1));
    };
    details.addEventListener("toggle", build);
    build();
    return details;
  }

  private row(file: File, depth: number): HTMLElement {
    const button = h(
      "button",
      { type: "button", class: "files-row", style: { "--depth": String(depth) }, title: file.path },
      h("span", { class: "files-name" }, file.path.slice(file.path.lastIndexOf("/") + 1)),
      h("span", { class: "dim" }, bytes(file.size)),
    );
    button.dataset.path = file.path;
    button.addEventListener("click", () => this.view.set({ file: file.path }));
    return button;
  }

  private choose(): void {
    const path = this.view.get("file");
    for (const row of this.tree.querySelectorAll<HTMLElement>(".files-row")) {
      row.setAttribute("aria-current", String(row.dataset.path === path));
    }
    const file = this.files.find((f) => f.path === path);
    const state = file ? `${path} ${file.size} ${file.time}` : "";
    if (state && state === this.shown) return;
    this.shown = state;
    if (!file) {
      fill(this.pane, h("p", { class: "empty" }, path ? `There is no file ${path}.` : "Choose a file."));
      return;
    }
    const source = fileOf(file.path);
    const link = source && h("a", { class: "button", href: source, download: true }, "Download");
    const time = ago(file.time);
    time.title = absolute(file.time);
    const head = h(
      "div",
      { class: "files-head" },
      h("h2", {}, file.path),
      h("span", { class: "dim" }, bytes(file.size), " · ", time),
      link,
      copyButton("Copy the path", () => file.path),
    );
    fill(this.pane, head, shownFile(file));
  }
}

/** What was not taken, and why. */
function passedOver(skipped: readonly (readonly [string, string])[]): HTMLElement | null {
  if (!skipped.length) return null;
  const each = skipped.map(([path, why]) => h("li", {}, h("code", {}, path), `: ${why}`));
  return h(
    "details",
    { class: "files-skipped" },
    h("summary", {}, icon("warning"), `${count(skipped.length)} not taken`),
    h("ul", {}, ...each),
  );
}

export function filePanel(run: RunPayload, view: ViewState): TabBody {
  const panel = new FilePanel(view);
  void panel.update(run);
  return { element: panel.element, update: (newer) => void panel.update(newer) };
}
