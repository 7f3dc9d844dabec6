// What every end-to-end test of the playground needs: the site under its real headers, a browser, and a page that notices everything
// it should not see: console output, errors, failed requests, requests to anywhere else.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, resolve } from "node:path";
import { chromium } from "playwright-core";

const { CHROMIUM, SITE_DIR } = process.env;

/** Serves the built site under the policy it is published with; `origin` and `close()`. */
export async function serveSite() {
  assert.ok(SITE_DIR, "SITE_DIR is the folder of the built playground; run `cargo xtask test e2e`");
  const root = resolve(SITE_DIR);
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    const file = join(root, normalize(decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname)));
    const bytes = file.startsWith(root) ? await readFile(file).catch(() => null) : null;
    response.writeHead(bytes ? 200 : 404, { ...HEADERS, "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
    response.end(bytes);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Starts Chromium. */
export function startBrowser() {
  assert.ok(CHROMIUM, "CHROMIUM is the path of the browser; run `cargo xtask test e2e`");
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

/**
 * Opens the playground at a fragment such as `#/learn/3` and waits until its recording is there. When the test ends, whatever the page
 * complained about fails it.
 */
export async function openPlayground(t, browser, origin, { fragment = "", ...options } = {}) {
  const context = await browser.newContext({
    viewport: DESKTOP,
    colorScheme: "dark",
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.stack ?? error}`));
  page.on("requestfailed", (request) => complaints.push(`failed request: ${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (response) => response.status() < 400 || complaints.push(`${response.status()} for ${response.url()}`));
  page.on("request", (request) => {
    const { origin: asked, protocol } = new URL(request.url());
    if (asked !== origin && !["blob:", "data:"].includes(protocol)) complaints.push(`third-party request: ${request.url()}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, [], "the page is silent and asks nobody else");
  });
  const response = await page.goto(`${origin}/${fragment}`);
  assert.match(response.headers()["content-security-policy"], /default-src 'self'/);
  await ready(page);
  return page;
}

/** Waits until there are steps and no run is under way. */
export async function ready(page) {
  await page.getByTestId("step").first().waitFor();
  await page.locator(".busy").waitFor({ state: "detached" });
}

/**
 * Waits until the step on the stage is that one, without the number of its act: `check-permission`. What a key does may be painted only a few
 * tasks after the key was handled, so nothing is read at once.
 */
export async function atStep(page, expected, message) {
  const current = page.locator('[data-testid="step"][aria-current="step"]');
  await eventually(async () => kindOf(await current.getAttribute("data-step")), expected, message);
}

/** Waits until what `read` gives is `expected`, or matches it. */
export async function eventually(read, expected, message) {
  const holds = (value) => (expected instanceof RegExp ? expected.test(value) : value === expected);
  const deadline = Date.now() + 10_000;
  let value = await read();
  while (!holds(value) && Date.now() < deadline) {
    await new Promise((again) => setTimeout(again, 20));
    value = await read();
  }
  assert.ok(holds(value), `${message ?? "the page"}: ${value} instead of ${expected}`);
}

/** The ids of the steps on the deck, which are those of the current act, with the act's number: `0-check-permission`. */
export function allSteps(page) {
  return page.getByTestId("step").evaluateAll((steps) => steps.map((step) => step.dataset.step));
}

/** Goes to a step by its whole id: to its act first, for the deck has the steps of one act. */
export async function goTo(page, step) {
  const acts = page.getByTestId("act");
  if ((await acts.count()) > 0) await acts.nth(Number.parseInt(step, 10)).click();
  const segment = page.locator(`[data-testid="step"][data-step="${step}"]`);
  await segment.click();
  await page.locator(`[data-testid="step"][data-step="${step}"][aria-current="step"]`).waitFor();
}

/** Opens a lesson from the list and waits for its run. */
export async function openLesson(page, lesson) {
  await page.getByTestId(`lesson-${lesson}`).click();
  const acts = lesson === 3 ? 0 : 4;
  await page.waitForFunction((acts) => document.querySelectorAll('[data-testid="act"]').length === acts, acts);
}

/** Answers the prediction that waits, with the option of that id, and goes on. */
export async function answer(page, option) {
  await page.locator(`[data-testid="prediction-option"][data-option="${option}"]`).click();
  const response = await page.getByTestId("prediction-response").textContent();
  await page.getByTestId("prediction-continue").click();
  return response;
}

/** Chooses a change from the menu and waits for its run. */
export async function change(page, id) {
  await page.getByTestId("change").click();
  await page.getByTestId(`change-${id}`).click();
  await page.getByTestId("changed").waitFor();
  await ready(page);
  await page.locator('[data-testid="step"][data-step="0-change"], [data-testid="step"][data-step="0-take-disk"]').waitFor();
}

/** Without its act, and without the count of a kind that is there more than once. */
export function kindOf(step) {
  return step.replace(/^\d+-/, "").replace(/-\d+$/, "");
}

export const DESKTOP = { width: 1440, height: 900 };
export const TABLET = { width: 1024, height: 768 };
export const PHONE = { width: 360, height: 740 };

/** What crates/xtask sends, and what the site is published under. */
const HEADERS = {
  "Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; object-src 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-cache",
};
/** Browsers refuse scripts, styles and WebAssembly of another type. */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
