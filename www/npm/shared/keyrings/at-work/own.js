// A keyring that is written in JavaScript, by the user or as a part of the SDK. What it gives is copied, and its plaintext data keys are overwritten.

import { asked, copiesOf, copyOf, invalidInput, randomDataKey, taken, undecryptable } from "./task.js";

export const own = {
  async make(keyring, task) {
    if (!keyring.makes) {
      const dataKey = randomDataKey(task);
      return { dataKey, encryptedDataKeys: await own.wrap(keyring, dataKey, task) };
    }
    const { dataKey, encryptedDataKeys } = await put(keyring, "makeDataKey", {}, task);
    return { dataKey: taken(dataKey, task), encryptedDataKeys: copiesOf(encryptedDataKeys) };
  },

  async wrap(keyring, dataKey, task) {
    if (keyring.wraps) return copiesOf(await put(keyring, "wrapDataKey", { dataKey: copyOf(dataKey) }, task));
    throw invalidInput("the keyring has no method `wrapDataKey`: it can not encrypt together with others, and not alone without `makeDataKey`");
  },

  async unwrap(keyring, keys, task) {
    const answer = keyring.unwraps ? await put(keyring, "unwrapDataKey", { encryptedDataKeys: copiesOf(keys) }, task) : undefined;
    return answer && taken(answer.dataKey, task);
  },
};

/** Every question has the same members, and one more at most. One of ours may refuse: with a reason, or without one. */
async function put({ keyring }, what, more, task) {
  const { suite, dataKeyLength, encryptionContext } = task;
  const request = { suite, dataKeyLength, encryptionContext: { ...encryptionContext }, ...more };
  const { refused, problem, value } = await asked(keyring, what, request, task, more.dataKey, `the keyring failed at \`${what}\`: `);
  if (refused !== undefined) throw refused ? invalidInput(refused) : undecryptable();
  if (problem !== undefined) throw invalidInput(`the keyring did not answer \`${what}\` as it has to: ${problem}`);
  return value;
}
