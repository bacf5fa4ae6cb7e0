// A running run's page keeps itself up to date from a file of a few hundred bytes.
import { load, singleSince } from "../data/intake.ts";
import { Poll } from "../data/poll.ts";
import type { LivePayload, RunPayload } from "../types.ts";
import { askServer, now } from "../ui/times.ts";
import type { RunData } from "./data.ts";

export class Live {
  constructor(
    private readonly data: RunData,
    private readonly changed: () => void,
  ) {
    if (data.run.state !== "running" || singleSince() !== null) return;
    const poll = new Poll(
      () => this.look(),
      () => (data.run.state === "running" ? data.run.poll_s : null),
    );
    void poll.now();
    void askServer().then((differs) => differs && this.changed());
  }

  /** Where this fails, the header's stale heartbeat tells the reader. */
  private async look(): Promise<void> {
    const live = await load("live", "data/live.js", now());
    this.data.live = live;
    if (live.revision === this.data.run.revision) this.pulse(live);
    else await this.reload();
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
