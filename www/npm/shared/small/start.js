// Starts messages in the small module: prepares the session, asks the keyring, gives the session its data key. The module has no words for what it refuses: for
// those the same happens again in the full module, which has.

import { isPromise, NONE } from "../engines/engine.js";
import { Refusal } from "../failed.js";
import { check, isSmall, makeDataKey, unwrapDataKey } from "../keyrings/at-work.js";
import { Session } from "../session.js";
import { ask, SmallOpening, SmallSealing, UNWRAP, WRAP } from "./door.js";
import { Unpacked } from "./pack.js";

/**
 * @param {import("../instance.js").Instance} instance the small module, entered
 * @param {{ settings, encryptionContext, signal?: AbortSignal, keep?(): void }} call `keep` is called before any wait
 * @param {{ length?: number, publicKey?: Uint8Array, whole?(): Uint8Array }} message bytes of plaintext, if that is known; whose signature it is to have; the
 *   plaintext, if it is short
 * @param use gets the session at once, or the message
 */
export async function startSealing(instance, call, { length, publicKey = NONE, whole }, use) {
  const { settings, encryptionContext } = call;
  const session = sessionOf(instance, call, new SmallSealing());
  try {
    const random = crypto.getRandomValues(new Uint8Array(32));
    refusable(session, "prepare", random, length, publicKey, ...settled(settings), pairs(encryptionContext));
    const request = new Unpacked(session.call("request"));
    const making = makeDataKey(settings.keyring, requestOf(instance, call, request.number(2), request.number(2), request.bytes()));
    const made = isPromise(making) ? await making : making;
    const started = given(session, call, made, whole);
    if (whole) {
      session.free();
      return use(started);
    }
    const facts = new Unpacked(started);
    session.facts = { frameLength: facts.number(4), bodyLength: facts.number(8), keyLength: facts.number(1), header: facts.rest() };
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
export async function startOpening(instance, call, { first, length = Infinity, more, whole }, use) {
  const { settings, reading } = call;
  const session = sessionOf(instance, call, new SmallOpening());
  try {
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
    const request = requestOf(instance, call, Number.parseInt(suite, 16), facts.keyLength, bound);
    const unwrapping = unwrapDataKey(settings.keyring, encryptedDataKeys, request);
    const dataKey = isPromise(unwrapping) ? await unwrapping : unwrapping;
    const isHere = whole !== undefined && !facts.isSigned;
    const plaintext = found(session, call, dataKey, isHere, () => whole().subarray(facts.headerLength));
    if (isHere) {
      session.free();
      return use({ ...said, plaintext });
    }
    session.facts = facts;
    return use({ ...said, session });
  } catch (error) {
    throw over(session, call, error);
  }
}

/** A session, if the module's keyrings can do it. */
function sessionOf(instance, { settings: { keyring }, signal }, object) {
  const session = new Session(instance, instance.entered, object, {}, signal);
  // Aborted while the module was loading or a Blob was read: nothing has happened yet.
  session.check();
  if (!isSmall(keyring)) throw new Refusal({ code: "Unsupported", message: "the keyring takes the full module" });
  check(keyring);
  return session;
}

/** Asks the session for what nobody was asked for before, and what can be done again. */
function refusable(session, method, ...given) {
  try {
    return session.call(method, ...given);
  } catch (error) {
    throw REFUSALS.includes(error.code) ? new Refusal(error) : error;
  }
}

/** Gives the session the data key that was made, and overwrites it. */
function given(session, { settings }, { dataKey, encryptedDataKeys }, whole) {
  try {
    session.check();
    const copies = encryptedDataKeys.flatMap(({ providerId, providerInfo, ciphertext }) => [providerId, providerInfo, ciphertext]);
    return refusable(session, "start", dataKey, copies, whole !== undefined, whole?.() ?? NONE);
  } catch (error) {
    // What is wrong with it shows in a key of that length, too.
    answerAgain(settings, { makes: true, keyring: { makeDataKey: () => ({ dataKey: new Uint8Array(dataKey.length), encryptedDataKeys }) } });
    throw error;
  } finally {
    dataKey.fill(0);
  }
}

/** Gives the session the data key that was found, if one was, and overwrites it. */
function found(session, { settings }, dataKey, isHere, body) {
  try {
    session.check();
    return refusable(session, "start", dataKey ?? NONE, isHere, isHere ? body() : NONE);
  } catch (error) {
    answerAgain(settings, { unwraps: false, keyring: {} });
    throw error;
  } finally {
    dataKey?.fill(0);
  }
}

/** If the full module has to say what is wrong, nobody is asked twice for it. */
function answerAgain(settings, keyring) {
  settings.keyring = { kind: "own", ...keyring };
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

const pairs = (context = {}) => Object.entries(context).flat();

/** What a keyring gets. */
function requestOf(instance, { signal, keep = () => {} }, suite, dataKeyLength, aad) {
  const generation = instance.entered;
  const cipher = (what) => (...given) => instance.step(generation, (glue) => ask(glue, what, 0, given));
  return { suite: hex(suite), dataKeyLength, encryptionContext: contextOf(aad), aad, signal, keep, cipher: { seal: cipher(WRAP), open: cipher(UNWRAP) } };
}

/** What a header says, and what is to be known of its message. */
function headerOf(read) {
  const facts = { headerLength: read.number(4), keyLength: read.number(1), isSigned: read.number(1) === 1 };
  const header = { suite: hex(read.number(2)), messageId: read.bytes().slice(), frameLength: read.number(4) || undefined };
  const commitment = read.bytes().slice();
  const encryptionContext = contextOf(read.bytes());
  const encryptedDataKeys = Array.from({ length: read.number(2) }, () => ({
    providerId: read.text(),
    providerInfo: read.bytes().slice(),
    ciphertext: read.bytes().slice(),
  }));
  if (header.frameLength === undefined) delete header.frameLength;
  if (commitment.length > 0) header.commitment = commitment;
  return { facts, bound: read.bytes(), header: { ...header, encryptedDataKeys }, encryptionContext };
}

/** A context of its canonical bytes, as entries, so that a key named `__proto__` is a key like any other. */
function contextOf(bytes) {
  const read = new Unpacked(bytes);
  const count = bytes.length > 0 ? read.number(2) : 0;
  return Object.fromEntries(Array.from({ length: count }, () => [read.text(), read.text()]));
}

const hex = (suite) => suite.toString(16).padStart(4, "0");
const REFUSALS = ["InvalidInput", "InvalidMessage", "Unsupported", "EncryptionContextMismatch"];
