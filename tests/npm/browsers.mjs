// Browsers that visit a page, which works on its own and leaves what it found in `globalThis.results`.

import { spawn } from "node:child_process";
import { createServer } from "node:net";

import playwright from "playwright-core";

/** Starts a browser; the result visits an address: what the page found and, where the browser tells, what its console says and what it loaded. */
export const visitor = {
  chromium: (after) => byPlaywright(playwright.chromium.launch({ executablePath: process.env.CHROMIUM }), after),
  // By the protocol of every Firefox, and not only of Playwright's own.
  firefox: (after) => byPlaywright(playwright.firefox.launch({ channel: "moz-firefox", executablePath: process.env.FIREFOX }), after),
  webkit: byWebDriver,
};

async function byPlaywright(launched, after) {
  const browser = await launched;
  after(() => browser.close());
  return async (address) => {
    const context = await browser.newContext();
    const [said, loaded] = [[], []];
    context.on("console", (message) => said.push(message.text()));
    context.on("weberror", (error) => said.push(String(error.error())));
    context.on("response", (response) => {
      loaded.push({ url: response.url(), status: response.status(), type: response.headers()["content-type"] });
    });
    const page = await context.newPage();
    await page.goto(address);
    const results = await page.evaluate(found, LIMIT);
    await context.close();
    return { results: checked(results, address, said), said, loaded };
  };
}

/** WebKitGTK's own browser on a display of its own, by the W3C's WebDriver protocol. */
async function byWebDriver(after) {
  const port = await freePort();
  const driver = spawn("xvfb-run", ["--auto-servernum", "WebKitWebDriver", `--port=${port}`], { detached: true, stdio: "ignore" });
  const ask = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`WebKitWebDriver: ${value.error}: ${value.message}`);
    return value;
  };
  let session;
  after(async () => {
    if (session) await ask("DELETE", session).catch(() => {});
    // The whole group: xvfb-run is a script, and would leave its display behind.
    process.kill(-driver.pid);
  });
  await until(async () => (await ask("GET", "/status")).ready);
  session = `/session/${(await ask("POST", "/session", { capabilities: {} })).sessionId}`;
  await ask("POST", `${session}/timeouts`, { script: LIMIT + 10_000 });
  return async (address) => {
    await ask("POST", `${session}/url`, { url: address });
    const script = `(${found})(${LIMIT}).then(arguments[0], (error) => arguments[0]([{ name: "the page", error: String(error) }]))`;
    const results = await ask("POST", `${session}/execute/async`, { script, args: [] });
    return { results: checked(results, address, []) };
  };
}

/** Runs in the page. */
async function found(limit) {
  const start = Date.now();
  while (!globalThis.results && Date.now() - start < limit) await new Promise((resolve) => setTimeout(resolve, 20));
  return globalThis.results ?? null;
}

function checked(results, address, said) {
  if (results) return results;
  throw new Error(`${address} has found nothing; its console says: ${said.join("\n") || "nothing"}`);
}

/** A port that nothing listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks again until the answer is yes. */
async function until(ask) {
  for (const end = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const answer = await ask().catch((error) => error);
    if (answer === true) return;
    if (Date.now() > end) throw new Error(`not within 20 s: ${answer}`);
  }
}

/** Milliseconds that a page may take. */
const LIMIT = 90_000;
