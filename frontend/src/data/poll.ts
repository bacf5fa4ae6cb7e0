// Looking again and again whether something is new.

const HIDDEN_FACTOR = 12;
const LONGEST_S = 120;

/** Seconds until the next look: rarer in a hidden tab, and rarer after each failure in a row. */
export function pause(pollS: number, hidden: boolean, failures: number): number {
  return Math.min(LONGEST_S, pollS * (hidden ? HIDDEN_FACTOR : 1) * 2 ** Math.min(failures, 5));
}

export class Poll {
  private failures = 0;
  private timer = 0;
  private looking = false;
  private asked = false;

  /** `every` tells the seconds between two looks; null ends them. Where `look` rejects, the next one is later. */
  constructor(
    private readonly look: () => Promise<void>,
    private readonly every: () => number | null,
  ) {
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.every() !== null) void this.now();
    });
  }

  /** Look at once, and from then on. */
  async now(): Promise<void> {
    // Who comes back to the page during a look may know of something that came after it.
    this.asked = this.looking;
    if (this.looking) return;
    clearTimeout(this.timer);
    this.looking = true;
    try {
      await this.look();
      this.failures = 0;
    } catch {
      this.failures += 1; // The store is out of reach.
    }
    this.looking = false;
    if (this.asked) void this.now();
    else this.plan();
  }

  private plan(): void {
    const seconds = this.every();
    if (seconds === null) return;
    const after = pause(seconds, document.hidden, this.failures);
    this.timer = window.setTimeout(() => void this.now(), after * 1000);
  }
}
