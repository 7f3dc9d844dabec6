// Keyrings of AES keys that the application itself holds. Keys are copied at once.

import { isUint8Array } from "../bytes.js";
import { invalid, options, text } from "../check.js";
import { Keyring } from "./keyring.js";

export function rawAesKeyring(given) {
  const { namespace, name, key } = options(given, "rawAesKeyring", ["namespace", "name", "key"]);
  if (!isUint8Array(key) || ![16, 24, 32].includes(key.length)) throw invalid("key is not a Uint8Array of 16, 24 or 32 bytes");
  return new Keyring({ kind: "raw-aes", namespace: text(namespace, "namespace"), name: text(name, "name"), key: new Uint8Array(key) });
}
