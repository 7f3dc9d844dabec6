// waxseal beside the official AWS Encryption SDK for browsers, in Chromium.
// `cargo xtask bench` runs it with WAXSEAL_TARBALL set to the packed npm package, and CHROMIUM to the browser.

import { inChromium } from "./in-chromium.mjs";
import "./official-for-browsers.mjs";

await inChromium(async (say) => {
  const [waxseal, { official }, { compare }] = await Promise.all([import("waxseal"), import("/official.mjs"), import("/messages/cells.mjs")]);
  // As in a page that has done something already: the fast module was loaded when it had nothing to do.
  const client = new waxseal.Client({ keyring: waxseal.rawAesKeyring({ namespace: "bench", name: "warm", key: new Uint8Array(32) }) });
  for (let call = 0; call < 20; call++) await client.encrypt("x");
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await compare({ waxseal, official, say });
});
