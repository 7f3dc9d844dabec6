// A Worker's modules, bundled as wrangler does it: with the condition `workerd`, and WebAssembly files as modules of their own.

import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { build } from "esbuild";

/** What miniflare takes as `modules`, for a script in a project that has the package. */
export async function bundled(folder, entry) {
  const modules = new Map();
  const wasm = {
    name: "wasm",
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm$/ }, async ({ path, resolveDir }) => {
        modules.set(basename(path), await readFile(join(resolveDir, path)));
        return { path: `./${basename(path)}`, external: true };
      });
    },
  };
  const options = { bundle: true, format: "esm", target: "es2022", conditions: ["workerd", "worker"], write: false, plugins: [wasm] };
  const { outputFiles } = await build({ ...options, external: ["cloudflare:*"], absWorkingDir: folder, entryPoints: [entry] });
  return [
    { type: "ESModule", path: "worker.mjs", contents: outputFiles[0].text },
    ...[...modules].map(([path, contents]) => ({ type: "CompiledWasm", path, contents })),
  ];
}
