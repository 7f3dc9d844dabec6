// A site for browsers to visit: a plain static server for a folder, under a strict Content-Security-Policy.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const IMPORT_MAP = JSON.stringify({
  imports: {
    waxseal: "/node_modules/waxseal/sdk/web.js",
    "waxseal/inspect": "/node_modules/waxseal/inspect/web.js",
    "waxseal/kms": "/node_modules/waxseal/kms/web.js",
  },
});
// An import map can only be inline, and this is how a strict policy lets one through.
const IMPORT_MAP_HASH = createHash("sha256").update(IMPORT_MAP).digest("base64");
export const STRICT = `default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-${IMPORT_MAP_HASH}'`;
export const PAGE = `<!doctype html><meta charset="utf-8"><title>waxseal</title><script type="importmap">${IMPORT_MAP}</script>`;
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/**
 * Serves `folder` below `base`, and `PAGE` as its front page. `headers` are added to every answer; `wasm` answers requests for modules in the
 * server's place. The origin.
 */
export async function serve(folder, after, { policy = STRICT, base = "/", headers = {}, wasm } = {}) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    for (const [name, value] of Object.entries({ "content-security-policy": policy, ...headers })) response.setHeader(name, value);
    if (path === "/favicon.ico") return response.writeHead(204).end();
    if (wasm && extname(path) === ".wasm") return wasm(response);
    const bytes = path.startsWith(base) && (await readFile(join(folder, path.slice(base.length))).catch(() => undefined));
    if (!bytes && path === "/") return response.setHeader("content-type", "text/html").end(PAGE);
    if (!bytes) return response.writeHead(404).end();
    response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream").end(bytes);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}
