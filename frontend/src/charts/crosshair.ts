// One crosshair through all charts of a page.
import type { XAxis } from "./axis.ts";

/** Where the reader points. */
export interface Place {
  readonly axis: XAxis;
  readonly x: number;
  /** The step there: charts along another axis meet it by that. */
  readonly step: number;
}

export interface Follower {
  /** Show the crosshair at a place, or nowhere; `own` on the chart that the reader points at. */
  cross(place: Place | null, own: boolean): void;
}

export class Crosshair {
  private readonly followers = new Set<Follower>();
  private waiting = false;
  private place: Place | null = null;
  private from: Follower | null = null;

  add(follower: Follower): void {
    this.followers.add(follower);
  }

  remove(follower: Follower): void {
    this.followers.delete(follower);
    if (this.from === follower) this.move(null, follower);
  }

  /** Tell one follower again where it is: it has drawn something else. */
  repeat(follower: Follower): void {
    follower.cross(this.place, follower === this.from);
  }

  /** Where it is; null while nobody points at a chart. */
  get at(): Place | null {
    return this.place;
  }

  move(place: Place | null, from: Follower): void {
    // A chart that is left after another was entered must not take the crosshair from it.
    if (place === null && this.from !== from) return;
    if (place?.x === this.place?.x && from === this.from) return;
    this.place = place;
    this.from = from;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      for (const follower of this.followers) follower.cross(this.place, follower === this.from);
    });
  }
}
