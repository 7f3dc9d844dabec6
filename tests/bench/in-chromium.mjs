// A page of Chromium that has the installed package and the scripts of `messages`.

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "../npm/chromium.mjs";
import { folder } from "./installed.mjs";

/** Runs a function in the page of a new browser, which is given what prints a line. */
export async function inChromium(act) {
  await cp(fileURLToPath(new URL("messages", import.meta.url)), join(folder, "messages"), { recursive: true });
  const ends = [];
  const open = await chromium(folder, (end) => ends.push(end));
  try {
    const { page } = await open();
    await page.exposeFunction("say", (line) => console.log(line));
    return await page.evaluate(`(${act})(say)`);
  } finally {
    for (const end of ends) await end();
  }
}
