// What every platform has that is one of the web: engines and signatures through WebCrypto.

import { WaxsealError } from "../errors.js";
import { later } from "../later.js";
import { webCryptoSealer } from "./webcrypto.js";

export const web = {
  /** Which row of the table counts. */
  name: "web",
  /** The engine of that name, for the frames of one message; overwrites the key. */
  sealer: (engine, key) => webCryptoSealer(key),
  /** Loaded for the first message that is signed. */
  signatures() {
    if (globalThis.crypto?.subtle) return later("signatures", () => import("./web-signatures.js"));
    const message = "the message is signed, and this page has no WebCrypto for that: it is not of a secure origin; serve it over HTTPS";
    throw new WaxsealError({ code: "InvalidInput", message });
  },
};
