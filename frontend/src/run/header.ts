// The head of the run page: what it is, whether it is alive, and how far it got.
import { absolute, count, duration, number } from "../format.ts";
import type { Json, RunPayload } from "../types.ts";
import { copyButton } from "../ui/copy.ts";
import { h, renew } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { manageButtons } from "../ui/manage.ts";
import { shownState, stateBadge } from "../ui/state.ts";
import { themeButton } from "../ui/theme.ts";
import { ago, known, knownLife } from "../ui/times.ts";

function fact(label: string, ...value: (Node | string | null)[]): HTMLElement {
  return h("div", { class: "fact" }, h("dt", {}, label), h("dd", {}, ...value));
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The first GPU by name, and how many there are. */
export function gpuWords(gpus: Json | undefined): string {
  if (!Array.isArray(gpus) || !gpus.length) return "";
  const [first] = gpus;
  const name = first && typeof first === "object" && !Array.isArray(first) ? text(first.name) : text(first);
  return gpus.length > 1 ? `${gpus.length} \u00d7 ${name}` : name;
}

/** Seconds of work so far, of all sessions; that of a live run goes on until now. */
function workedSeconds(run: RunPayload, alive: boolean): number {
  if (!alive) return run.duration_s;
  return run.sessions.reduce((sum, s) => sum + Math.max(0, (s.ended_at ?? known()) - s.started_at) / 1e6, 0);
}

/** Buttons that copy what a page cannot do itself. */
function actionsOf(run: RunPayload): HTMLElement {
  const { path } = run;
  return h(
    "div",
    { class: "actions" },
    copyButton(`Copy the run's path: ${path}`, () => path, "Path"),
    copyButton(
      "Copy the Api call that reads this run",
      () => `runhooks.Api().run(${JSON.stringify(path)})`,
      "Api",
    ),
    copyButton("Copy the command that shows this run", () => `runhooks show ${path}`, "Command"),
    ...manageButtons(run),
    themeButton(),
  );
}

/** The way up, in words only where the page is a file of its own. */
function crumbOf({ entity, project }: RunPayload): HTMLElement {
  const { root } = document.body.dataset;
  const title = `${entity}/${project}`;
  const slash = h("span", { "aria-hidden": "true" }, "/");
  const parts =
    root === undefined
      ? [h("span", { class: "mark" }, icon("mark")), h("span", { title }, project), slash]
      : [
          h("a", { href: `${root}index.html`, title: "All projects", class: "mark" }, icon("mark")),
          h("a", { href: "../../index.html", title }, project),
          slash,
        ];
  return h("nav", { class: "crumb", "aria-label": "Where this is" }, ...parts);
}

export class RunHeader {
  readonly element = h("header", { class: "run-head" });
  private readonly title = h("div", { class: "title" });
  private readonly facts = h("dl", { class: "facts" });
  private readonly actions: HTMLElement;

  constructor(private run: RunPayload) {
    this.actions = actionsOf(run);
    this.element.append(this.title, this.facts);
    this.update(run);
    setInterval(() => this.tick(), 1000);
  }

  update(run: RunPayload): void {
    this.run = run;
    renew(this.title, ...this.titleParts());
    renew(this.facts, ...this.factParts());
  }

  private tick(): void {
    if (!document.hidden && this.run.state === "running") this.update(this.run);
  }

  private titleParts(): Node[] {
    const { run } = this;
    const shown = shownState(run, run.stale_after_s, knownLife());
    document.title = `${run.name} \u00b7 ${run.project} \u00b7 ${shown.state}`;
    const reason =
      shown.reason && h("span", { class: `reason reason-${shown.state}`, title: shown.reason }, shown.reason);
    return [
      crumbOf(run),
      h("h1", { title: run.name }, run.name),
      stateBadge(shown),
      reason || "",
      this.actions,
    ].filter((part) => part !== "") as Node[];
  }

  private factParts(): Node[] {
    const { run } = this;
    const shown = shownState(run, run.stale_after_s, knownLife());
    const alive = shown.state === "running";
    const runtime = `${duration(run.runtime_s)} from the first start to the last end`;
    const parts = [
      fact("Started", ago(run.created_at)),
      fact("Duration", h("span", { title: runtime }, duration(workedSeconds(run, alive)))),
    ];
    if (run.last_step !== null) parts.push(fact("Step", ...this.step(alive)));
    if (run.rate) parts.push(fact("Rate", `${number(run.rate, 3)} steps/s`));
    if (run.ended_at) parts.push(fact("Ended", ago(run.ended_at)));
    parts.push(...hostFacts(run));
    if (run.tags.length) parts.push(fact("Tags", ...run.tags.map((t) => h("span", { class: "tag" }, t))));
    return parts;
  }

  private step(alive: boolean): Node[] {
    const { last_step: step, last_log_at: at } = this.run;
    const number = h("span", { title: at ? `logged ${absolute(at)}` : undefined }, count(step ?? 0));
    if (!alive || !at) return [number];
    const age = ago(at);
    age.classList.add("dim");
    return [number, document.createTextNode(" "), age];
  }
}

function hostFacts(run: RunPayload): HTMLElement[] {
  const host = text(run.environment.host);
  const gpu = gpuWords(run.environment.gpus);
  return [host && fact("Host", host), gpu && fact("GPU", gpu)].filter((f) => f !== "") as HTMLElement[];
}
