// What the run made and what it used.
import { artifactRow } from "../../artifacts/detail.ts";
import { bytes, count } from "../../format.ts";
import type { RunArtifact, RunPayload } from "../../types.ts";
import { fill, h } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import { ago } from "../../ui/times.ts";
import type { Late, RunContext, TabBody } from "../tab.ts";

function row(found: RunArtifact, home: string): HTMLElement {
  const foreign = found.path !== null && !found.path.startsWith(`${home}/`);
  const name = foreign ? found.path! : found.name + (found.version ? `:${found.version}` : "");
  const files = found.files === null ? "" : `${count(found.files)} file${found.files === 1 ? "" : "s"}`;
  const state = found.problem
    ? h("span", { class: "artifact-problem" }, icon("warning"), found.problem)
    : h("span", { class: "dim" }, found.path === null ? "being stored" : files);
  const cells = [
    h("span", { class: "artifact-name" }, name),
    h("span", { class: "dim" }, found.type),
    h(
      "span",
      { class: "artifact-aliases" },
      ...(found.aliases ?? []).map((a) => h("span", { class: "tag" }, a)),
    ),
    state,
    h("span", {}, found.size === null ? "" : bytes(found.size)),
    ago(found.time),
  ];
  return artifactRow(found.path, document.body.dataset.root ?? "", cells);
}

function section(title: string, found: RunArtifact[], home: string): HTMLElement | null {
  if (!found.length) return null;
  return h(
    "section",
    { class: "box", "aria-label": title },
    h("h2", { class: "box-head" }, title, h("span", { class: "section-count" }, count(found.length))),
    ...found.map((one) => row(one, home)),
  );
}

function open({ data }: RunContext): TabBody {
  const element = h("div", { class: "overview" });
  let shown = "";
  const update = (run: RunPayload) => {
    const artifacts = run.artifacts ?? [];
    const now = JSON.stringify(artifacts);
    if (now === shown) return;
    shown = now;
    const home = `${run.entity}/${run.project}`;
    const of = (direction: string) => artifacts.filter((one) => one.direction === direction);
    fill(element, section("Outputs", of("output"), home), section("Inputs", of("input"), home));
  };
  update(data.run);
  return { element, update };
}

const late: Late = { id: "artifacts", open };
export default late;
