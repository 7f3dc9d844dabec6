// A wrapping key that never leaves its KMS, which makes the data keys and unwraps them. What it answers is checked.

import { asked, copyOf, Failure, firstOf, invalidInput, taken, unavailable } from "./task.js";

export const kms = {
  check({ keyId }) {
    if (!KEY.test(keyId)) throw invalidInput(`\`${keyId}\` names no KMS key; give a key id, a key ARN, an alias name (alias/…) or an alias ARN`);
  },

  async make(keyring, task) {
    const { dataKeyLength } = task;
    const made = await put(keyring, "generateDataKey", { NumberOfBytes: dataKeyLength }, task, ["Plaintext", "CiphertextBlob", "KeyId"]);
    const encryptedDataKeys = [wrapped(keyring, made)];
    checkLength(made, task, ` where ${dataKeyLength} were asked for`);
    return { dataKey: made.Plaintext, encryptedDataKeys };
  },

  async wrap(keyring, dataKey, task) {
    return [wrapped(keyring, await put(keyring, "encrypt", { Plaintext: copyOf(dataKey) }, task, ["CiphertextBlob", "KeyId"]))];
  },

  /** Those copies are for it that its key wrapped. One that names no key ARN spoils them all: no official SDK writes it. */
  async unwrap(keyring, keys, task) {
    const { keyId } = keyring;
    const ofKms = keys.filter(({ providerId }) => providerId === PROVIDER_ID);
    const arns = ofKms.map(arnOf);
    if (arns.length > 0 && !isKeyArn(keyId)) {
      const why = "encrypts but can not decrypt, because messages name their keys by ARN";
      throw invalidInput(`a keyring on \`${keyId}\` ${why}; for this message use \`${arns[0]}\``);
    }
    return firstOf(ofKms.filter((_, at) => arns[at] === keyId), async ({ ciphertext }) => {
      const opened = await put(keyring, "decrypt", { CiphertextBlob: copyOf(ciphertext) }, task, ["Plaintext", "KeyId"]);
      if (opened.KeyId !== keyId) throw nonsense(`with the key \`${opened.KeyId}\`, not \`${keyId}\``);
      checkLength(opened, task, `; the message needs ${task.dataKeyLength}`);
      return opened.Plaintext;
    });
  },
};

/** @param more what the question has besides @param members what the answer has to have; plaintext is taken from it */
async function put({ kms, keyId, grantTokens }, what, more, task, members) {
  const request = { KeyId: keyId, ...more, EncryptionContext: { ...task.encryptionContext } };
  if (grantTokens.length > 0) request.GrantTokens = [...grantTokens];
  const answer = await asked(kms, what, request, task, more.Plaintext);
  for (const name of members) {
    const kind = name === "KeyId" ? "string" : "Uint8Array";
    // Bytes that are there are a Uint8Array, see questions.js.
    if (answer[name] === undefined || (kind === "string" && typeof answer[name] !== kind)) {
      throw unavailable(`its response has no \`${name}\` that is a ${kind}`);
    }
    if (name === "Plaintext") answer[name] = taken(answer[name], task);
  }
  return answer;
}

/** The copy that goes into the message. The KMS must have used the key it was asked to use, and must name it by ARN. */
function wrapped({ keyId }, { KeyId, CiphertextBlob }) {
  if (!isKeyArn(KeyId)) throw nonsense(`with the key \`${KeyId}\`, which is not a key ARN`);
  const [, kind, , id] = KEY.exec(keyId);
  if (kind === "key" ? KeyId !== keyId : id !== undefined && id !== KEY.exec(KeyId)[2]) throw nonsense(`with the key \`${KeyId}\`, not \`${keyId}\``);
  return { providerId: PROVIDER_ID, providerInfo: new TextEncoder().encode(KeyId), ciphertext: copyOf(CiphertextBlob) };
}

function checkLength({ Plaintext }, { dataKeyLength }, why) {
  if (Plaintext.length !== dataKeyLength) throw nonsense(`a data key of ${Plaintext.length} bytes${why}`);
}

/** The KMS answered, but not as a KMS does: nothing of the answer is used. */
const nonsense = (what) => unavailable(`it answered ${what}`);

function arnOf({ providerInfo }) {
  try {
    const arn = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(providerInfo);
    if (isKeyArn(arn)) return arn;
  } catch {
    // It is not even text.
  }
  throw new Failure("InvalidMessage", "an encrypted data key of provider `aws-kms` does not name a key ARN");
}

const isKeyArn = (text) => KEY.exec(text)?.[1] === "key";
/** The four ways to name a key: its ARN or that of an alias (with `key` or `alias`, and the id or name), an alias name, a key id. */
const KEY = /^(?:arn:[^:]+:kms:[^:]+:[^:]+:(key|alias)\/(.+)|alias\/[\w/:-]{1,256}|([\w-]{1,256}))$/s;
const PROVIDER_ID = "aws-kms";
