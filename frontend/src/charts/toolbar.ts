// The controls that all charts of a page share.
import { debounce, h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { nameChooser } from "../ui/names.ts";
import type { View } from "../ui/viewstate.ts";
import { axisWords, metricOf, type XAxis } from "./axis.ts";
import type { Choices } from "./choices.ts";
import { formatSmoothing, parseSmoothing, type Smoothing } from "./smooth.ts";
import { matcher, type Source } from "./source.ts";

/** The toolbar; the axes are those that the points of `source` have. */
export function toolbar(choices: Choices, view: View, source: Source): HTMLElement {
  return h(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": "Charts" },
    searchBox(view),
    axisChoice(choices, view, source),
    logChoices(choices, view),
    cutChoice(choices, view),
    smoothingChoice(view),
    zoomReset(choices, view),
  );
}

function searchBox(view: View): HTMLElement {
  const input = h("input", {
    type: "search",
    class: "input",
    placeholder: "Search charts (regex)",
    "aria-label": "Search charts by name, as a regular expression",
    spellcheck: "false",
  });
  input.value = view.get("q");
  const read = () => {
    input.classList.toggle("invalid", !matcher(input.value).valid);
    view.set({ q: input.value });
  };
  input.addEventListener("input", debounce(read, 40));
  view.listen((changed) => {
    if (changed.has("q") && input.value !== view.get("q")) input.value = view.get("q");
  });
  return h("label", { class: "search" }, icon("search"), input);
}

const AXES: [XAxis, string, string][] = [
  ["step", "Step", "Steps"],
  ["relative", "Time", "Time since the run's start"],
  ["wall", "Clock", "Wall time"],
];

function axisChoice(choices: Choices, view: View, source: Source): HTMLElement {
  const button = (word: string, title: string) => h("button", { type: "button", title }, word);
  const offered = AXES.filter(([axis]) => source.axes?.includes(axis) ?? true);
  const buttons = offered.map(([axis, word, title]) => ({ axis: () => axis, element: button(word, title) }));
  const own = button("Own", "Each chart along the metric that define_metric named for it, else the step");
  // Where some metric counts epochs, that is an axis like the others.
  const metrics = source.axes === undefined;
  const epoch = { axis: () => (metrics ? epochOf(source.keys()) : null), element: button("Epoch", "") };
  const all = metrics ? [...buttons, epoch] : buttons;
  const choose = (element: HTMLElement, axis: () => XAxis | null) =>
    element.addEventListener("click", () => {
      choices.axis = axis();
    });
  choose(own, () => null);
  for (const { axis, element } of all) {
    choose(element, () => (axis() === "step" && own.hidden ? null : axis()));
  }
  const name = h("span", { class: "axis-metric" });
  const other = nameChooser({
    word: "",
    sign: h("span", { class: "axis-word" }, name, icon("fold")),
    what: "metrics for the x axis",
    single: true,
    all: () => source.keys(),
    chosen: () => [metricOf(choices.axis ?? "step")].filter((key) => key !== null),
    toggle: (key) => {
      choices.axis = `:${key}`;
    },
  });
  const show = () => {
    own.hidden = !source.keys().some((key) => (source.along?.(key) ?? null) !== null);
    own.setAttribute("aria-pressed", String(choices.axis === null));
    const shared = choices.axis ?? (own.hidden ? "step" : null);
    const metric = shared && metricOf(shared);
    const counted = epoch.axis();
    epoch.element.hidden = counted === null;
    epoch.element.title = counted?.slice(1) ?? "";
    for (const { axis, element } of all) {
      element.setAttribute("aria-pressed", String(shared !== null && axis() === shared));
    }
    other.classList.toggle("chosen", metric !== null && shared !== counted);
    name.textContent = metric !== null && shared !== counted ? metric : "Metric";
  };
  view.listen(show);
  source.listen(show);
  show();
  const group = h(
    "div",
    { class: "segmented", role: "group", "aria-label": "X axis" },
    metrics && own,
    ...all.map(({ element }) => element),
  );
  return metrics ? h("div", { class: "axis-choice" }, group, other) : group;
}

/** The metric that counts epochs, as an axis. */
function epochOf(keys: readonly string[]): XAxis | null {
  const found = keys.find((key) => /(^|\/)epochs?$/i.test(key));
  return found === undefined ? null : `:${found}`;
}

// The slider's 0..100 as each kind's amount: finer where the amount is small.
const KINDS: { [kind: string]: (t: number) => Smoothing } = {
  ema: (t) => ({ kind: "ema", weight: Number((1 - (1 - t) ** 2 * 0.999 - 0.001).toFixed(4)) }),
  mean: (t) => ({ kind: "mean", window: 1 + 2 * Math.round(t * t * 100) }),
  gaussian: (t) => ({ kind: "gaussian", sigma: Number((t * t * 60).toFixed(2)) }),
};

function sliderOf(by: Smoothing): number {
  if (by.kind === "ema") return 1 - Math.sqrt(Math.max(0, (1 - by.weight - 0.001) / 0.999));
  if (by.kind === "mean") return Math.sqrt((by.window - 1) / 200);
  return by.kind === "gaussian" ? Math.sqrt(by.sigma / 60) : 0;
}

function amountOf(by: Smoothing): string {
  if (by.kind === "ema") return String(Number(by.weight.toPrecision(3)));
  if (by.kind === "mean") return `${by.window} pts`;
  return by.kind === "gaussian" ? `${by.sigma} pts` : "off";
}

function smoothingChoice(view: View): HTMLElement {
  const kind = h(
    "select",
    { class: "input", "aria-label": "Kind of smoothing", title: "Smoothing of the points drawn" },
    h("option", { value: "ema" }, "EMA"),
    h("option", { value: "mean" }, "Running mean"),
    h("option", { value: "gaussian" }, "Gaussian"),
  );
  const slider = h("input", {
    type: "range",
    min: "0",
    max: "100",
    step: "1",
    "aria-label": "Amount of smoothing",
  });
  const amount = h("output", { class: "amount" });
  const read = () => {
    const by = KINDS[kind.value]!(Number(slider.value) / 100);
    view.set({ smooth: Number(slider.value) ? formatSmoothing(by) : "" });
  };
  const show = () => {
    const by = parseSmoothing(view.get("smooth"));
    if (by.kind !== "none") kind.value = by.kind;
    if (document.activeElement !== slider) slider.value = String(Math.round(sliderOf(by) * 100));
    amount.value = amountOf(by);
  };
  kind.addEventListener("change", read);
  slider.addEventListener("input", read);
  view.listen(show);
  show();
  return h("div", { class: "smoothing", role: "group", "aria-label": "Smoothing" }, kind, slider, amount);
}

function logChoices(choices: Choices, view: View): HTMLElement {
  const part = (word: string, title: string, toggle: () => void) => {
    const button = h("button", { type: "button", title }, word);
    button.addEventListener("click", toggle);
    return button;
  };
  const x = part("Log x", "Log scale of all x axes", () => choices.toggleLogX());
  const y = part("Log y", "Log scale of all y axes", () => choices.toggleAllLog());
  const show = () => {
    x.hidden = choices.axis === "wall";
    x.setAttribute("aria-pressed", String(choices.logX));
    y.setAttribute("aria-pressed", String(choices.allLog));
  };
  view.listen(show);
  show();
  return h("div", { class: "segmented", role: "group", "aria-label": "Log scales" }, x, y);
}

function cutChoice(choices: Choices, view: View): HTMLElement {
  const title = "Leave outliers beyond the y axes; each chart says how many";
  const button = h("button", { type: "button", class: "toggle", title }, "Cut outliers");
  const show = () => button.setAttribute("aria-pressed", String(choices.cut));
  button.addEventListener("click", () => choices.toggleCut());
  view.listen(show);
  show();
  return button;
}

function zoomReset(choices: Choices, view: View): HTMLElement {
  const button = h("button", {
    type: "button",
    class: "toggle zoom-reset",
    title: "Show everything (double-click a chart)",
  });
  button.addEventListener("click", () => {
    choices.zoom = null;
  });
  const show = () => {
    const { zoom } = choices;
    button.hidden = !zoom;
    if (!zoom) return;
    const { axis, range } = zoom;
    const [from, to] = range.map((x) => axisWords(axis, axis === "step" ? Math.round(x) : x));
    button.replaceChildren(icon("reset"), `${from} \u2013 ${to?.replace("step ", "")}`);
  };
  view.listen(show);
  show();
  return button;
}
