// Starts messages in the full module, and what else only that one does. It asks keyrings itself, by its operations.

import { run, waiting } from "../operation.js";
import { Session } from "../session.js";
import { Trace } from "../trace.js";

/**
 * Like that of `small/start.js`.
 *
 * @param {{ settings, encryptionContext, signal?: AbortSignal, keep?(): void, traced?: { onEvent, reveal: boolean } }} call `traced` is who is told, and whether secrets
 */
export function startSealing(instance, call, { length, publicKey, whole }, use) {
  const { settings, context } = told(call);
  const { encryptionContext } = call;
  if (whole) return run(instance, (glue) => glue.encrypt(settings, whole(), encryptionContext), context, use);
  const start = (glue) => glue.startSealing(settings, length, encryptionContext, publicKey);
  return run(instance, start, context, ({ sealing, ...facts }, generation) => use(sessionOf(instance, generation, sealing, facts, call)));
}

/** Like that of `small/start.js`. */
export function startOpening(instance, call, { first, length, more, whole }, use) {
  const { settings, context } = told(call);
  const start = (glue) => glue.startOpening(settings, call.reading, first, length, whole !== undefined);
  return run(instance, start, { ...context, more }, ({ opening, plaintext, header, encryptionContext, ...facts }, generation) => {
    if (plaintext) return use({ header, encryptionContext, plaintext });
    return use({ header, encryptionContext, session: sessionOf(instance, generation, opening, facts, call) });
  });
}

/** Starts to read parts of a message. */
export function startOpeningParts(instance, call, { first, length, more, dangerIgnoreSignature }, use) {
  const { settings, context } = told(call);
  const start = (glue) => glue.startOpeningParts(settings, call.reading, first, length, dangerIgnoreSignature);
  return run(instance, start, { ...context, more }, ({ parts, header, encryptionContext, ...facts }, generation) => {
    return use({ header, encryptionContext, session: sessionOf(instance, generation, parts, facts, {}) });
  });
}

export function makeBranchKey(instance, { kms, keyArn, branchKeyId, tableName, signal }) {
  return run(instance, (glue) => glue.makeBranchKey(kms, keyArn, branchKeyId, tableName), { signal });
}

/** The instance is another one: what waited is to find out that it has gone. */
export const replaced = () => waiting.wakeAll();

function told({ settings, signal, keep, traced }) {
  const trace = traced && new Trace(traced.onEvent, traced.reveal);
  return { settings: { ...settings, trace }, context: { signal, keep, trace } };
}

function sessionOf(instance, generation, object, facts, { signal }) {
  const methods = { call: (_, method, given) => object[method](...given), free: () => object.free() };
  return new Session(instance, generation, methods, facts, signal);
}
