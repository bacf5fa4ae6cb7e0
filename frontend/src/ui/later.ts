// Scripts that a page loads only when something on it first needs them.
import { DataError } from "../data/intake.ts";

/** The page's own script; null in a page that is one file, which holds all scripts. */
const own = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : "";
const asked = new Map<string, Promise<unknown>>();

/** What the script `<name>.js` beside the page's own exports. Rejects with DataError where it cannot be had. */
export function loadLater(name: string): Promise<unknown> {
  let found = asked.get(name);
  if (!found) {
    found = load(name);
    found.catch(() => asked.delete(name)); // It may be there at the next look.
    asked.set(name, found);
  }
  return found;
}

async function load(name: string): Promise<unknown> {
  const there = () => window.runhooks.later?.[name]?.default;
  if (there()) return there();
  const script = document.createElement("script");
  script.src = new URL(`${name}.js`, own || location.href).href;
  await new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = () => reject(new DataError(`${name}.js`, "is missing"));
    document.head.append(script);
  });
  script.remove();
  if (!there()) throw new DataError(`${name}.js`, "cannot be read");
  return there();
}
