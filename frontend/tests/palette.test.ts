import assert from "node:assert/strict";
import { test } from "node:test";
import { DARK, LIGHT } from "../src/charts/palette.ts";

type Colour = readonly [number, number, number];

// Severe protanopia, deuteranopia and tritanopia in linear RGB (Machado, Oliveira and Fernandes, 2009).
const EYES: readonly (readonly Colour[])[] = [
  [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
];

function linear(hex: string): Colour {
  const part = (i: number) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

const dot = (a: Colour, b: Colour) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

function seen(colour: Colour, eye: readonly Colour[]): Colour {
  const clip = (x: number) => Math.min(1, Math.max(0, x));
  return [clip(dot(eye[0]!, colour)), clip(dot(eye[1]!, colour)), clip(dot(eye[2]!, colour))];
}

function oklab(c: Colour): Colour {
  const l = Math.cbrt(dot([0.4122214708, 0.5363325363, 0.0514459929], c));
  const m = Math.cbrt(dot([0.2119034982, 0.6806995451, 0.1073969566], c));
  const s = Math.cbrt(dot([0.0883024619, 0.2817188376, 0.6299787005], c));
  const lms: Colour = [l, m, s];
  return [
    dot([0.2104542553, 0.793617785, -0.0040720468], lms),
    dot([1.9779984951, -2.428592205, 0.4505937099], lms),
    dot([0.0259040371, 0.7827717662, -0.808675766], lms),
  ];
}

function contrast(a: string, b: string): number {
  const light = (hex: string) => dot([0.2126, 0.7152, 0.0722], linear(hex)) + 0.05;
  return Math.max(light(a) / light(b), light(b) / light(a));
}

for (const [name, palette, background] of [
  ["light", LIGHT, "#ffffff"],
  ["dark", DARK, "#16191f"],
] as const) {
  test(`any two ${name} colours differ for every reader`, () => {
    for (const eye of EYES) {
      const colours = palette.map((hex) => oklab(seen(linear(hex), eye)));
      for (const [i, a] of colours.entries()) {
        for (const b of colours.slice(i + 1)) {
          const apart = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
          assert.ok(apart > 0.075, `${palette[i]} ${apart}`);
        }
      }
    }
  });

  test(`${name} lines stand out from what is behind them`, () => {
    for (const hex of palette)
      assert.ok(contrast(hex, background) >= 2.95, `${hex} ${contrast(hex, background)}`);
  });
}
