// Chromium, with pages of a plain static server.

import playwright from "playwright-core";

import { serve } from "./site.mjs";

/** What loads the fast module: a page that does not get it goes on with the small one. */
export const FAST = "**/sdk/fast/*";
/** A name of this machine that makes no secure origin, as its own names do. */
const INSECURE = "waxseal.example";

/** Starts the browser; the result opens a page of a site of its own, see `serve`, which can be one of no secure origin. */
export async function chromium(folder, after) {
  const args = [`--host-resolver-rules=MAP ${INSECURE} 127.0.0.1`];
  const browser = await playwright.chromium.launch({ executablePath: process.env.CHROMIUM, args });
  after(() => browser.close());
  return async ({ isInsecure = false, ...options } = {}) => {
    const served = await serve(folder, after, options);
    const site = isInsecure ? served.replace("127.0.0.1", INSECURE) : served;
    const context = await browser.newContext();
    const said = [];
    /** Another tab of the same site. */
    const tab = async () => {
      const page = await context.newPage();
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(String(error)));
      await page.goto(`${site}/`);
      return page;
    };
    return { page: await tab(), said, tab };
  };
}
