// A drawn chart as a picture of its own: title above, the canvas as it is, a legend below.
import { saveFile } from "../ui/save.ts";
import { colours, dashOf } from "./colours.ts";
import { type LegendEntry, legendRows, type Placed } from "./legendrows.ts";

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const HEAD = 32;
const ROW = 18;
const EDGE = 12;
const SAMPLE = 18;
/** Entries in a legend at most; the picture says how many more there are. */
const MOST = 40;

/** Save a canvas with a title and a legend as `<name>.png`. */
export function saveChart(name: string, canvas: HTMLCanvasElement, legend: readonly LegendEntry[]): void {
  const ratio = canvas.width / Math.max(1, canvas.clientWidth);
  const picture = document.createElement("canvas");
  const pen = picture.getContext("2d");
  if (!pen || !canvas.width) return;
  pen.font = `12px ${FONT}`;
  const cut = (text: string, most: number) =>
    text.length > most ? `${text.slice(0, most - 1)}\u2026` : text;
  const named = legend.slice(0, MOST).map((entry) => ({ ...entry, label: cut(entry.label, 40) }));
  const placed = legendRows(named, canvas.width / ratio, (text) => pen.measureText(text).width);
  const rows = placed.length ? placed.at(-1)!.row + 1 : 0;
  picture.width = canvas.width;
  picture.height = canvas.height + Math.round((HEAD + (rows ? rows * ROW + EDGE : 0)) * ratio);
  pen.fillStyle = colours().panel;
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.drawImage(canvas, 0, Math.round(HEAD * ratio));
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.textBaseline = "middle";
  pen.fillStyle = colours().text;
  pen.font = `600 13px ${FONT}`;
  const more = legend.length > MOST ? ` (${legend.length - MOST} more runs are not named)` : "";
  pen.fillText(cut(name, 80) + more, EDGE, HEAD / 2 + 2);
  pen.font = `12px ${FONT}`;
  const foot = HEAD + canvas.height / ratio + ROW / 2;
  for (const entry of placed) drawEntry(pen, entry, foot + entry.row * ROW);
  picture.toBlob((content) => content && saveFile(`${name}.png`, content), "image/png");
}

function drawEntry(pen: CanvasRenderingContext2D, { label, slot, x }: Placed, y: number): void {
  pen.strokeStyle = colours().line(slot);
  pen.lineWidth = 2;
  pen.setLineDash(dashOf(slot));
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x + SAMPLE, y);
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = colours().text;
  pen.fillText(label, x + SAMPLE + 6, y);
}
