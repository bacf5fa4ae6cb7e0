// Bundles the pages' sources: `npm run build -- --outdir X` writes a classic script and a style sheet for each
// kind of page, and `<page>-later.js` with what the page loads only when it is first needed.
import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const PAGES = ["run", "project", "root", "artifacts"];

/** `import tabs from "folder:./tabs"`: the default export of every module in the folder, so one file adds a tab. */
export const folders = {
  name: "folders",
  setup(bundle) {
    bundle.onResolve({ filter: /^folder:/ }, (args) => ({
      path: resolve(args.resolveDir, args.path.slice("folder:".length)),
      namespace: "folder",
    }));
    bundle.onLoad({ filter: /.*/, namespace: "folder" }, ({ path }) => {
      const files = readdirSync(path)
        .filter((name) => name.endsWith(".ts"))
        .sort();
      const imports = files.map((name, i) => `import m${i} from ${JSON.stringify(join(path, name))};`);
      const list = files.map((_, i) => `m${i}`).join(", ");
      return { contents: `${imports.join("\n")}\nexport default [${list}];`, resolveDir: path };
    });
  },
};

/** Takes the modules that the page's own script has from there: two copies would each keep their own state. */
function taken(shared) {
  return {
    name: "taken",
    setup(bundle) {
      bundle.onResolve({ filter: /^\.{1,2}\// }, (args) => {
        const path = relative(here, resolve(args.resolveDir, args.path));
        return shared.includes(path) ? { path, namespace: "taken" } : undefined;
      });
      bundle.onLoad({ filter: /.*/, namespace: "taken" }, ({ path }) => ({
        contents: `module.exports = runhooks.shared[${JSON.stringify(path)}];`,
      }));
    },
  };
}

const { values } = parseArgs({ options: { outdir: { type: "string" } } });
const outdir = resolve(values.outdir ?? join(here, "..", "runhooks", "site", "static"));
const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  legalComments: "inline",
  logLevel: "warning",
};
const script = { ...common, format: "iife", target: "es2022", charset: "utf8", plugins: [folders] };

/** A page's own script, which publishes the modules that `shared` names. */
function own(page, shared) {
  const lines = shared.map((path, i) => `import * as m${i} from "./${path}";`);
  const published = shared.map((path, i) => `${JSON.stringify(path)}: m${i}`);
  return {
    ...script,
    stdin: {
      resolveDir: here,
      contents: [
        ...lines,
        `import { start } from "./src/main.ts";`,
        `import { ${page}Page } from "./src/${page}/page.ts";`,
        `start(${page}Page);`,
        shared.length ? `runhooks.shared = {${published.join()}};` : "",
      ].join("\n"),
    },
    outfile: join(outdir, `${page}.js`),
  };
}

function later(page, shared) {
  return {
    ...script,
    plugins: [folders, taken(shared)],
    entryPoints: [`src/${page}/later.ts`],
    globalName: `runhooks.later["${page}-later"]`,
    outfile: join(outdir, `${page}-later.js`),
  };
}

async function inputs(options) {
  const { metafile } = await build({ ...options, metafile: true, write: false });
  return Object.keys(metafile.inputs).filter((path) => path.startsWith("src/"));
}

for (const page of PAGES) {
  const hasLater = existsSync(join(here, "src", page, "later.ts"));
  const wanted = hasLater ? await inputs(later(page, [])) : [];
  const shared = (await inputs(own(page, []))).filter((path) => wanted.includes(path)).sort();
  await build(own(page, shared));
  if (hasLater) await build(later(page, shared));
  await build({
    ...common,
    entryPoints: [`src/css/pages/${page}.css`],
    outfile: join(outdir, `${page}.css`),
  });
}
await build({ ...script, entryPoints: ["src/frames/plotly.ts"], outfile: join(outdir, "plotly-frame.js") });
