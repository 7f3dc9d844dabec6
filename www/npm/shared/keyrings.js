// Keyrings: descriptions of what wraps and unwraps data keys. They are made at once; each operation builds what it needs from them.

import { isUint8Array } from "./bytes.js";
import { invalid, list, optional, options, text } from "./check.js";
import { DISPOSE } from "./dispose.js";

const descriptions = new WeakMap();

class Keyring {
  constructor(description) {
    descriptions.set(this, description);
  }

  /** Overwrites the keyring's own copy of a raw key; the keyring can not be used any more. */
  [DISPOSE]() {
    const description = descriptions.get(this);
    descriptions.delete(this);
    if (description?.key) {
      description.key.fill(0);
      // An operation that has not yet taken the key over finds none, rather than zeros.
      description.key = new Uint8Array();
    }
  }
}

/** What wasm gets of a keyring. */
export function describe(keyring, what) {
  if (!(keyring instanceof Keyring)) throw invalid(`${what} is not a keyring; make one with kmsKeyring, rawAesKeyring or multiKeyring`);
  const description = descriptions.get(keyring);
  if (!description) throw invalid(`${what} has been disposed of`);
  if (description.kind !== "multi") return description;
  const { generator, children } = description;
  return {
    kind: "multi",
    generator: generator && describe(generator, "generator"),
    children: children.map((child, index) => describe(child, `children[${index}]`)),
  };
}

export function kmsKeyring(given) {
  const { kms, keyId, grantTokens } = options(given, "kmsKeyring", ["kms", "keyId", "grantTokens"]);
  for (const method of ["generateDataKey", "encrypt", "decrypt"]) {
    if (typeof kms?.[method] !== "function") {
      throw invalid(`kms has no method \`${method}\`; pass a LocalKms, the \`new KMS()\` of @aws-sdk/client-kms (not its KMSClient), or an object of your own`);
    }
  }
  const tokens = (optional(grantTokens, list, "grantTokens") ?? []).map((token, index) => text(token, `grantTokens[${index}]`));
  return new Keyring({ kind: "kms", kms, keyId: text(keyId, "keyId"), grantTokens: tokens });
}

export function rawAesKeyring(given) {
  const { namespace, name, key } = options(given, "rawAesKeyring", ["namespace", "name", "key"]);
  if (!isUint8Array(key) || ![16, 24, 32].includes(key.length)) throw invalid("key is not a Uint8Array of 16, 24 or 32 bytes");
  return new Keyring({ kind: "raw-aes", namespace: text(namespace, "namespace"), name: text(name, "name"), key: new Uint8Array(key) });
}

export function multiKeyring(given) {
  const { generator, children } = options(given, "multiKeyring", ["generator", "children"]);
  const keyring = new Keyring({ kind: "multi", generator, children: optional(children, list, "children") ?? [] });
  if (!generator && !children?.length) throw invalid("a multiKeyring needs a generator or children");
  describe(keyring, "multiKeyring");
  return keyring;
}
