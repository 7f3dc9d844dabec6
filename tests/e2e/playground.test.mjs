// The playground, end to end in Chromium: both lessons with a large file, every change, every tab, by keyboard, by link, on a phone.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { allSteps, answer, atStep, change, DESKTOP, eventually, goTo, kindOf, openLesson, openPlayground, PHONE, ready, serveSite, startBrowser, TABLET } from "./page.mjs";

let site;
let browser;

before(async () => {
  [site, browser] = await Promise.all([serveSite(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  site?.close();
});

const open = (t, options) => openPlayground(t, browser, site.origin, options);

test("a 5 MB file is uploaded and read back, byte for byte, and the page stays alive", async (t) => {
  const page = await open(t);
  const digest = await dropFile(page, "large.bin", 5_000_000);
  await page.getByText("large.bin", { exact: true }).first().waitFor();
  await ready(page);
  await page.getByTestId("speed").click(); // 2×
  await page.getByTestId("speed").click(); // 4×

  await answer(page, "neither");
  await page.getByTestId("play").click();
  await playedTo(page, "0-store-both");
  assert.deepEqual((await allSteps(page)).map(kindOf), UPLOAD);

  await page.getByTestId("next-lesson").click();
  await page.locator('[data-testid="step"][data-step="0-deliver"]').waitFor({ timeout: 60_000 });
  await page.getByTestId("play").click();
  await page.getByTestId("prediction").waitFor({ timeout: 60_000 });
  assert.equal(await page.getByTestId("save").count(), 1, "Bob has it by now");
  await answer(page, "key-needed");
  await page.getByTestId("play").click();
  await playedTo(page, "3-deliver");

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("save").click()]);
  assert.equal(download.suggestedFilename(), "large.bin");
  const saved = await readFile(await download.path());
  assert.equal(saved.length, 5_000_000);
  assert.equal(createHash("sha256").update(saved).digest("hex"), digest);

  const longest = await page.evaluate(() => globalThis.longestPause);
  assert.ok(longest < 1500, `the page stood still for ${Math.round(longest)} ms`);
  t.diagnostic(`the longest pause of the page was ${Math.round(longest)} ms`);
});

describe("each change stops the run where it must", () => {
  for (const [lesson, id, step, say, failure] of [
    [3, "disable-key", "check-permission", "The key is disabled: the KMS refuses", "DisabledException"],
    [4, "disable-key", "check-permission", "The key is disabled: the KMS refuses", "DisabledException"],
    [3, "add-deny", "check-permission", "Denied: a statement forbids Bob to use the key", "explicit deny"],
    [4, "add-deny", "check-permission", "Denied: a statement forbids Bob to use the key", "explicit deny"],
    [3, "revoke-bob", "check-permission", "Denied: nothing allows Bob to use the key", "no statement or grant allows"],
    [4, "revoke-bob", "check-permission", "Denied: nothing allows Bob to use the key", "no statement or grant allows"],
    [4, "alter-context", "unwrap-data-key", "The envelope does not open", "InvalidCiphertextException"],
    [4, "swap-data-key", "unwrap-data-key", "The envelope does not open", "InvalidCiphertextException"],
    [4, "flip-ciphertext-byte", "decrypt", "Frame 3 does not fit its tag", "DecryptionFailed"],
    [4, "steal-disk-as-eve", "check-permission", "Denied: nothing allows Eve to use the key", "no statement or grant allows"],
  ]) {
    test(`lesson ${lesson}: ${id}`, async (t) => {
      const page = await open(t, { fragment: `#/learn/${lesson}`, reducedMotion: "reduce" });
      await change(page, id);
      await page.keyboard.press("End");
      await atStep(page, "stop");
      // Eve fails on her own first; what counts is the last step in rose.
      const failed = await page.locator(".seg-failed").evaluateAll((steps) => steps.map((one) => one.dataset.step));
      assert.equal(kindOf(failed.at(-1)), step);
      await goTo(page, failed.at(-1));
      assert.equal(await page.getByTestId("say-title").textContent(), say);
      const told = await page.getByTestId("failure").textContent();
      assert.ok(told.toLowerCase().includes(failure.toLowerCase()), told);
      assert.equal(await page.getByTestId("save").count(), 0, "nobody gets the document");
    });
  }

  for (const lesson of [3, 4]) {
    test(`lesson ${lesson}: grant-instead goes through, by the grant`, async (t) => {
      const page = await open(t, { fragment: `#/learn/${lesson}?step=1&tab=why`, reducedMotion: "reduce" });
      await change(page, "grant-instead");
      await page.keyboard.press("End");
      await atStep(page, lesson === 3 ? "store-both" : "deliver");
      assert.equal(await page.getByTestId("failure").count(), 0);
      await goTo(page, "1-check-permission");
      const findings = await page.getByTestId("finding").allTextContents();
      assert.match(findings.find((text) => text.includes("in the grant")), /allows: this decides/);
      assert.match(findings.find((text) => text.includes("in the key policy")), /does not match/);
    });
  }
});

test("a denial offers the smallest changes, and each lifts it", async (t) => {
  const page = await open(t, { fragment: "#/learn/3?step=1&tab=why", reducedMotion: "reduce" });
  for (const [id, fixes] of [
    ["revoke-bob", ["allow-in-policy", "give-grant"]],
    ["add-deny", ["remove-deny"]],
    ["disable-key", ["enable-key"]],
  ]) {
    for (const fix of fixes) {
      await change(page, id);
      await goTo(page, "1-check-permission");
      assert.match(await page.getByTestId("verdict").textContent(), id === "disable-key" ? /refused/ : /^Denied/);
      await page.getByTestId(`fix-${fix}`).click();
      await page.locator('[data-testid="step"][data-step="0-change"]').waitFor();
      await page.keyboard.press("End");
      await atStep(page, "store-both", `${id}, ${fix}`);
      assert.equal(await page.getByTestId("failure").count(), 0);
    }
  }
});

test("who can decrypt is shown before and after a change", async (t) => {
  const page = await open(t, { fragment: "#/learn/4" });
  const bob = page.getByTestId("who-can").locator('[data-person="bob"]');
  assert.match(await bob.textContent(), /now: can decrypt/);
  await change(page, "revoke-bob");
  assert.match(await bob.textContent(), /before: can decrypt.*now: can not decrypt/);
});

test("allowing somebody without a change before is a change as well, and can be undone", async (t) => {
  const page = await open(t, { fragment: "#/learn/4?tab=why", reducedMotion: "reduce" });
  await goTo(page, "2-check-permission");
  const alice = page.getByTestId("who-can").locator('[data-person="alice"]');
  assert.match(await alice.textContent(), /now: can not decrypt/);
  await page.getByTestId("fix-give-grant").click();
  await page.getByTestId("changed").getByText("Give Alice a grant").waitFor();
  await ready(page);
  await page.keyboard.press("End");
  await atStep(page, "deliver");
  assert.match(await alice.textContent(), /before: can not decrypt.*now: can decrypt/);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByTestId("changed").waitFor({ state: "detached" });
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="act"]').length === 4);
  assert.doesNotMatch(await alice.textContent(), /before/);
});

test("a lesson that was seen to its end stays done after a reload", async (t) => {
  const page = await open(t, { reducedMotion: "reduce" });
  const lesson = page.getByTestId("lesson-3");
  assert.doesNotMatch(await lesson.textContent(), /done/);
  await page.keyboard.press("End");
  await eventually(() => lesson.textContent(), /done/);
  await page.reload();
  await ready(page);
  assert.match(await lesson.textContent(), /done/);
  assert.doesNotMatch(await page.getByTestId("lesson-4").textContent(), /done/);
});

test("a browser that forbids storage gets the playground all the same", async (t) => {
  const page = await open(t, { reducedMotion: "reduce" });
  await page.addInitScript(() =>
    Object.defineProperty(globalThis, "localStorage", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    }),
  );
  await page.reload();
  await ready(page);
  await page.keyboard.press("End");
  await atStep(page, "store-both");
});

test("a prediction holds the run, and each misconception has its own answer", async (t) => {
  const page = await open(t);
  assert.equal(await page.getByTestId("next").isDisabled(), true);
  assert.equal(await page.getByTestId("play").isDisabled(), true);
  await page.keyboard.press("ArrowRight");
  await atStep(page, "upload");
  const options = await page.getByTestId("prediction-option").evaluateAll((all) => all.map((one) => one.dataset.option));
  assert.equal(options.length, 4);
  const responses = new Set();
  for (const option of options) {
    await page.evaluate(() => history.replaceState(null, "", "#/learn/3"));
    await page.reload();
    await ready(page);
    responses.add(await answer(page, option));
    await atStep(page, "ask-data-key");
  }
  assert.equal(responses.size, 4);
});

test("all five tabs have something to say at many steps", async (t) => {
  const page = await open(t, { reducedMotion: "reduce" });
  for (const [lesson, steps] of [
    [3, ["0-upload", "0-check-permission", "0-make-data-key", "0-return-both", "0-encrypt", "0-wipe-key", "0-store-both"]],
    [4, ["0-load", "0-unwrap-data-key", "0-verify", "0-deliver", "1-try-alone", "1-check-permission", "2-stop", "3-decrypt"]],
  ]) {
    await openLesson(page, lesson);
    for (const step of steps) {
      await goTo(page, step);
      for (const tab of TABS) {
        await page.getByTestId(`tab-${tab}`).click();
        const text = await page.getByTestId(`pane-${tab}`).innerText();
        assert.ok(text.length > 40, `${tab} at ${step}: ${text}`);
        await TAB_CHECKS[tab]?.(page, step, text);
      }
    }
  }
});

test("the Bytes tab shows the bytes of the run, and a field lights its thing on the stage", async (t) => {
  const page = await open(t, { fragment: "#/learn/3?step=8&tab=bytes", reducedMotion: "reduce" });
  await page.evaluate(() => navigator.clipboard.writeText(""));
  const view = page.getByTestId("byte-view").first();
  await view.getByRole("button").first().click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).length > 100);
  const message = (await page.evaluate(() => navigator.clipboard.readText())).replace(/\s/g, "");
  assert.match(message, /^020478[0-9a-f]+$/, "version 2, suite 0478");
  // Every byte of it is in a field, in order.
  const shown = await view.locator(".field-bytes").allTextContents();
  let place = 0;
  for (const field of shown) {
    const [head] = field.replace(/ /g, "").split("…");
    const found = message.indexOf(head, place);
    assert.ok(found >= place, `${head} comes after what is before it`);
    place = found + head.length;
  }
  const envelope = view.getByTestId("field").filter({ hasText: "the data key, wrapped" });
  const before = await page.getByTestId("stage").innerHTML();
  await envelope.focus();
  await page.waitForFunction((old) => document.querySelector('[data-testid="stage"]').innerHTML !== old, before);
});

test("detail shows every event, and the same moment", async (t) => {
  const page = await open(t, { reducedMotion: "reduce" });
  await goTo(page, "0-make-data-key");
  const picture = await page.getByTestId("stage").getAttribute("aria-label");
  await page.getByTestId("depth").click();
  const steps = (await allSteps(page)).map(kindOf);
  for (const kind of ["identify", "statement", "verdict", "key-state", "wrap-data-key", "derive-message-key", "seal-header", "seal-frame"]) {
    assert.ok(steps.includes(kind), `${kind} in ${steps}`);
  }
  assert.equal(await page.getByTestId("stage").getAttribute("aria-label"), picture);
  await page.getByTestId("depth").click();
  await atStep(page, "make-data-key");
});

test("everything can be done by keyboard", async (t) => {
  const page = await open(t, { reducedMotion: "reduce" });
  const focused = () => page.evaluate(() => document.activeElement?.dataset.testid ?? document.activeElement?.id ?? "");
  const tabTo = async (id) => {
    for (let presses = 0; presses < 80; presses += 1) {
      if ((await focused()) === id) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab does not reach ${id}`);
  };
  await tabTo("prediction-option");
  await page.keyboard.press("Enter");
  await tabTo("prediction-continue");
  await page.keyboard.press("Enter");
  await atStep(page, "ask-data-key");
  await page.keyboard.press("ArrowRight");
  await atStep(page, "check-permission");
  await page.keyboard.press("ArrowLeft");
  await atStep(page, "ask-data-key");
  await page.keyboard.press("End");
  await atStep(page, "store-both");
  await page.keyboard.press("Home");
  await atStep(page, "upload");

  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Space");
  await page.locator('[data-testid="play"][aria-label="Pause"]').waitFor();
  await page.keyboard.press("Space");
  await page.locator('[data-testid="play"][aria-label="Play"]').waitFor();

  await tabTo("tab-story");
  await page.keyboard.press("ArrowRight");
  await eventually(focused, "tab-bytes");
  await page.getByTestId("pane-bytes").waitFor();
  await page.keyboard.press("End");
  await eventually(focused, "tab-code");

  await page.keyboard.press("?");
  await page.getByTestId("help-close").waitFor();
  await page.keyboard.press("Escape");
  await page.getByTestId("help-close").waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await page.getByTestId("change-disable-key").waitFor();
  await tabTo("change-disable-key");
  await page.keyboard.press("Enter");
  await page.getByTestId("changed").waitFor();
});

test("a link opens its step and tab, and the address follows", async (t) => {
  const page = await open(t, { fragment: "#/learn/4?step=14&tab=why" });
  await atStep(page, "check-permission");
  assert.match(await page.getByTestId("pane-why").textContent(), /Eve asked for Decrypt/);
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction(() => location.hash === "#/learn/4?step=13&tab=why");
  await page.getByTestId("tab-audit").click();
  await page.waitForFunction(() => location.hash === "#/learn/4?step=13&tab=audit");
  await page.getByTestId("share").click();
  await page.getByText("Link copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${site.origin}/#/learn/4?step=13&tab=audit`);
  await page.goto(`${site.origin}/#/learn/4?step=6&tab=bytes&change=alter-context`);
  await page.getByTestId("changed").waitFor();
  await page.getByTestId("pane-bytes").waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-current="step"]')?.dataset.step === "1-unwrap-data-key");
});

test("with reduced motion nothing moves, and the same is said", async (t) => {
  const still = await open(t, { fragment: "#/learn/3", reducedMotion: "reduce" });
  const moving = await open(t, { fragment: "#/learn/3", reducedMotion: "no-preference" });
  for (const step of await allSteps(still)) {
    await goTo(still, step);
    const animations = await still.evaluate(() =>
      document.getAnimations().filter((one) => one.playState === "running").map((one) => one.effect?.target?.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(animations, [], step);
    await goTo(moving, step);
    const picture = await still.getByTestId("stage").getAttribute("aria-label");
    // With motion the picture gets there event by event.
    await moving.waitForFunction((label) => document.querySelector('[data-testid="stage"]').getAttribute("aria-label") === label, picture);
    assert.equal(await moving.getByTestId("narration").textContent(), await still.getByTestId("narration").textContent());
  }
});

test("on a phone everything fits and can be touched", async (t) => {
  const page = await open(t, { viewport: PHONE, hasTouch: true, isMobile: true, reducedMotion: "reduce" });
  await page.getByTestId("prediction-skip").tap();
  for (const step of ["0-check-permission", "0-encrypt", "0-store-both"]) {
    await goTo(page, step);
    for (const tab of TABS) {
      await page.getByTestId(`tab-${tab}`).tap();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= PHONE.width, `${tab} at ${step} is ${width} px wide`);
    }
  }
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, a, label.btn")]
      .filter((one) => one.checkVisibility() && !one.closest("p") && !one.classList.contains("skip"))
      .map((one) => ({ name: one.dataset.testid ?? one.textContent, box: one.getBoundingClientRect() }))
      .filter(({ box }) => box.height < 39.5 || box.width < 39.5)
      .map(({ name, box }) => `${name} ${Math.round(box.width)}×${Math.round(box.height)}`),
  );
  assert.deepEqual(small, []);
});

test("on a phone a question lies over the stage, and the deck covers no last line", async (t) => {
  const page = await open(t, { viewport: PHONE, hasTouch: true, isMobile: true, reducedMotion: "reduce" });
  const place = () => page.getByTestId("stage").evaluate((stage) => stage.getBoundingClientRect().top + scrollY);
  const asked = await place();
  await page.getByTestId("prediction-skip").tap();
  assert.equal(await place(), asked);
  await openLesson(page, 4);
  const covered = await page.evaluate(() => {
    scrollTo(0, document.documentElement.scrollHeight);
    const last = document.querySelector('[data-testid="who-can"]').getBoundingClientRect().bottom;
    return last - document.querySelector(".deck").getBoundingClientRect().top;
  });
  assert.ok(covered <= 0, `${covered} px of the list are under the deck`);
});

for (const viewport of [DESKTOP, TABLET, PHONE]) {
  test(`at ${viewport.width} × ${viewport.height} nothing moves while the page loads`, async (t) => {
    const page = await open(t, { viewport });
    const shifted = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const collect = (list) => resolve(list.getEntries().reduce((sum, entry) => sum + entry.value, 0));
          new PerformanceObserver(collect).observe({ type: "layout-shift", buffered: true });
          setTimeout(resolve, 500, 0);
        }),
    );
    assert.ok(shifted < 0.01, `the layout shifted by ${shifted}`);
  });
}

for (const viewport of [DESKTOP, TABLET]) {
  test(`at ${viewport.width} × ${viewport.height} the stage keeps its place and its words can be read when a run fails`, async (t) => {
    const page = await open(t, { fragment: "#/learn/4", viewport, reducedMotion: "reduce" });
    await change(page, "alter-context");
    const places = new Set();
    for (const step of await steps(page)) {
      await step();
      const { place, smallest } = await page.getByTestId("stage").evaluate((stage) => {
        const { top, width } = stage.getBoundingClientRect();
        const scale = stage.getScreenCTM().a;
        const sizes = [...stage.querySelectorAll("text")].map((text) => Number.parseFloat(getComputedStyle(text).fontSize) * scale);
        return { place: `${Math.round(top)}, ${Math.round(width)}`, smallest: Math.min(...sizes) };
      });
      places.add(place);
      assert.ok(smallest >= 11, `${smallest} px`);
    }
    assert.equal(places.size, 1, [...places].join("; "));
  });
}

test("what is not a usable file is refused with a reason", async (t) => {
  const page = await open(t);
  await page.getByTestId("drop").setInputFiles({ name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) });
  await page.getByText("there is nothing to encrypt").waitFor();
});

/** Goes to each step of the last act, one after the other. */
async function steps(page) {
  await page.getByTestId("act").last().click();
  const all = page.getByTestId("step");
  return Array.from({ length: await all.count() }, (_, index) => () => all.nth(index).click());
}

const UPLOAD = ["upload", "ask-data-key", "check-permission", "make-data-key", "return-both", "encrypt", "wipe-key", "store-both"];
const TABS = ["story", "bytes", "why", "audit", "code"];

/** Steps of an act before which no KMS was asked and answered. */
const UNASKED = ["upload", "load", "try-alone"];
const OPEN = [...UNASKED, "ask-data-key", "check-permission", "make-data-key", "unwrap-data-key"];

const TAB_CHECKS = {
  bytes: (page) => page.getByTestId("byte-view").first().waitFor(),
  why: (page, step) => eventually(() => page.getByTestId("verdict").count(), UNASKED.includes(kindOf(step)) ? 0 : 1, `a decision at ${step}`),
  audit: async (page, step) => {
    const record = page.getByTestId("audit-record");
    if (OPEN.includes(kindOf(step))) return eventually(() => record.count(), 0, `no record yet at ${step}`);
    assert.match(JSON.parse(await record.textContent()).eventName, /^(GenerateDataKey|Decrypt)$/);
  },
  code: async (page, step, text) => assert.match(text, /waxseal|bucket|client|aws /, `code at ${step}`),
};

/** Drops a file of pseudo-random bytes on the page, as a person does; its SHA-256. From here on the page's longest pause is measured. */
function dropFile(page, name, length) {
  return page.evaluate(
    async ([name, length]) => {
      const bytes = new Uint8Array(length);
      let state = 1;
      for (let place = 0; place < length; place += 1) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        bytes[place] = state >>> 24;
      }
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      let last = performance.now();
      globalThis.longestPause = 0;
      setInterval(() => {
        const now = performance.now();
        globalThis.longestPause = Math.max(globalThis.longestPause, now - last);
        last = now;
      }, 10);
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name));
      const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
      document.body.dispatchEvent(new DragEvent("dragover", options));
      document.body.dispatchEvent(new DragEvent("drop", options));
      return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    },
    [name, length],
  );
}

/** Waits until playing has come to a step. */
async function playedTo(page, step) {
  await page.locator(`[data-testid="step"][data-step="${step}"][aria-current="step"]`).waitFor({ timeout: 90_000 });
}
