// A point cloud on a canvas: drag turns it, the wheel and + and - bring it nearer.
import { colours } from "../../charts/colours.ts";
import { inflate } from "../../data/codec.ts";
import { count } from "../../format.ts";
import type { ContentPayload, MediaItem } from "../../types.ts";
import { fill, h, perFrame } from "../../ui/dom.ts";
import { fileOf, loadContent, textOf } from "../data.ts";
import { broken } from "../kind.ts";

const [NEAREST, FARTHEST] = [8, 0.3];

class Cloud {
  readonly canvas = h("canvas", { class: "cloud", tabindex: "0", role: "img" });
  private readonly xyz: Int16Array;
  private readonly rgb: Uint8Array | null;
  private turn = 0.6;
  private tilt = 0.35;
  private near = 1;
  private readonly draw = perFrame(() => this.paint());

  constructor(payload: ContentPayload, buffer: ArrayBuffer) {
    const n = payload.points ?? 0;
    this.xyz = new Int16Array(buffer, 0, n * 3);
    this.rgb = payload.coloured ? new Uint8Array(buffer, n * 6, n * 3) : null;
    this.canvas.setAttribute("aria-label", `Point cloud of ${count(n)} points. Arrow keys turn it.`);
    this.canvas.addEventListener("pointermove", (event) => {
      if (!event.buttons) return;
      this.turn += event.movementX / 100;
      this.tilt = Math.max(-1.57, Math.min(1.57, this.tilt + event.movementY / 100));
      this.draw();
    });
    this.canvas.addEventListener("pointerdown", (event) => this.canvas.setPointerCapture(event.pointerId));
    this.canvas.addEventListener("wheel", (event) => {
      if (document.activeElement !== this.canvas) return; // Else the page could not be scrolled past it.
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1);
    });
    this.canvas.addEventListener("keydown", (event) => this.press(event));
    new ResizeObserver(this.draw).observe(this.canvas);
  }

  private zoom(by: number): void {
    this.near = Math.min(NEAREST, Math.max(FARTHEST, this.near * by));
    this.draw();
  }

  private press(event: KeyboardEvent): void {
    const turns = new Map([
      ["ArrowLeft", [-0.1, 0]],
      ["ArrowRight", [0.1, 0]],
      ["ArrowUp", [0, -0.1]],
      ["ArrowDown", [0, 0.1]],
    ]);
    const by = turns.get(event.key);
    if (event.key === "+" || event.key === "-") this.zoom(event.key === "+" ? 1.2 : 1 / 1.2);
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    this.turn += by[0]!;
    this.tilt = Math.max(-1.57, Math.min(1.57, this.tilt + by[1]!));
    this.draw();
  }

  /** Every point a dot of two pixels, the nearest in front. */
  private paint(): void {
    const { canvas, xyz, rgb } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height) return;
    [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d")!;
    const picture = pen.createImageData(width, height);
    const pixels = new Uint32Array(picture.data.buffer);
    const depth = new Float32Array(width * height).fill(-2);
    const plain = colourOf(colours().line(0));
    const [ct, st, cp, sp] = [
      Math.cos(this.turn),
      Math.sin(this.turn),
      Math.cos(this.tilt),
      Math.sin(this.tilt),
    ];
    const scale = (Math.min(width, height) * 0.62 * this.near) / 32768;
    for (let i = 0; i < xyz.length; i += 3) {
      const [x, y, z] = [xyz[i]!, xyz[i + 1]!, xyz[i + 2]!];
      const [across, along] = [x * ct - y * st, x * st + y * ct];
      const up = z * cp - along * sp;
      const near = (z * sp + along * cp) / -60000;
      const px = Math.round(width / 2 + across * scale);
      const py = Math.round(height / 2 - up * scale);
      if (px < 1 || py < 1 || px >= width || py >= height) continue;
      const colour = rgb ? (255 << 24) | (rgb[i + 2]! << 16) | (rgb[i + 1]! << 8) | rgb[i]! : plain;
      for (const at of [
        py * width + px,
        py * width + px - 1,
        (py - 1) * width + px,
        (py - 1) * width + px - 1,
      ]) {
        if (depth[at]! > near) continue;
        depth[at] = near;
        pixels[at] = colour;
      }
    }
    pen.putImageData(picture, 0, 0);
  }
}

/** `#rrggbb` as a pixel. */
function colourOf(hex: string): number {
  const n = Number.parseInt(hex.slice(1), 16);
  return (255 << 24) | ((n & 255) << 16) | (n & 0xff00) | (n >> 16);
}

export function points(item: MediaItem): HTMLElement {
  const place = h("div", { class: "cloud-place" });
  const file = fileOf(item.path);
  const link =
    file && h("a", { href: file, download: true, class: "dim" }, textOf(item, "path").split("/").at(-1));
  const open = async () => {
    const payload = await loadContent(item);
    const cloud = new Cloud(payload, await inflate(payload.z));
    const shown = `${count(payload.points ?? 0)} points shown · `;
    fill(place, cloud.canvas, h("div", { class: "dim" }, shown, link));
  };
  open().catch((error: unknown) => {
    fill(place, broken(error instanceof Error ? error.message : String(error)), link);
  });
  return place;
}
