// A running run's page keeps itself up to date from a file of a few hundred bytes.
import { load, singleSince } from "../data/intake.ts";
import type { LivePayload, RunPayload } from "../types.ts";
import { askServer, now } from "../ui/times.ts";
import type { RunData } from "./data.ts";

const HIDDEN_FACTOR = 12;
const LONGEST_S = 120;

/** Seconds until the next look: rarer in a hidden tab, and rarer after each failure in a row. */
export function pause(pollS: number, hidden: boolean, failures: number): number {
  return Math.min(LONGEST_S, pollS * (hidden ? HIDDEN_FACTOR : 1) * 2 ** Math.min(failures, 5));
}

export class Live {
  private failures = 0;
  private timer = 0;

  constructor(
    private readonly data: RunData,
    private readonly changed: () => void,
  ) {
    if (data.run.state !== "running" || singleSince() !== null) return;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.look();
    });
    void this.look();
    void askServer().then((differs) => differs && this.changed());
  }

  private plan(): void {
    clearTimeout(this.timer);
    if (this.data.run.state !== "running") return;
    const seconds = pause(this.data.run.poll_s, document.hidden, this.failures);
    this.timer = window.setTimeout(() => void this.look(), seconds * 1000);
  }

  private async look(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const live = await load("live", "data/live.js", now());
      this.data.live = live;
      if (live.revision === this.data.run.revision) this.pulse(live);
      else await this.reload();
      this.failures = 0;
    } catch {
      // The store is out of reach; the header's stale heartbeat tells the reader.
      this.failures += 1;
    }
    this.plan();
  }

  /** Only the sign of life is new. */
  private pulse(live: LivePayload): void {
    const { state, heartbeat, last_step, last_log_at, ended_at } = live;
    this.data.run = { ...this.data.run, state, heartbeat, last_step, last_log_at, ended_at };
    this.changed();
  }

  private async reload(): Promise<void> {
    const run: RunPayload = await load("run", "data/run.js", now());
    this.data.renew(run);
    this.changed();
  }
}
