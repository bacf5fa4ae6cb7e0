// One crosshair through all charts of a page.

export interface Follower {
  /** Show the crosshair at `x` on the x axis, or nowhere; `own` on the chart that the reader points at. */
  cross(x: number | null, own: boolean): void;
}

export class Crosshair {
  private readonly followers = new Set<Follower>();
  private waiting = false;
  private x: number | null = null;
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
    follower.cross(this.x, follower === this.from);
  }

  /** Where it is; null while nobody points at a chart. */
  get at(): number | null {
    return this.x;
  }

  move(x: number | null, from: Follower): void {
    // A chart that is left after another was entered must not take the crosshair from it.
    if (x === null && this.from !== from) return;
    if (x === this.x && from === this.from) return;
    this.x = x;
    this.from = from;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      for (const follower of this.followers) follower.cross(this.x, follower === this.from);
    });
  }
}
