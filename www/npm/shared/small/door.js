// The one way into the small module, and into the fast one, which has ciphers too. What can be asked there has numbers; `crates/npm-small` has the same.

import { pack } from "./pack.js";

/** The cipher of raw AES keyrings, in the fast module. */
export const WRAP = 2;
export const UNWRAP = 3;
/** The end of a session. */
const FREE = 4;
/** What a session does. */
const SEALING = { prepare: 0, request: 5, start: 6, dangerMessageKey: 7, plan: 8, sealed: 9, seal: 10, finish: 11, derive: 22, commit: 23, headerSealed: 24 };
const OPENING = {
  prepare: 1,
  read: 12,
  ended: 13,
  start: 14,
  dangerMessageKey: 15,
  missingHead: 16,
  plan: 17,
  opened: 18,
  open: 19,
  finish: 20,
  verified: 21,
  derivation: 25,
  headerVerified: 26,
  noKey: 27,
};
/** Codes of errors, in the order of their numbers. */
const CODES = [, "InvalidInput", "InvalidMessage", "Unsupported", "EncryptionContextMismatch", "DecryptionFailed", "Internal"];

/** Bytes, or undefined if it fails. */
export function ask(glue, what, session, given) {
  const packed = pack(given);
  try {
    return glue.call(what, session, packed);
  } finally {
    // A data key, or plaintext.
    if (packed !== given[0]) packed.fill(0);
  }
}

/** A session in the module, with the methods that one of the full module has. Errors are returned. */
class SmallSession {
  #methods;
  #number = 0;
  #isOpen = false;

  constructor(methods) {
    this.#methods = methods;
  }

  call(glue, method, given) {
    const answer = ask(glue, this.#methods[method], this.#number, given);
    if (!answer) return { error: errorOf(CODES[glue.failure()]) };
    if (method === "prepare") [this.#number, this.#isOpen] = [numberOf(answer), true];
    return method === "missingHead" ? numberOf(answer) : answer;
  }

  /** Once: its number may be another session's then. */
  free(glue) {
    if (this.#isOpen) ask(glue, FREE, this.#number, []);
    this.#isOpen = false;
  }
}

export class SmallSealing extends SmallSession {
  constructor() {
    super(SEALING);
  }

  call(glue, method, given) {
    // A cipher elsewhere did, and it has the words.
    if (method === "failed") return { error: { code: "Internal", message: given[0] } };
    // A signature, or none.
    return super.call(glue, method, method === "finish" ? [given[0] ?? new Uint8Array()] : given);
  }
}

export class SmallOpening extends SmallSession {
  constructor() {
    super(OPENING);
  }

  call(glue, method, given) {
    return method === "failed" ? { error: errorOf("DecryptionFailed") } : super.call(glue, method, given);
  }
}

const numberOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

/** The module has no words: these are for what happens once a session has started. */
function errorOf(code) {
  return { code, message: WORDS[code] ?? "waxseal was asked for something that it can not do now" };
}

const WORDS = {
  InvalidInput: "the plaintext is longer than it was said to be when its encryption was started, or than a message can be",
  DecryptionFailed: "decryption failed: the message was altered or cut short, or is for another key",
  InvalidMessage: "a frame is longer than `maxBufferedFrame` allows; allow more if you trust its writer",
};
