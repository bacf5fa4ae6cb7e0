// Bundles the pages' sources: `npm run build -- --outdir X` writes X/app.js (one classic IIFE) and X/app.css.
import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

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

const { values } = parseArgs({ options: { outdir: { type: "string" } } });
const outdir = resolve(values.outdir ?? join(here, "..", "runhooks", "site", "static"));

await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.ts", "plotly-frame": "src/frames/plotly.ts" },
  outdir,
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  legalComments: "inline",
  charset: "utf8",
  plugins: [folders],
  logLevel: "warning",
});
await build({
  absWorkingDir: here,
  entryPoints: { app: "src/css/app.css" },
  outdir,
  bundle: true,
  minify: true,
  legalComments: "inline",
  logLevel: "warning",
});
