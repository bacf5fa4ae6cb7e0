// How data reaches a page: classic scripts that call `runhooks.put(kind, payload)`, because
// file:// pages may neither fetch nor import.
import type { Kind, Payloads } from "../types.ts";
import { fits } from "./shapes.ts";

type Receiver = (kind: string, payload: unknown) => void;

const early = new Map<string, unknown[]>();
const expected = new WeakMap<Element, Receiver>();

function parsed(payload: unknown): unknown {
  // The text of a payload that is text, in a page that is one file, is text again.
  return typeof payload === "string" ? parsed(JSON.parse(payload)) : payload;
}

/** What a data file calls. A payload given as text is JSON: a key named `__proto__` survives only so. */
export function put(kind: string, payload: unknown): void {
  const data = parsed(payload);
  const script = document.currentScript;
  const receive = script ? expected.get(script) : undefined;
  if (receive) receive(kind, data);
  else early.set(kind, [...(early.get(kind) ?? []), data]);
}

/** The payloads of the scripts that the page itself names; none that cannot be read. */
export function initial<K extends Kind>(kind: K): Payloads[K][] {
  return (early.get(kind) ?? []).filter((payload) => fits(kind, payload)) as Payloads[K][];
}

/** The data file could not be had, or holds something else. */
export class DataError extends Error {
  constructor(
    readonly file: string,
    why: string,
  ) {
    super(`${file} ${why}`);
    this.name = "DataError";
  }
}

/** When the data of this page were true, where it is one file (microseconds); null where its files lie beside it. */
export function singleSince(): number | null {
  const since = document.body.dataset.single;
  return since === undefined ? null : Number(since);
}

/** The element of a page in one file that holds a data file. */
function embedded(file: string): HTMLElement | null {
  return document.querySelector(`script[data-file="${CSS.escape(file)}"]`);
}

/** Take in the data files that a page in one file loads first. */
export function takeEmbedded(): void {
  for (const element of document.querySelectorAll<HTMLElement>("script[data-first]")) {
    put(element.dataset.kind ?? "", element.textContent ?? "");
  }
}

function fromEmbedded(kind: Kind, file: string): unknown {
  const element = embedded(file);
  if (!element) throw new DataError(file, "is not in this file");
  const data = element.dataset.kind === kind ? parsed(element.textContent ?? "") : null;
  if (!fits(kind, data)) throw new DataError(file, "cannot be read");
  return data;
}

/** A file that a page in one file holds, as an address; null where it does not hold it. */
export function inlined(file: string): string | null {
  const element = embedded(file);
  return element && (JSON.parse(element.textContent ?? "") as { readonly address: string }).address;
}

/**
 * Load a data file by a script tag, or from the page where it is one file.
 *
 * `stamp` goes into the address, so that a changed file is not taken from a cache. Rejects with
 * {@link DataError} when the file is absent, cut short, of another kind, or lacks what its kind needs.
 */
export function load<K extends Kind>(kind: K, file: string, stamp: string | number): Promise<Payloads[K]> {
  if (singleSince() !== null) return Promise.resolve().then(() => fromEmbedded(kind, file) as Payloads[K]);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    let got: { kind: string; data: unknown } | undefined;
    expected.set(script, (k, data) => {
      got = { kind: k, data };
    });
    const end = (error?: DataError) => {
      script.remove();
      if (error) reject(error);
      else resolve(got?.data as Payloads[K]);
    };
    script.onerror = () => end(new DataError(file, "is missing"));
    script.onload = () => {
      const good = got?.kind === kind && fits(kind, got.data);
      end(good ? undefined : new DataError(file, "cannot be read"));
    };
    script.src = `${file}?t=${encodeURIComponent(stamp)}`;
    document.head.append(script);
  });
}
