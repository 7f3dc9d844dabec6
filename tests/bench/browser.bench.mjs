// waxseal beside the official AWS Encryption SDK for browsers, in Chromium.
// `cargo xtask bench` runs it with WAXSEAL_TARBALL set to the packed npm package, and CHROMIUM to the browser.

import { inChromium } from "./in-chromium.mjs";
import "./official-for-browsers.mjs";

await inChromium(async (say) => {
  const [waxseal, { official }, { compare }] = await Promise.all([import("waxseal"), import("/official.mjs"), import("/messages/cells.mjs")]);
  await compare({ waxseal, official, say });
});
