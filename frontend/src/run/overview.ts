// The parts of the Overview tab.
import { absolute, bytes, count, duration, number } from "../format.ts";
import type { Alert, Json, Origin, RunPayload, Stop, Tree } from "../types.ts";
import { copyButton } from "../ui/copy.ts";
import { h, maybeLink } from "../ui/dom.ts";
import { isTree, leaves } from "../ui/flatten.ts";
import { icon } from "../ui/icons.ts";
import { shownState, stateBadge } from "../ui/state.ts";
import { ago, knownLife } from "../ui/times.ts";
import { gpuWords } from "./header.ts";

type Fact = [label: string, value: Node | string | null | undefined];

function text(value: Json | undefined): string | null {
  if (typeof value === "string" && value) return value;
  return typeof value === "number" ? String(value) : null;
}

function when(us: number | null): Node | null {
  if (us === null) return null;
  return h("span", {}, absolute(us), " ", h("span", { class: "dim" }, "(", ago(us), ")"));
}

/** Where the code came from: branch, commit, and whether it was as committed. */
function gitFacts(git: Json | undefined): Fact[] {
  if (!isTree(git)) return [];
  const commit = text(git.commit);
  const words = [text(git.branch), commit?.slice(0, 12), git.dirty ? "with changes" : null].filter(Boolean);
  const remote = text(git.remote);
  return [
    ["Git", words.length ? h("span", { title: commit }, words.join(" \u00b7 ")) : null],
    ["Remote", remote && maybeLink(remote)],
  ];
}

/** Which job of a cluster it was. */
function jobWords({ job, kubernetes }: Tree): string | null {
  const facts = isTree(job) ? job : {};
  const named = (word: string, ...names: string[]) => {
    const values = names.map((name) => text(facts[name])).filter(Boolean);
    return values.length ? `${word} ${values.join(" ")}` : null;
  };
  const pod = isTree(kubernetes) ? [text(kubernetes.namespace), text(kubernetes.pod)].filter(Boolean) : [];
  const words = [
    named("SLURM job", "SLURM_JOB_ID", "SLURM_JOB_NAME"),
    named("on", "SLURM_NODELIST"),
    pod.length ? `pod ${pod.join("/")}` : null,
    named("rank", "RANK"),
    named("of", "WORLD_SIZE"),
  ];
  return words.filter(Boolean).join(" ") || null;
}

function machineFacts(env: Tree): Fact[] {
  const memory = typeof env.memory_bytes === "number" ? bytes(env.memory_bytes) : null;
  const cpus = typeof env.cpu_count === "number" ? `${env.cpu_count} CPUs` : null;
  const command = text(env.command) ?? (Array.isArray(env.command) ? env.command.join(" ") : null);
  return [
    ["Author", text(env.author)],
    ["Command", command && h("code", {}, command)],
    ["Folder", text(env.cwd)],
    ["Host", text(env.host)],
    ["Hardware", [text(env.cpu), cpus, memory, gpuWords(env.gpus) || null].filter(Boolean).join(" \u00b7 ")],
    ["Job", jobWords(env)],
    ["System", text(env.os)],
    ["Python", text(env.python)],
    ["Executable", text(env.executable)],
    ["runhooks", text(env.runhooks)],
    ...gitFacts(env.git),
  ];
}

/** How far a request to stop has come. */
function stopped(stop: Stop, ended: number | null): Node {
  const stages: [string, number | null][] = [
    [`requested by ${stop.by}`, stop.requested_at],
    ["seen", stop.seen_at],
    ["ended", ended],
  ];
  const rows = stages.flatMap(([what, at]) => (at === null ? [] : [h("div", {}, `${what} `, ago(at))]));
  return h("span", {}, ...rows);
}

function rewound(run: RunPayload): Node | null {
  if (!run.rewinds.length) return null;
  return h("span", {}, ...run.rewinds.map((r) => h("div", {}, `to step ${count(r.step)}, `, ago(r.time))));
}

/** The processes on other nodes that write to the run, each with its own log. */
function otherWriters(run: RunPayload): Node | null {
  const others = Object.entries(run.others ?? {});
  if (!others.length) return null;
  const rows = others.map(([writer, { host, label, state, reason }]) => {
    const href = `logs/${encodeURIComponent(writer)}/output.log`;
    return h(
      "div",
      {},
      label ? `${label}, ${host}: ` : `${host}: `,
      state,
      reason && ` (${reason})`,
      " ",
      h("a", { href }, "log"),
    );
  });
  return h("span", {}, ...rows);
}

/** The run that this one began as, with a link where it is of the same store. */
function origin({ run, step }: Origin): Node {
  const [entity, project, id] = run.split("/").map(encodeURIComponent);
  const href = `../../../../${entity}/${project}/runs/${id}/index.html`;
  return h("span", {}, h("a", { href }, run), `, step ${count(step)}`);
}

function runFacts(run: RunPayload): Fact[] {
  const state = shownState(run, run.stale_after_s, knownLife());
  const tags = run.tags.map((t) => h("span", { class: "tag" }, t));
  return [
    ["State", h("span", {}, stateBadge(state), " ", state.reason)],
    [
      "Path",
      h(
        "span",
        {},
        h("code", {}, run.path),
        copyButton("Copy the run's path", () => run.path),
      ),
    ],
    ["Started", when(run.created_at)],
    ["Ended", when(run.ended_at)],
    ["Duration", duration(run.duration_s)],
    ["Runtime", run.runtime_s - run.duration_s > 1 ? duration(run.runtime_s) : null],
    ["Sessions", run.sessions.length > 1 ? count(run.sessions.length) : null],
    ["Other writers", otherWriters(run)],
    ["Stop", run.stop && stopped(run.stop, run.ended_at)],
    ["Rewound", rewound(run)],
    ["Forked from", run.forked_from && origin(run.forked_from)],
    ["Last step", run.last_step === null ? null : count(run.last_step)],
    ["Rate", run.rate ? `${number(run.rate, 3)} steps/s` : null],
    ["Group", run.group],
    ["Job type", run.job_type],
    ["Tags", tags.length ? h("span", {}, ...tags) : null],
    ["Notes", run.notes ? h("span", { class: "notes" }, run.notes) : null],
  ];
}

function list(facts: Fact[]): HTMLElement {
  const rows = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h(
    "dl",
    { class: "fact-list" },
    ...rows.flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)]),
  );
}

export function factColumns(run: RunPayload): HTMLElement {
  return h(
    "section",
    { class: "box columns", "aria-label": "Facts" },
    list(runFacts(run)),
    list(machineFacts(run.environment)),
  );
}

/** Why it ended, with the traceback; nothing where it ended well. */
export function exitBox(run: RunPayload): HTMLElement | null {
  const { exit } = run;
  if (!exit || (!exit.error && !exit.signal && !exit.exit_code)) return null;
  const { error } = exit;
  const how = error
    ? `${error.type}: ${error.message}`
    : exit.signal
      ? `Ended by ${exit.signal}`
      : `Ended with exit code ${exit.exit_code}`;
  const trace = error?.traceback;
  return h(
    "section",
    { class: `box exit exit-${run.state}`, "aria-label": "Exit" },
    h(
      "h2",
      { class: "box-head" },
      icon(run.state),
      h("span", { class: "exit-reason" }, how),
      trace ? copyButton("Copy the traceback", () => trace) : null,
    ),
    trace ? h("pre", { class: "trace", tabindex: "0" }, trace) : null,
  );
}

function alertRow({ level, title, text: more, time }: Alert): HTMLElement {
  return h(
    "li",
    { class: `alert alert-${level}` },
    icon(level === "info" ? "info" : "warning"),
    h("div", {}, h("b", {}, title), more ? h("div", { class: "alert-text" }, more) : null),
    h("span", { class: "dim" }, ago(time)),
  );
}

export function alertList(run: RunPayload): HTMLElement | null {
  if (!run.alerts.length) return null;
  const newest = [...run.alerts].reverse().slice(0, 200);
  return h(
    "section",
    { class: "box", "aria-label": "Alerts" },
    h("h2", { class: "box-head" }, "Alerts", h("span", { class: "section-count" }, count(run.alerts.length))),
    h("ul", { class: "alerts" }, ...newest.map(alertRow)),
  );
}

/** Everything else that was recorded of the machine, folded. */
export function environmentBox(environment: Tree): HTMLElement | null {
  const rows = leaves(environment);
  if (!rows.length) return null;
  const value = (v: Json) => (typeof v === "string" ? maybeLink(v) : JSON.stringify(v));
  const facts = rows.map((leaf): Fact => [leaf.name, value(leaf.value)]);
  return h(
    "details",
    { class: "box environment" },
    h(
      "summary",
      { class: "box-head" },
      icon("fold"),
      "Environment",
      h("span", { class: "section-count" }, count(rows.length)),
    ),
    list(facts),
  );
}
