// Chromium, with pages of a plain static server.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import playwright from "playwright-core";

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
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** Starts the browser; the result opens a page of a site of its own, where `wasm` answers requests for modules in the server's place. */
export async function chromium(folder, after) {
  const browser = await playwright.chromium.launch({ executablePath: process.env.CHROMIUM });
  after(() => browser.close());
  return async ({ policy = STRICT, wasm } = {}) => {
    const server = createServer(async (request, response) => {
      const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
      response.setHeader("content-security-policy", policy);
      if (path === "/") return response.setHeader("content-type", "text/html").end(PAGE);
      if (path === "/favicon.ico") return response.writeHead(204).end();
      if (wasm && extname(path) === ".wasm") return wasm(response);
      const bytes = await readFile(join(folder, path)).catch(() => undefined);
      if (!bytes) return response.writeHead(404).end();
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream").end(bytes);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    after(() => (server.closeAllConnections(), server.close()));
    const context = await browser.newContext();
    const said = [];
    /** Another tab of the same site. */
    const tab = async () => {
      const page = await context.newPage();
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(String(error)));
      await page.goto(`http://127.0.0.1:${server.address().port}/`);
      return page;
    };
    return { page: await tab(), said, tab };
  };
}
