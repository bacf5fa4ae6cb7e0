// The head of a project's page.
import type { ProjectPayload } from "../types.ts";
import { copyButton } from "../ui/copy.ts";
import { h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { themeButton } from "../ui/theme.ts";

export function projectHead(
  { entity, project, artifacts }: ProjectPayload,
  totals: HTMLElement,
  states: HTMLElement,
): HTMLElement {
  document.title = `${project} \u00b7 ${entity}`;
  const home = `${document.body.dataset.root}index.html`;
  const crumb = h(
    "nav",
    { class: "crumb", "aria-label": "Where this is" },
    h("a", { href: home, title: "All projects", class: "mark" }, icon("mark")),
    h("span", {}, entity),
    h("span", { "aria-hidden": "true" }, "/"),
  );
  const made = artifacts ? h("a", { href: "artifacts/index.html", class: "button" }, "Artifacts") : null;
  const copy = copyButton("Copy link to this view", () => location.href, "Copy link");
  return h(
    "header",
    { class: "run-head" },
    h(
      "div",
      { class: "title" },
      crumb,
      h("h1", { title: project.slice(0, 2000) }, project),
      totals,
      states,
      h("div", { class: "actions" }, made, copy, themeButton()),
    ),
  );
}
