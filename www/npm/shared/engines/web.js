// What every platform has that is one of the web: engines and signatures through WebCrypto.

import { later } from "../later.js";
import { webCryptoSealer } from "./webcrypto.js";

export const web = {
  /** Which row of the table counts. */
  name: "web",
  /** The engine of that name, for the frames of one message; overwrites the key. */
  sealer: (engine, key) => webCryptoSealer(key),
  /** Whether there are signatures: a page that is not of a secure origin has no WebCrypto, and WebAssembly signs for it. */
  get signs() {
    return globalThis.crypto?.subtle !== undefined;
  },
  /** Loaded for the first message that is signed. */
  signatures: () => later("signatures", () => import("./web-signatures.js")),
};
