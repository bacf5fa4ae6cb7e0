// Printing: a sheet of paper is light and does not scroll, so what scripts draw is drawn anew for it.

type Task = (printing: boolean) => void;

const tasks = new Set<Task>();
let printing = false;

function turn(now: boolean): void {
  if (now === printing) return;
  printing = now;
  for (const run of tasks) run(now);
}

addEventListener("beforeprint", () => turn(true));
addEventListener("afterprint", () => turn(false));

/** Call `run` before the page is printed, and after. */
export function onPaper(run: Task): void {
  tasks.add(run);
}

/** Whether the page is being printed. */
export function isPrinting(): boolean {
  return printing;
}

/** Pixels of a canvas in one of the page: paper is finer than most screens. */
export function sharpness(): number {
  return Math.max(devicePixelRatio || 1, printing ? 2 : 1);
}
