// A point cloud or a mesh on a canvas: drag turns it, the wheel and + and - bring it nearer.
import { colours } from "../../charts/colours.ts";
import { inflate } from "../../data/codec.ts";
import { count } from "../../format.ts";
import type { ContentPayload, MediaItem } from "../../types.ts";
import { fill, h, perFrame } from "../../ui/dom.ts";
import { fileOf, loadContent, textOf } from "../data.ts";
import { broken } from "../kind.ts";

const [NEAREST, FARTHEST] = [8, 0.3];
const SQUARE = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;
/** Direction of the light, of length 1: from the left, from above (y grows downwards), from the reader. */
const LAMP = [-0.36, -0.48, 0.8] as const;

class Body {
  readonly canvas = h("canvas", { class: "cloud", tabindex: "0", role: "img" });
  private readonly corners: Uint32Array;
  private readonly xyz: Int16Array;
  private readonly rgb: Uint8Array | null;
  private turn = 0.6;
  private tilt = 0.35;
  private near = 1;
  private readonly draw = perFrame(() => this.paint());

  constructor(payload: ContentPayload, buffer: ArrayBuffer) {
    const [n, m] = [payload.points ?? 0, payload.triangles ?? 0];
    this.corners = new Uint32Array(buffer, 0, m * 3);
    this.xyz = new Int16Array(buffer, m * 12, n * 3);
    this.rgb = payload.coloured ? new Uint8Array(buffer, m * 12 + n * 6, n * 3) : null;
    const what = m ? `Mesh of ${count(m)} triangles` : `Point cloud of ${count(n)} points`;
    this.canvas.setAttribute("aria-label", `${what}. Arrow keys turn it.`);
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

  private paint(): void {
    const { canvas, corners } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height) return;
    [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d")!;
    const picture = pen.createImageData(width, height);
    const plain = pixelOf(colours().line(0));
    const raster = new Raster(width, height, new Uint32Array(picture.data.buffer));
    const seen = this.project(width, height);
    const colour = (i: number) =>
      this.rgb ? pixel(this.rgb[i]!, this.rgb[i + 1]!, this.rgb[i + 2]!) : plain;
    for (let t = 0; t < corners.length; t += 3) {
      const [a, b, c] = [corners[t]! * 3, corners[t + 1]! * 3, corners[t + 2]! * 3];
      raster.triangle(seen, a, b, c, colour(a));
    }
    if (!corners.length) for (let i = 0; i < seen.length; i += 3) raster.dot(seen, i, colour(i));
    pen.putImageData(picture, 0, 0);
  }

  /** Where each point is on the canvas: pixels from the left, from the top, and towards the reader. */
  private project(width: number, height: number): Float32Array {
    const { xyz } = this;
    const seen = new Float32Array(xyz.length);
    const [ct, st] = [Math.cos(this.turn), Math.sin(this.turn)];
    const [cp, sp] = [Math.cos(this.tilt), Math.sin(this.tilt)];
    const scale = (Math.min(width, height) * 0.34 * this.near) / 32768;
    for (let i = 0; i < xyz.length; i += 3) {
      const [x, y, z] = [xyz[i]!, xyz[i + 1]!, xyz[i + 2]!];
      const along = x * st + y * ct;
      seen[i] = width / 2 + (x * ct - y * st) * scale;
      seen[i + 1] = height / 2 - (z * cp + along * sp) * scale;
      seen[i + 2] = (z * sp - along * cp) * scale;
    }
    return seen;
  }
}

/** Pixels of which each shows what is nearest. */
class Raster {
  private readonly depth: Float32Array;

  constructor(
    private readonly width: number,
    private readonly height: number,
    private readonly pixels: Uint32Array,
  ) {
    this.depth = new Float32Array(width * height).fill(Number.NEGATIVE_INFINITY);
  }

  private put(x: number, y: number, near: number, colour: number): void {
    const at = y * this.width + x;
    if (this.depth[at]! > near) return;
    this.depth[at] = near;
    this.pixels[at] = colour;
  }

  /** A square of two pixels. */
  dot(seen: Float32Array, i: number, colour: number): void {
    const [x, y] = [Math.round(seen[i]!), Math.round(seen[i + 1]!)];
    if (x < 1 || y < 1 || x >= this.width || y >= this.height) return;
    for (const [left, up] of SQUARE) this.put(x - left, y - up, seen[i + 2]!, colour);
  }

  /** A flat triangle, as light as it faces a lamp over the reader's left shoulder; both sides are shown. */
  triangle(seen: Float32Array, a: number, b: number, c: number, colour: number): void {
    const [ax, ay, az] = [seen[a]!, seen[a + 1]!, seen[a + 2]!];
    const [ux, uy, uz] = [seen[b]! - ax, seen[b + 1]! - ay, seen[b + 2]! - az];
    const [vx, vy, vz] = [seen[c]! - ax, seen[c + 1]! - ay, seen[c + 2]! - az];
    const [nx, ny, nz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    if (nz === 0) return; // On edge.
    const facing = Math.sign(nz) * (nx * LAMP[0] + ny * LAMP[1] + nz * LAMP[2]);
    const lit = shaded(colour, 0.35 + (0.65 * Math.max(0, facing)) / Math.hypot(nx, ny, nz));
    const [left, right] = [Math.min(0, ux, vx), Math.max(0, ux, vx)];
    const [top, bottom] = [Math.min(0, uy, vy), Math.max(0, uy, vy)];
    const [fromX, toX] = [
      Math.max(0, Math.ceil(ax + left)),
      Math.min(this.width - 1, Math.floor(ax + right)),
    ];
    const [fromY, toY] = [
      Math.max(0, Math.ceil(ay + top)),
      Math.min(this.height - 1, Math.floor(ay + bottom)),
    ];
    for (let y = fromY; y <= toY; y += 1) {
      for (let x = fromX; x <= toX; x += 1) {
        const [px, py] = [x - ax, y - ay];
        const [s, t] = [(px * vy - py * vx) / nz, (ux * py - uy * px) / nz];
        if (s >= 0 && t >= 0 && s + t <= 1) this.put(x, y, az + s * uz + t * vz, lit);
      }
    }
  }
}

function pixel(red: number, green: number, blue: number): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function shaded(colour: number, light: number): number {
  return pixel((colour & 255) * light, ((colour >> 8) & 255) * light, ((colour >> 16) & 255) * light);
}

/** `#rrggbb` as a pixel. */
function pixelOf(hex: string): number {
  const n = Number.parseInt(hex.slice(1), 16);
  return pixel(n >> 16, (n >> 8) & 255, n & 255);
}

export function points(item: MediaItem): HTMLElement {
  const place = h("div", { class: "cloud-place" });
  const file = fileOf(item.path);
  const link =
    file && h("a", { href: file, download: true, class: "dim" }, textOf(item, "path").split("/").at(-1));
  const open = async () => {
    const payload = await loadContent(item);
    const body = new Body(payload, await inflate(payload.z));
    const { points: n = 0, triangles = 0, note } = payload;
    const shown = triangles ? `${count(triangles)} triangles` : `${count(n)} points shown`;
    fill(
      place,
      body.canvas,
      h("div", { class: "dim" }, [shown, note, ""].filter((s) => s !== undefined).join(" · "), link),
    );
  };
  open().catch((error: unknown) => {
    fill(place, broken(error instanceof Error ? error.message : String(error)), link);
  });
  return place;
}
