// What is in a file, as far as a page that may not read files can show it.
import { load } from "../data/intake.ts";
import { count } from "../format.ts";
import { fileOf, noFile } from "../media/data.ts";
import { broken } from "../media/kind.ts";
import { fill, h } from "../ui/dom.ts";
import { type File, parseCsv } from "./tree.ts";

const MOST_ROWS = 500;
const PICTURES = /\.(png|jpe?g|gif|webp|avif|bmp|svg|ico)$/i;
const FILMS = /\.(mp4|webm|ogv)$/i;
const SOUND = /\.(wav|mp3|ogg|flac|m4a)$/i;

function shownCsv(text: string, comma: string): HTMLElement {
  const [head = [], ...rows] = parseCsv(text, comma, MOST_ROWS);
  return h(
    "div",
    { class: "file-scroll", tabindex: "0" },
    h(
      "table",
      { class: "file-table" },
      h("thead", {}, h("tr", {}, ...head.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell) => h("td", {}, cell))))),
    ),
  );
}

function shownText(file: File, text: string, cut: boolean): HTMLElement {
  if (/\.[ct]sv$/i.test(file.path)) return shownCsv(text, /\.tsv$/i.test(file.path) ? "\t" : ",");
  let shown = text;
  if (/\.(json|ipynb)$/i.test(file.path) && !cut) {
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      // No JSON: as it is written.
    }
  }
  return h("pre", { class: "file-scroll file-text", tabindex: "0" }, shown);
}

/** The beginning of a text, from its data file. */
function preview(file: File): HTMLElement {
  const place = h("div", { class: "file-preview" });
  load("preview", `data/preview-${file.preview}.js`, `${file.size}-${file.time}`)
    .then(({ text, cut }) => {
      const note = cut && h("p", { class: "dim" }, "The beginning; the whole file is behind the link.");
      fill(place, note, shownText(file, text, cut));
    })
    .catch((error: unknown) => fill(place, broken(error instanceof Error ? error.message : String(error))));
  return place;
}

/** What a file holds; files that browsers do not show have their size and a link. */
export function shownFile(file: File): HTMLElement {
  const source = fileOf(file.path);
  if (!source) return file.preview === null ? broken(noFile()) : preview(file);
  const missing = () => fill(whole, broken(`${file.path} is missing or cannot be shown.`));
  let whole: HTMLElement;
  if (PICTURES.test(file.path)) {
    const picture = h("img", { src: source, alt: file.path, class: "file-picture" });
    picture.addEventListener("error", missing);
    whole = h("div", { class: "file-preview" }, picture);
  } else if (FILMS.test(file.path) || SOUND.test(file.path)) {
    const player = h(FILMS.test(file.path) ? "video" : "audio", {
      src: source,
      controls: true,
      preload: "metadata",
      class: "player",
    });
    player.addEventListener("error", missing);
    whole = h("div", { class: "file-preview" }, player);
  } else if (/\.pdf$/i.test(file.path)) {
    whole = h("iframe", { src: source, class: "frame file-pdf", title: file.path });
  } else if (file.preview !== null) {
    whole = preview(file);
  } else {
    whole = h("p", { class: "empty" }, `${count(file.size)} bytes that this page cannot show.`);
  }
  return whole;
}
