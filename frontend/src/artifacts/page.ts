// The page of a project's artifacts: the latest version of each, the others below it.
import { initial } from "../data/intake.ts";
import { bytes, count } from "../format.ts";
import type { Published } from "../main.ts";
import type { ArtifactRow } from "../types.ts";
import { h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { newerFormat } from "../ui/notice.ts";
import { present } from "../ui/present.ts";
import { themeButton } from "../ui/theme.ts";
import { ago } from "../ui/times.ts";
import { artifactRow } from "./detail.ts";

function version(row: ArtifactRow, path: string, root: string): HTMLElement {
  const cells = [
    h("span", { class: "artifact-name" }, row.version),
    h("span", { class: "artifact-aliases" }, ...row.aliases.map((a) => h("span", { class: "tag" }, a))),
    h("span", { class: "dim" }, `${count(row.files)} ${row.files === 1 ? "file" : "files"}`),
    h("span", {}, bytes(row.size)),
    h("span", { class: "dim" }, `used by ${count(row.used_by.length)}`),
    ago(row.created_at),
  ];
  return artifactRow(path, root, cells, row.used_by);
}

function section(name: string, rows: readonly ArtifactRow[], place: string, root: string): HTMLElement {
  return h(
    "section",
    { class: "box", "aria-label": name },
    h(
      "h2",
      { class: "box-head" },
      name,
      h("span", { class: "dim" }, rows[0]?.type ?? ""),
      h("span", { class: "section-count" }, count(rows.length)),
    ),
    ...rows.map((row) => version(row, `${place}/${row.name}:${row.version}`, root)),
  );
}

export function artifactsPage(app: HTMLElement): Published {
  const data = initial("artifacts").at(-1);
  if (!data) throw new Error("data/artifacts.js is missing or cannot be read");
  const root = document.body.dataset.root ?? "";
  const byName = new Map<string, ArtifactRow[]>();
  for (const row of data.artifacts) byName.set(row.name, [...(byName.get(row.name) ?? []), row]);
  const crumb = h(
    "nav",
    { class: "crumb", "aria-label": "Where this is" },
    h("a", { href: `${root}index.html`, title: "All projects", class: "mark" }, icon("mark")),
    h("a", { href: "../index.html", title: `${data.entity}/${data.project}` }, data.project),
    h("span", { "aria-hidden": "true" }, "/"),
  );
  document.title = `Artifacts \u00b7 ${data.project}`;
  const title = h(
    "div",
    { class: "title" },
    crumb,
    h("h1", {}, "Artifacts"),
    h("span", { class: "section-count" }, count(byName.size)),
    h("div", { class: "actions" }, themeButton()),
  );
  const place = `${data.entity}/${data.project}`;
  const sections = [...byName].map(([name, rows]) => section(name, rows, place, root));
  present(
    app,
    newerFormat(data.format),
    h("header", { class: "run-head" }, title),
    h("div", { class: "overview" }, ...sections),
  );
  return {};
}
