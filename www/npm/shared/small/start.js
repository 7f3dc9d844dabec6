// Starts messages in the small module and in the fast one: prepares the session, asks the keyring, gives the session its data key. They have no words for what they
// refuse: for those the same happens again in the full module, which has.

import { isPromise, NONE } from "../engines/engine.js";
import { Refusal } from "../failed.js";
import { check, isSmall, makeDataKey, unwrapDataKey } from "../keyrings/at-work.js";
import { Session } from "../session.js";
import { SmallOpening, SmallSealing } from "./door.js";
import { Unpacked } from "./pack.js";

/**
 * @param ciphers where they are: `inModule` of `small/module-ciphers.js`, or `webCrypto` of `small/web-ciphers.js`
 */
export function machineWith(ciphers) {
  return {
    startSealing: (...given) => startSealing(ciphers, ...given),
    startOpening: (...given) => startOpening(ciphers, ...given),
    /** Whether a short message goes through it as a whole. */
    takesWhole: ciphers.isAtOnce,
  };
}

/**
 * @param {import("../instance.js").Instance} instance the module, entered
 * @param {{ settings, encryptionContext, signal?: AbortSignal, keep?(): void }} call `keep` is called before any wait
 * @param {{ length?: number, publicKey?: Uint8Array, whole?(): Uint8Array }} message bytes of plaintext, if that is known; whose signature it is to have; the
 *   plaintext, if it is short
 * @param use gets the session at once, or the message
 */
async function startSealing(ciphers, instance, call, { length, publicKey = NONE, whole }, use) {
  const { settings, encryptionContext } = call;
  const session = sessionOf(instance, call, new SmallSealing());
  try {
    admit(session, call);
    const random = drawn();
    refusable(session, "prepare", random(32), length, publicKey, ...settled(settings), pairs(encryptionContext));
    const request = new Unpacked(session.call("request"));
    const asked = requestOf(ciphers, instance, call, request.number(2), request.number(2), request.bytes());
    const making = makeDataKey(settings.keyring, { ...asked, random });
    const made = isPromise(making) ? await making : making;
    const starting = given(ciphers, session, call, made, whole);
    const started = isPromise(starting) ? await starting : starting;
    session.check();
    if (whole) {
      session.free();
      return use(started);
    }
    const facts = new Unpacked(started);
    Object.assign(session.facts, { frameLength: facts.number(4), bodyLength: facts.number(8), keyLength: facts.number(1), header: facts.rest() });
    return use(session);
  } catch (error) {
    throw over(session, call, error);
  }
}

/**
 * @param {{ settings, reading, signal?: AbortSignal, keep?(): void }} call `keep` is called before any wait
 * @param {{ first: Uint8Array, length?: number, more(count: number): Uint8Array | Promise<Uint8Array>, whole?(): Uint8Array }} message its first bytes; its length, if that
 *   is known; what gives the next bytes, none at the end; all of it, if it is short
 * @param use gets `{ header, encryptionContext, session }` at once, or `plaintext` in place of the session, if the message is short and not signed
 */
async function startOpening(ciphers, instance, call, { first, length = Infinity, more, whole }, use) {
  const { settings, reading } = call;
  const session = sessionOf(instance, call, new SmallOpening());
  try {
    admit(session, call);
    const { encryptionContext, reproduced, unsignedOnly, verifyElsewhere, maxBufferedFrame } = reading;
    refusable(session, "prepare", ...settled(settings), pairs(encryptionContext), pairs(reproduced), unsignedOnly, verifyElsewhere, maxBufferedFrame);
    let read = refusable(session, "read", first);
    for (let left = length - first.length, missing; (missing = new Unpacked(read).number(4)) > 0; ) {
      const asked = Math.min(left, missing);
      const coming = asked > 0 ? more(asked) : NONE;
      const bytes = isPromise(coming) ? await coming : coming;
      session.check();
      if (bytes.length === 0) refusable(session, "ended");
      left -= bytes.length;
      read = refusable(session, "read", bytes);
    }
    const { facts, bound, ...said } = headerOf(new Unpacked(read.subarray(4)));
    const { suite, encryptedDataKeys } = said.header;
    const request = requestOf(ciphers, instance, call, Number.parseInt(suite, 16), facts.keyLength, bound);
    const unwrapping = unwrapDataKey(settings.keyring, encryptedDataKeys, request);
    const dataKey = isPromise(unwrapping) ? await unwrapping : unwrapping;
    const isHere = whole !== undefined && !facts.isSigned;
    Object.assign(session.facts, facts);
    const starting = found(ciphers, session, call, dataKey, isHere ? () => whole().subarray(facts.headerLength) : undefined);
    const plaintext = isPromise(starting) ? await starting : starting;
    session.check();
    if (isHere) {
      session.free();
      return use({ ...said, plaintext });
    }
    return use({ ...said, session });
  } catch (error) {
    throw over(session, call, error);
  }
}

/** It ends with its last user, too: a stream that nobody reads to its end is not told that nobody will. */
function sessionOf(instance, { signal }, object) {
  const generation = instance.entered;
  const session = new Session(instance, generation, object, {}, signal);
  abandoned?.register(session, () => instance.free(generation, object));
  return session;
}

/** Throws if the module's keyrings can not do it. */
function admit(session, { settings: { keyring } }) {
  // Aborted while the module was loading or a Blob was read: nothing has happened yet.
  session.check();
  if (!isSmall(keyring)) throw new Refusal({ code: "Unsupported", message: "the keyring takes the full module" });
  check(keyring);
}

/** Asks the session for what nobody was asked for before, and what can be done again. */
export function refusable(session, method, ...given) {
  try {
    return session.call(method, ...given);
  } catch (error) {
    throw REFUSALS.includes(error.code) ? new Refusal({ code: error.code, message: UNTOLD }) : error;
  }
}

/** Gives the session the data key that was made, and overwrites it. */
function given(ciphers, session, { settings }, { dataKey, encryptedDataKeys }, whole) {
  const copies = encryptedDataKeys.flatMap(({ providerId, providerInfo, ciphertext }) => [providerId, providerInfo, ciphertext]);
  // What is wrong with it shows in any other key of that length. Should nothing be, nobody knows the key.
  const makeDataKey = () => {
    const another = new Uint8Array(dataKey.length);
    crypto.getRandomValues(another.subarray(0, 32));
    return { dataKey: another, encryptedDataKeys };
  };
  const again = { makes: true, keyring: { makeDataKey } };
  return withKey(dataKey, settings, again, () => {
    session.check();
    return ciphers.startSealing(session, dataKey, copies, whole);
  });
}

/** Gives the session the data key that was found, if one was, and overwrites it. */
function found(ciphers, session, { settings }, dataKey, body) {
  return withKey(dataKey, settings, { unwraps: false, keyring: {} }, () => {
    session.check();
    return dataKey ? ciphers.startOpening(session, dataKey, body) : refusable(session, "noKey");
  });
}

/** Acts, and overwrites the key at the end. If the full module has to say what was wrong, `again` answers there: nobody is asked twice for it. */
function withKey(dataKey, settings, again, act) {
  const wipe = () => void dataKey?.fill(0);
  const refused = (error) => {
    wipe();
    settings.keyring = { kind: "own", ...again };
    throw error;
  };
  try {
    const acting = act();
    if (isPromise(acting)) return acting.then((result) => (wipe(), result), refused);
    wipe();
    return acting;
  } catch (error) {
    return refused(error);
  }
}

/** Ends a session that did not start. */
function over(session, { keep }, error) {
  session.free();
  // The full module may have to be waited for.
  if (error instanceof Refusal) keep?.();
  return error;
}

/** As the module reads them. */
function settled({ suite = "", commitmentPolicy = "", frameLength, maxEncryptedDataKeys, requiredEncryptionContextKeys = [] }) {
  return [suite, commitmentPolicy, frameLength, maxEncryptedDataKeys, requiredEncryptionContextKeys];
}

/** Gives random bytes, drawn all at once for one operation: each drawing takes microseconds on Node. */
function drawn() {
  const bytes = crypto.getRandomValues(new Uint8Array(128));
  let at = 0;
  return (length) => {
    if (at + length > bytes.length) return crypto.getRandomValues(new Uint8Array(length));
    const given = bytes.slice(at, at + length);
    bytes.fill(0, at, (at += length));
    return given;
  };
}

const pairs = (context = {}) => Object.entries(context).flat();

/** What a keyring gets. */
function requestOf(ciphers, instance, { signal, keep = () => {} }, suite, dataKeyLength, aad) {
  return { suite: hex(suite), dataKeyLength, encryptionContext: contextOf(aad), aad, signal, keep, cipher: ciphers.cipher(instance) };
}

/** What a header says, and what is to be known of its message. */
function headerOf(read) {
  const facts = { headerLength: read.number(4), keyLength: read.number(1), isSigned: read.number(1) === 1 };
  const [suite, messageId, frameLength] = [hex(read.number(2)), read.bytes().slice(), read.number(4)];
  const commitment = read.bytes().slice();
  const encryptionContext = contextOf(read.bytes());
  const encryptedDataKeys = Array.from({ length: read.number(2) }, () => ({
    providerId: read.text(),
    providerInfo: read.bytes().slice(),
    ciphertext: read.bytes().slice(),
  }));
  // A message without commitment is the full module's.
  const header = { suite, messageId, ...(frameLength > 0 && { frameLength }), encryptedDataKeys, commitment };
  return { facts, bound: read.bytes(), header, encryptionContext };
}

/** A context of its canonical bytes, as entries, so that a key named `__proto__` is a key like any other. */
function contextOf(bytes) {
  const read = new Unpacked(bytes);
  const count = bytes.length > 0 ? read.number(2) : 0;
  return Object.fromEntries(Array.from({ length: count }, () => [read.text(), read.text()]));
}

/** Where the full module, which has the words, can not be loaded. */
const UNTOLD = "it was refused, and the part of waxseal that says why can not be loaded";
const hex = (suite) => suite.toString(16).padStart(4, "0");
const abandoned = globalThis.FinalizationRegistry && new FinalizationRegistry((free) => free());
const REFUSALS = ["InvalidInput", "InvalidMessage", "Unsupported", "EncryptionContextMismatch"];
