// WebCrypto for the small module, which has no ciphers. A message's key never is where a script can read it.

import { NONE } from "../engines/engine.js";
import { Unpacked } from "./pack.js";
import { refusable } from "./start.js";

export const webCrypto = {
  isAtOnce: false,

  /** That of raw AES keyrings. */
  cipher: () => ({
    seal: async (key, ...given) => seal(await imported(key), ...given),
    open: async (key, ...given) => open(await imported(key), ...given),
  }),

  async startSealing(session, dataKey, copies) {
    const derived = await derive(dataKey, new Unpacked(refusable(session, "derive", dataKey.length, copies)));
    const aad = refusable(session, "commit", derived.commitment);
    session.facts.key = derived.key;
    return session.call("headerSealed", await seal(derived.key, new Uint8Array(12), aad, NONE));
  },

  async startOpening(session, dataKey) {
    // Under one of no bytes, say, anybody could have written the message.
    if (dataKey.length !== session.facts.keyLength) session.call("failed");
    const derivation = new Unpacked(session.call("derivation"));
    const derived = await derive(dataKey, derivation);
    const [iv, tag, aad] = [derivation.bytes(), derivation.bytes(), derivation.rest()];
    const isRight = (await open(derived.key, iv, aad, tag)) !== undefined;
    session.facts.key = derived.key;
    return session.call("headerVerified", derived.commitment, isRight);
  },
};

/** @param {Unpacked} derivation the salt of HKDF-SHA-512, and the infos of the message key and of the commitment to the data key */
async function derive(dataKey, derivation) {
  const { subtle } = crypto;
  const salt = derivation.bytes();
  const [forKey, forCommitment] = [0, 1].map(() => ({ name: "HKDF", hash: "SHA-512", salt, info: derivation.bytes() }));
  const from = await subtle.importKey("raw", dataKey, "HKDF", false, ["deriveKey", "deriveBits"]);
  const [key, bits] = await Promise.all([subtle.deriveKey(forKey, from, AES, false, USAGES), subtle.deriveBits(forCommitment, from, 256)]);
  return { key, commitment: new Uint8Array(bits) };
}

const imported = (key) => crypto.subtle.importKey("raw", key, AES, false, USAGES);
const seal = async (key, iv, additionalData, plaintext) => new Uint8Array(await crypto.subtle.encrypt({ ...GCM, iv, additionalData }, key, plaintext));

/** Undefined if it is not what was sealed. */
async function open(key, iv, additionalData, sealed) {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ ...GCM, iv, additionalData }, key, sealed));
  } catch {
    return undefined;
  }
}

const GCM = { name: "AES-GCM" };
const AES = { ...GCM, length: 256 };
const USAGES = ["encrypt", "decrypt"];
