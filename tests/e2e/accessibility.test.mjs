// axe-core finds nothing: on every tab, light and dark, on a phone and on a desktop, and in everything that opens.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { atStep, change, DESKTOP, goTo, openLesson, openPlayground, PHONE, serveSite, startBrowser } from "./page.mjs";

let site;
let browser;
let axe;

before(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  [site, browser] = await Promise.all([serveSite(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  site?.close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const [device, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    test(`${device}, ${colorScheme}`, async (t) => {
      const page = await openPlayground(t, browser, site.origin, { viewport, colorScheme, reducedMotion: "reduce" });
      await clean(page, "the prediction");
      await page.getByTestId("prediction-skip").click();
      for (const step of ["0-check-permission", "0-return-both", "0-store-both"]) {
        await goTo(page, step);
        for (const tab of ["story", "bytes", "why", "audit", "code"]) {
          await page.getByTestId(`tab-${tab}`).click();
          await clean(page, `${tab} at ${step}`);
        }
      }
      await page.getByTestId("help").click();
      await clean(page, "the help");
      await page.keyboard.press("Escape");
      await page.getByTestId("change").click();
      await clean(page, "the changes");
      await page.keyboard.press("Escape");
      await change(page, "add-deny");
      await goTo(page, "1-check-permission");
      for (const tab of ["story", "why"]) {
        await page.getByTestId(`tab-${tab}`).click();
        await clean(page, `${tab} of a denial`);
      }
      await openLesson(page, 4);
      await page.keyboard.press("End");
      await atStep(page, "deliver");
      await clean(page, "the end of lesson 4");
    });
  }
}

/** axe runs in the page's own world; the page's policy forbids inline scripts, so it is evaluated through the debugger. */
async function clean(page, where) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document));
  assert.ok(passes.length > 10, `axe looked at ${where}`);
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)} ${node.failureSummary}`));
  assert.deepEqual(found, [], where);
}
