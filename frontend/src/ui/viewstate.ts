// What the reader chose, kept in the address, so that a link shows the same view.

/** Read `#a=1&b=2`; later words win. */
export function parseHash(hash: string): Map<string, string> {
  return new Map(new URLSearchParams(hash.replace(/^#/, "")));
}

/** Write the view back; words in order, empty ones left out. */
export function formatHash(values: ReadonlyMap<string, string>): string {
  const kept = [...values].filter(([, v]) => v !== "").sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return new URLSearchParams(kept).toString().replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/");
}

/** Names in one word of the address; commas and percent signs within a name are escaped. */
export function joinNames(names: Iterable<string>): string {
  return [...names].map((n) => n.replace(/%/g, "%25").replace(/,/g, "%2C")).join(",");
}

/** The reverse of {@link joinNames}. */
export function splitNames(text: string | undefined): string[] {
  if (!text) return [];
  return text.split(",").map((n) => n.replace(/%2C/g, ",").replace(/%25/g, "%"));
}

type Listener = (changed: ReadonlySet<string>) => void;

/** What the reader chose of a page, or of a part of it. */
export interface View {
  get(name: string): string;
  /** Set words at once; an empty text removes a word. */
  set(changes: { [name: string]: string }): void;
  listen(run: Listener): void;
}

/** A part of a page with words of its own: in the address each has a prefix. */
export class PartView implements View {
  /** `defaults` are what an absent word means. */
  constructor(
    private readonly whole: View,
    private readonly prefix: string,
    private readonly defaults: { readonly [name: string]: string } = {},
  ) {}

  get(name: string): string {
    return this.whole.get(this.prefix + name) || (this.defaults[name] ?? "");
  }

  set(changes: { [name: string]: string }): void {
    const named = Object.entries(changes).map(([name, value]) => {
      return [this.prefix + name, value === this.defaults[name] ? "" : value];
    });
    this.whole.set(Object.fromEntries(named));
  }

  listen(run: Listener): void {
    this.whole.listen((changed) => {
      const own = [...changed].filter((name) => name.startsWith(this.prefix));
      if (own.length) run(new Set(own.map((name) => name.slice(this.prefix.length))));
    });
  }
}

/** The view of one page. Setting a word updates the address and tells the listeners. */
export class ViewState implements View {
  private values: Map<string, string>;
  private readonly listeners = new Set<Listener>();

  constructor(hash: string) {
    this.values = parseHash(hash);
  }

  get(name: string): string {
    return this.values.get(name) ?? "";
  }

  /** Set words at once; an empty text removes a word. */
  set(changes: { [name: string]: string }): void {
    const changed = Object.entries(changes).filter(([name, value]) => this.get(name) !== value);
    if (!changed.length) return;
    for (const [name, value] of changed) this.values.set(name, value);
    const hash = formatHash(this.values);
    history.replaceState(null, "", hash ? `#${hash}` : `${location.pathname}${location.search}`);
    this.tell(new Set(changed.map(([name]) => name)));
  }

  listen(run: Listener): void {
    this.listeners.add(run);
  }

  /** Follow the address when the reader edits it or goes back. */
  follow(): void {
    addEventListener("hashchange", () => {
      const before = this.values;
      this.values = parseHash(location.hash);
      const names = new Set([...before.keys(), ...this.values.keys()]);
      const changed = [...names].filter((n) => (before.get(n) ?? "") !== this.get(n));
      if (changed.length) this.tell(new Set(changed));
    });
  }

  private tell(changed: ReadonlySet<string>): void {
    for (const run of this.listeners) run(changed);
  }
}
