// Keyrings of keys that the application itself holds. Keys are copied at once.

import { isUint8Array } from "../bytes.js";
import { invalid, optional, options, text } from "../check.js";
import { Keyring } from "./keyring.js";

export function rawAesKeyring(given) {
  const { namespace, name, key } = options(given, "rawAesKeyring", ["namespace", "name", "key"]);
  if (!isUint8Array(key) || ![16, 24, 32].includes(key.length)) throw invalid("key is not a Uint8Array of 16, 24 or 32 bytes");
  return new Keyring({ kind: "raw-aes", namespace: text(namespace, "namespace"), name: text(name, "name"), key: new Uint8Array(key) });
}

export function rawRsaKeyring(given) {
  const { namespace, name, hash, publicKey, privateKey, dangerPkcs1v15DecryptOnly } = options(given, "rawRsaKeyring", RSA_OPTIONS);
  if (publicKey === undefined && privateKey === undefined) throw invalid("rawRsaKeyring needs a publicKey to encrypt or a privateKey to decrypt");
  const isOld = dangerPkcs1v15DecryptOnly === true;
  if (isOld && (hash !== undefined || publicKey !== undefined)) {
    throw invalid("dangerPkcs1v15DecryptOnly is for a privateKey alone: PKCS#1 v1.5 has no hash and is not written");
  }
  return new Keyring({
    kind: "raw-rsa",
    namespace: text(namespace, "namespace"),
    name: text(name, "name"),
    hash: isOld ? undefined : text(hash ?? "SHA-256", "hash"),
    publicKey: optional(publicKey, written, "publicKey"),
    privateKey: optional(privateKey, written, "privateKey"),
  });
}

/** PEM or DER, as bytes. */
function written(key, what) {
  if (typeof key === "string") return new TextEncoder().encode(key);
  if (!isUint8Array(key)) throw invalid(`${what} is neither PEM in a string nor DER in a Uint8Array`);
  return new Uint8Array(key);
}

const RSA_OPTIONS = ["namespace", "name", "hash", "publicKey", "privateKey", "dangerPkcs1v15DecryptOnly"];
