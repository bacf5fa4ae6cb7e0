// The lines of a log, of which only those near the window are elements.
import { absolute } from "../../format.ts";
import type { LogChunkPayload } from "../../types.ts";
import { fill, h } from "../../ui/dom.ts";
import type { LogData } from "./data.ts";
import { cut, finds, plain, runs } from "./sgr.ts";

/** Height of a line in pixels: the style sheet says the same. */
const ROW = 18;
const MARGIN = 1200;

export class LogList {
  readonly element = h("div", {
    class: "log-scroll",
    tabindex: "0",
    role: "region",
    "aria-label": "Console output",
  });
  private readonly blocks: HTMLElement[] = [];
  private readonly shown = new Map<number, LogChunkPayload>();
  private readonly seen: IntersectionObserver;
  private pattern: RegExp | null = null;
  private marked = -1;

  constructor(
    private readonly data: LogData,
    private readonly scrolled: (atEnd: boolean) => void,
  ) {
    this.seen = new IntersectionObserver((entries) => this.near(entries), {
      root: this.element,
      rootMargin: `${MARGIN}px 0px`,
    });
    this.element.addEventListener("scroll", () => scrolled(this.atEnd), { passive: true });
  }

  get atEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    return scrollTop + clientHeight >= scrollHeight - ROW;
  }

  /** The log grew: make room, and draw again what changed. */
  update(): void {
    const before = this.blocks.length;
    while (this.blocks.length < this.data.size) {
      const block = h("div", { class: "log-chunk" });
      this.blocks.push(block);
      this.element.append(block);
      this.seen.observe(block);
    }
    for (let n = Math.max(0, before - 1); n < this.blocks.length; n++) {
      this.blocks[n]!.style.height = `${this.data.linesIn(n) * ROW}px`;
      if (this.shown.has(n)) void this.draw(n);
    }
  }

  end(): void {
    this.element.scrollTop = this.element.scrollHeight;
    this.scrolled(true);
  }

  /** Bring a line into view and mark it. */
  show(line: number): void {
    this.marked = line;
    this.element.scrollTop = Math.max(0, line * ROW - this.element.clientHeight / 3);
    this.again();
  }

  /** Mark what matches; null for nothing. */
  mark(pattern: RegExp | null): void {
    this.pattern = pattern;
    this.again();
  }

  private again(): void {
    for (const [n, chunk] of this.shown) this.fillBlock(n, chunk);
  }

  private near(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const n = this.blocks.indexOf(target as HTMLElement);
      if (isIntersecting) void this.draw(n);
      else if (this.shown.delete(n)) fill(target);
    }
  }

  private async draw(n: number): Promise<void> {
    try {
      const chunk = await this.data.chunk(n);
      if (this.shown.get(n) === chunk) return;
      this.shown.set(n, chunk);
      this.fillBlock(n, chunk);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      fill(
        this.blocks[n]!,
        h("p", { class: "log-missing" }, `This part of the log cannot be shown: ${why}.`),
      );
    }
  }

  private fillBlock(n: number, chunk: LogChunkPayload): void {
    fill(this.blocks[n]!, ...chunk.lines.map((line, i) => this.row(chunk, line, i)));
  }

  private row(chunk: LogChunkPayload, line: string, i: number): HTMLElement {
    const number = chunk.first + i;
    const places = this.pattern ? finds(plain(line), this.pattern) : [];
    const gutter = h(
      "span",
      { class: "log-number", title: absolute(chunk.start + chunk.after_ms[i]! * 1000) },
      String(number + 1),
    );
    const pieces = cut(runs(line), places).map(({ text, classes, ink, paper, found }) => {
      if (!classes.length && !ink && !paper && !found) return text;
      const style: { [name: string]: string } = {};
      if (ink) style.color = ink;
      if (paper) style["background-color"] = paper;
      return h(found ? "mark" : "span", { class: classes.join(" "), style }, text);
    });
    const marked = number === this.marked ? " log-marked" : "";
    return h("div", { class: `log-line${marked}` }, gutter, ...pieces);
  }
}
