// The Logs tab: the lines, and what helps to find one among them.
import { matcher } from "../../charts/source.ts";
import { singleSince } from "../../data/intake.ts";
import { count } from "../../format.ts";
import type { LogPayload, RunPayload } from "../../types.ts";
import { debounce, fill, h, setText } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import type { View } from "../../ui/viewstate.ts";
import { LogData } from "./data.ts";
import { LogList } from "./list.ts";

/** Words that say what is not as it was written. */
export function notes({ left_out, not_text, raw_left_out }: LogPayload): string[] {
  const found: string[] = [];
  if (left_out) found.push(`${count(left_out)} lines in the middle were left out: the log grew too long.`);
  if (raw_left_out) found.push("The middle of the raw log was left out as well.");
  if (not_text) found.push("Bytes that are no UTF-8 are shown as \ufffd; the raw log has them as they were.");
  return found;
}

export class LogView {
  readonly element = h("div", { class: "log" });
  readonly controls = h("div", { class: "toolbar", role: "toolbar", "aria-label": "Log" });
  private readonly data = new LogData();
  private readonly list: LogList;
  private readonly notes = h("div", { class: "log-notes" });
  private readonly input = h("input", {
    type: "search",
    class: "input",
    placeholder: "Search the log (regex)",
    "aria-label": "Search the log, as a regular expression",
    spellcheck: "false",
  });
  private readonly told = h("output", { class: "amount log-told" });
  private readonly errors = h("button", { type: "button", class: "toggle" });
  private readonly follow = h("button", { type: "button", class: "toggle" }, "Follow");
  private readonly downloads = h("span", { class: "log-downloads" });
  private following: boolean;
  private found: readonly number[] = [];
  private at = -1;
  private searching = 0;

  constructor(
    private run: RunPayload,
    private readonly view: View,
  ) {
    this.following = run.state === "running";
    this.list = new LogList(this.data, (atEnd) => this.scrolled(atEnd));
    this.element.append(this.notes, this.list.element);
    this.build();
    void this.look(run.revision, true);
  }

  update(run: RunPayload, revision: string | null | undefined): void {
    this.run = run;
    this.follow.hidden = run.state !== "running";
    if (revision && revision !== this.data.index.revision) void this.look(revision);
  }

  private build(): void {
    const step = (way: -1 | 1, title: string, name: "up" | "down") => {
      const button = h("button", { type: "button", class: "tool", title }, icon(name));
      button.setAttribute("aria-label", title);
      button.addEventListener("click", () => this.step(way));
      return button;
    };
    this.input.value = this.view.get("q");
    this.input.addEventListener(
      "input",
      debounce(() => this.view.set({ q: this.input.value }), 150),
    );
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.step(event.shiftKey ? 1 : -1);
    });
    this.view.listen((changed) => {
      if (changed.has("q")) void this.search();
    });
    this.errors.addEventListener("click", () => this.nextError());
    this.follow.addEventListener("click", () => {
      this.following = !this.following;
      if (this.following) this.list.end();
      this.show();
    });
    this.controls.append(
      h("label", { class: "search" }, icon("search"), this.input),
      step(-1, "The match before (Enter)", "up"),
      step(1, "The match after (Shift+Enter)", "down"),
      this.told,
      this.errors,
      this.follow,
      this.downloads,
    );
  }

  private async look(stamp: string, first = false): Promise<void> {
    try {
      if (!(await this.data.look(stamp))) return;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (first) fill(this.notes, h("p", {}, icon("warning"), `The log cannot be shown: ${why}.`));
      return; // The page asks again when it looks next.
    }
    const atEnd = this.list.atEnd;
    this.list.update();
    this.show();
    const line = Number(this.view.get("line"));
    if (first && line > 0) this.list.show(line - 1);
    else if (first || (this.following && atEnd)) this.list.end();
    if (this.view.get("q")) void this.search();
  }

  private show(): void {
    const { index } = this.data;
    fill(this.notes, ...notes(index).map((words) => h("p", {}, icon("info"), words)));
    const n = index.errors.length;
    this.errors.hidden = n === 0;
    fill(this.errors, icon("warning"), n === 1 ? "1 error" : `${count(n)} errors`);
    this.errors.title = "Jump to the next error";
    this.follow.hidden = this.run.state !== "running";
    this.follow.setAttribute("aria-pressed", String(this.following));
    const link = (file: string, word: string) =>
      h("a", { href: file, download: `${this.run.id}-${word}` }, word);
    const raw = index.raw.map((name, i) =>
      link(`logs/raw/${encodeURIComponent(name)}`, index.raw.length > 1 ? `raw-${i + 1}.log` : "raw.log"),
    );
    // A page that is one file has nothing beside it.
    const files =
      singleSince() === null ? [link("logs/output.log", "output.log"), " ", ...raw.slice(0, 4)] : [];
    fill(this.downloads, ...files);
  }

  private scrolled(atEnd: boolean): void {
    if (this.following === atEnd || this.run.state !== "running") return;
    this.following = atEnd;
    this.follow.setAttribute("aria-pressed", String(atEnd));
  }

  private async search(): Promise<void> {
    const text = this.view.get("q");
    const searching = ++this.searching;
    const { pattern, valid } = matcher(text);
    this.input.classList.toggle("invalid", !valid);
    if (this.input.value !== text) this.input.value = text;
    this.found = [];
    this.list.mark(text ? pattern : null);
    this.tell("");
    if (!text) return;
    await this.data.search(pattern, (lines, searched) => {
      if (searching !== this.searching) return false;
      this.found = [...lines];
      const all = searched >= this.data.size;
      this.tell(all ? "" : `, searched ${Math.floor((100 * searched) / this.data.size)}%`);
      return true;
    });
  }

  private tell(more: string): void {
    const n = this.found.length;
    const place = this.found.indexOf(this.at);
    const which = place >= 0 ? `${count(place + 1)} of ` : "";
    const words = n === 1 ? "1 line" : `${count(n)} lines`;
    setText(this.told, this.view.get("q") ? which + words + more : "");
  }

  /** Go to the match before or after the one where the reader is; from the last back to the first. */
  private step(way: -1 | 1): void {
    if (!this.found.length) return;
    const place = this.found.indexOf(this.at);
    const last = this.found.length - 1;
    const next = place < 0 ? (way < 0 ? last : 0) : (place + way + this.found.length) % this.found.length;
    this.go(this.found[next]!);
    this.tell("");
  }

  private nextError(): void {
    const { errors } = this.data.index;
    this.go(errors.find((line) => line > this.at) ?? errors[0]!);
  }

  private go(line: number): void {
    this.at = line;
    this.following = false;
    this.follow.setAttribute("aria-pressed", "false");
    this.view.set({ line: String(line + 1) });
    this.list.show(line);
  }
}
