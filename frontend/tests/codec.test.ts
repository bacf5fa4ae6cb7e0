import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { inflate, published, unpack } from "../src/data/codec.ts";

const head = (key: string, points: number, width: number) => ({
  key,
  index: 0,
  count: points * width,
  width,
  points,
  detail: width > 1,
});
const doubles = (...x: number[]) => Buffer.from(Float64Array.from(x).buffer);
const floats = (...x: number[]) => Buffer.from(Float32Array.from(x).buffer);

test("exact and bucketed series come out of one file as they went in", async () => {
  // An odd number of floats puts what follows off the grid of eight bytes.
  const packed = Buffer.concat([
    doubles(0, 4, 8),
    doubles(10, 20, 30),
    floats(1, 2, 3),
    floats(0.5, 1.5, 2.5),
    floats(1.5, 2.5, 3.5),
    doubles(7),
    doubles(70),
    doubles(Number.NaN),
  ]);
  const buffer = await inflate(deflateRawSync(packed).toString("base64"));
  const [wide, exact] = unpack(buffer, [head("a", 3, 4), head("b", 1, 1)]);
  assert.deepEqual([...wide!.step, ...wide!.time], [0, 4, 8, 10, 20, 30]);
  assert.deepEqual(
    [[...wide!.value], [...wide!.min!], [...wide!.max!]],
    [
      [1, 2, 3],
      [0.5, 1.5, 2.5],
      [1.5, 2.5, 3.5],
    ],
  );
  assert.deepEqual([exact!.step[0], exact!.time[0], exact!.value[0], exact!.min], [7, 70, Number.NaN, null]);
  assert.ok("mean" in published(wide!) && !("value" in published(wide!)));
  assert.ok("value" in published(exact!) && !("mean" in published(exact!)));
});

test("a file that was cut short is refused", () => {
  assert.throws(() => unpack(new ArrayBuffer(23), [head("a", 1, 1)]), RangeError);
});
