// The line under the runs table: how many runs are drawn, and what can be done with the selected ones.
import { count } from "../format.ts";
import { copyButton } from "../ui/copy.ts";
import { fill, h } from "../ui/dom.ts";
import { type IconName, icon } from "../ui/icons.ts";
import type { TableChoices } from "./choices.ts";
import type { Drawing } from "./visible.ts";

const FIRSTS = [0, 5, 10, 20, 50, 100];

export interface FooterEvents {
  /** Show how the selected runs differ. */
  compare(): void;
  /** Save the table as it is listed. */
  save(): void;
  /** The runs as the `runhooks` command takes them. */
  paths(runs: readonly string[]): string;
}

export class TableFooter {
  readonly element = h("div", { class: "table-foot" });
  private readonly tally = h("span", { class: "foot-tally", role: "status" });
  private readonly first: HTMLSelectElement;
  private readonly actions = h("span", { class: "foot-actions" });
  private shape = "";

  constructor(
    private readonly choices: TableChoices,
    private readonly events: FooterEvents,
  ) {
    const title = "How many of the first rows are drawn without being chosen";
    this.first = h("select", { class: "input", "aria-label": title, title });
    this.first.addEventListener("change", () => {
      choices.first = Number(this.first.value);
    });
    fill(this.element, this.tally, this.first, this.actions);
  }

  show(drawing: Drawing, grouped: boolean): void {
    const { first, selected } = this.choices;
    const { runs, left } = drawing;
    const cut = left ? `, ${count(left)} more are too many` : "";
    this.tally.textContent = `${count(runs.length)} run${runs.length === 1 ? "" : "s"} drawn${cut}`;
    const options = [...new Set([...FIRSTS, first])].sort((a, b) => a - b);
    const what = grouped ? "groups" : "runs";
    fill(
      this.first,
      ...options.map((n) => {
        const words = n ? `first ${n} ${what}` : `no ${what} unasked`;
        return h("option", { value: String(n), selected: n === first }, words);
      }),
    );
    this.offer(selected);
  }

  /** The buttons, made anew only where the selection changed, so that they keep the focus. */
  private offer(selected: readonly string[]): void {
    const shape = selected.join(",");
    if (shape === this.shape && this.actions.hasChildNodes()) return;
    this.shape = shape;
    if (!selected.length) {
      fill(
        this.actions,
        action("download", "CSV", "Save the listed runs as CSV", () => this.events.save()),
      );
      return;
    }
    const { choices } = this;
    const compare = action("compare", "Compare", "Show how the selected runs differ", () =>
      this.events.compare(),
    );
    compare.disabled = selected.length < 2;
    fill(
      this.actions,
      h("span", { class: "foot-selected" }, `${count(selected.length)} selected`),
      compare,
      action("eye", "Draw only these", "Draw the selected runs alone", () => choices.drawOnly(selected)),
      copyButton("Copy the paths of the selected runs, for the runhooks command", () =>
        this.events.paths(selected),
      ),
      action("cross", "", "Select none", () => {
        choices.selected = [];
      }),
    );
  }
}

function action(sign: IconName, word: string, title: string, run: () => void): HTMLButtonElement {
  const button = h(
    "button",
    { type: "button", class: word ? "button" : "icon-button", title },
    icon(sign),
    word,
  );
  if (!word) button.setAttribute("aria-label", title);
  button.addEventListener("click", run);
  return button;
}
