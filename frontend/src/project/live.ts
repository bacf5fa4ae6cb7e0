// A project's page keeps itself up to date from a file of a few hundred bytes.
import { load } from "../data/intake.ts";
import { Poll } from "../data/poll.ts";
import type { ProjectPayload, PulsePayload } from "../types.ts";
import { now } from "../ui/times.ts";
import { type Row, renewed, rowsOf, stale } from "./rows.ts";

/** So many times as rarely where no run goes on. */
const REST = 4;

interface Table {
  readonly payload: ProjectPayload;
  readonly rows: readonly Row[];
}

export class ProjectLive {
  private seen: Pick<PulsePayload, "settled" | "running">;
  private pollS = 30;

  /** `take` gets the table whenever it is another one. */
  constructor(
    private table: Table,
    private readonly take: (table: Table) => void,
  ) {
    this.seen = table.payload;
    const poll = new Poll(
      () => this.look(),
      () => this.pollS * (this.table.rows.some((row) => row.state === "running") ? 1 : REST),
    );
    void poll.now();
  }

  private async look(): Promise<void> {
    try {
      const pulse = await load("pulse", "data/pulse.js", now());
      this.pollS = pulse.poll_s;
      const { settled, running } = this.seen;
      if (pulse.settled !== settled) await this.all();
      else if (pulse.running !== running) await this.some(pulse.running);
      // What was loaded may be newer than the pulse, or older where recorders write at once: each is followed once.
      this.seen = pulse;
    } finally {
      // Also out of reach of the store: running runs turn to crashed by their heartbeat.
      const rows = stale(this.table.rows);
      if (rows) this.show({ ...this.table, rows });
    }
  }

  private async all(): Promise<void> {
    const payload = await load("project", "data/project.js", now());
    if (payload.revision !== this.table.payload.revision) this.show({ payload, rows: await rowsOf(payload) });
  }

  private async some(stamp: string): Promise<void> {
    const rows = renewed(this.table.rows, await rowsOf(await load("running", "data/running.js", stamp)));
    this.show({ ...this.table, rows });
  }

  private show(table: Table): void {
    this.table = table;
    this.take(table);
  }
}
