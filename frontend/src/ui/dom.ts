// Elements without markup: every string becomes a text node, so that no name can become an element.

type Child = Node | string | number | null | undefined | false;
type Props = {
  class?: string;
  on?: { [event: string]: (event: Event) => void };
  style?: { [name: string]: string };
  [attribute: string]: unknown;
};

function apply(element: Element, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, run] of Object.entries(props.on!)) element.addEventListener(event, run);
    } else if (name === "style") {
      for (const [k, v] of Object.entries(props.style!)) (element as HTMLElement).style.setProperty(k, v);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

function nodes(children: Child[]): (Node | string)[] {
  return children
    .filter((c) => c !== null && c !== undefined && c !== false)
    .map((c) => (typeof c === "number" ? String(c) : (c as Node | string)));
}

/** Make an HTML element; string children are text. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  apply(element, props);
  element.append(...nodes(children));
  return element;
}

/** Make an SVG element. */
export function svg(tag: string, props: Props = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  apply(element, props);
  element.append(...nodes(children));
  return element;
}

/** Replace what an element holds. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...nodes(children));
}

/** Replace only those children that changed, so that a live page takes no focus and no selection away. */
export function renew(element: Element, ...children: Child[]): void {
  const fresh = nodes(children).map((c) => (typeof c === "string" ? document.createTextNode(c) : c));
  const old = [...element.childNodes];
  if (old.length !== fresh.length) element.replaceChildren(...fresh);
  else for (const [i, node] of fresh.entries()) if (!old[i]!.isEqualNode(node)) old[i]!.replaceWith(node);
}

/** Set text only where it changed, so that a live page does not disturb a selection. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A link where the address is http(s), else plain text. */
export function maybeLink(text: string): Node {
  if (!/^https?:\/\/[^\s]+$/i.test(text)) return document.createTextNode(text);
  return h("a", { href: text, rel: "noreferrer noopener", target: "_blank" }, text);
}

/** Let rapid calls end in one, `ms` after the last. */
export function debounce(run: () => void, ms: number): () => void {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(run, ms);
  };
}

/** Let calls within a frame end in one, before the next paint. */
export function perFrame(run: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      run();
    });
  };
}
