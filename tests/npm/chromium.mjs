// Chromium, with pages of a plain static server.

import playwright from "playwright-core";

import { serve } from "./site.mjs";

/** Starts the browser; the result opens a page of a site of its own, see `serve`. */
export async function chromium(folder, after) {
  const browser = await playwright.chromium.launch({ executablePath: process.env.CHROMIUM });
  after(() => browser.close());
  return async (options) => {
    const site = await serve(folder, after, options);
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
