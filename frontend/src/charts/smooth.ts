// Smoothing of a drawn line. Non-finite points are left out of every mean and stay where they are.

export type Smoothing =
  | { readonly kind: "none" }
  | { readonly kind: "ema"; readonly weight: number }
  | { readonly kind: "mean"; readonly window: number }
  | { readonly kind: "gaussian"; readonly sigma: number };

export const NO_SMOOTHING: Smoothing = { kind: "none" };

/** Exponential moving average without the pull of its start (weights of the past sum to one). */
export function ema(y: Float64Array, weight: number): Float64Array {
  const out = new Float64Array(y.length);
  let sum = 0;
  let mass = 0;
  for (let i = 0; i < y.length; i++) {
    const v = y[i]!;
    if (!Number.isFinite(v)) {
      out[i] = v;
      continue;
    }
    sum = sum * weight + v * (1 - weight);
    mass = mass * weight + (1 - weight);
    out[i] = sum / mass;
  }
  return out;
}

/** Mean of the `window` points around each one; fewer at the ends. */
export function runningMean(y: Float64Array, window: number): Float64Array {
  const half = Math.floor(window / 2);
  const sums = new Float64Array(y.length + 1);
  const counts = new Int32Array(y.length + 1);
  for (let i = 0; i < y.length; i++) {
    const finite = Number.isFinite(y[i]);
    sums[i + 1] = sums[i]! + (finite ? y[i]! : 0);
    counts[i + 1] = counts[i]! + (finite ? 1 : 0);
  }
  return y.map((v, i) => {
    if (!Number.isFinite(v)) return v;
    const from = Math.max(0, i - half);
    const to = Math.min(y.length, i + half + 1);
    return (sums[to]! - sums[from]!) / (counts[to]! - counts[from]!);
  });
}

/** Gaussian-weighted mean; `sigma` in points. */
export function gaussian(y: Float64Array, sigma: number): Float64Array {
  const reach = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: reach + 1 }, (_, d) => Math.exp((-d * d) / (2 * sigma * sigma)));
  return y.map((v, i) => {
    if (!Number.isFinite(v)) return v;
    let sum = 0;
    let mass = 0;
    for (let j = Math.max(0, i - reach); j <= Math.min(y.length - 1, i + reach); j++) {
      const at = y[j]!;
      if (!Number.isFinite(at)) continue;
      const k = kernel[Math.abs(i - j)]!;
      sum += k * at;
      mass += k;
    }
    return sum / mass;
  });
}

/** The smoothed line, or `y` itself where there is nothing to smooth. */
export function smooth(y: Float64Array, by: Smoothing): Float64Array {
  if (by.kind === "ema") return by.weight > 0 ? ema(y, by.weight) : y;
  if (by.kind === "mean") return by.window > 1 ? runningMean(y, by.window) : y;
  if (by.kind === "gaussian") return by.sigma > 0 ? gaussian(y, by.sigma) : y;
  return y;
}

/** From the address (`ema:0.6`, `mean:11`, `gaussian:4`); anything else is none. */
export function parseSmoothing(text: string): Smoothing {
  const [kind = "", amount = ""] = text.split(":");
  const x = Number(amount);
  if (!amount || !Number.isFinite(x) || x <= 0) return NO_SMOOTHING;
  if (kind === "ema") return { kind, weight: Math.min(x, 0.999) };
  if (kind === "mean") return { kind, window: Math.min(Math.round(x), 1001) };
  if (kind === "gaussian") return { kind, sigma: Math.min(x, 200) };
  return NO_SMOOTHING;
}

/** The reverse of {@link parseSmoothing}. */
export function formatSmoothing(by: Smoothing): string {
  if (by.kind === "ema") return `ema:${by.weight}`;
  if (by.kind === "mean") return `mean:${by.window}`;
  if (by.kind === "gaussian") return `gaussian:${by.sigma}`;
  return "";
}
