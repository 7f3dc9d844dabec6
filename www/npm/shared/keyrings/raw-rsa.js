// Keyrings of RSA keys that the application itself holds. WebCrypto works with them where it can; the full module does where there is none, and with
// PKCS#1 v1.5, which WebCrypto does not have.

import { isUint8Array, wellFormed } from "../bytes.js";
import { invalid, optional, options, text } from "../check.js";
import { Keyring } from "./keyring.js";
import { RsaKeys, isSizeTaken } from "./rsa-keys.js";

export function rawRsaKeyring(given) {
  const { namespace, name, hash, publicKey, privateKey, dangerPkcs1v15DecryptOnly } = options(given, "rawRsaKeyring", RSA_OPTIONS);
  if (publicKey === undefined && privateKey === undefined) throw invalid("rawRsaKeyring needs a publicKey to encrypt or a privateKey to decrypt");
  const isOld = dangerPkcs1v15DecryptOnly === true;
  if (isOld && (hash !== undefined || publicKey !== undefined)) {
    throw invalid("dangerPkcs1v15DecryptOnly is for a privateKey alone: PKCS#1 v1.5 has no hash and is not written");
  }
  if (isOld && isCryptoKey(privateKey)) throw invalid("privateKey is a CryptoKey, and WebCrypto has no PKCS#1 v1.5: give PEM or DER");
  const keys = {
    namespace: namespaceOf(namespace),
    name: wellFormed(text(name, "name"), "name"),
    hash: isOld ? undefined : hashOf(hash, [publicKey, privateKey].filter(isCryptoKey)),
    publicKey: optional(publicKey, (key) => keyOf(key, "publicKey", "public", ["encrypt", "wrapKey"])),
    privateKey: optional(privateKey, (key) => keyOf(key, "privateKey", "private", ["decrypt", "unwrapKey"])),
  };
  if (isOld || !globalThis.crypto?.subtle) return new Keyring({ kind: "raw-rsa", ...keys });
  return new Keyring({ kind: "own", isOurs: true, keyring: new RsaKeys(keys), makes: false, wraps: true, unwraps: privateKey !== undefined });
}

function namespaceOf(namespace) {
  const given = wellFormed(text(namespace, "namespace"), "namespace");
  if (given.startsWith("aws-kms")) {
    throw invalid(`the namespace \`${given}\` is reserved for KMS keys; choose one that does not start with \`aws-kms\``);
  }
  return given;
}

/** The one that is asked for, which is that of every CryptoKey. */
function hashOf(given, cryptoKeys) {
  const hash = optional(given, text, "hash") ?? cryptoKeys[0]?.algorithm.hash?.name ?? "SHA-256";
  if (!HASHES.includes(hash)) throw invalid(`\`${hash}\` is not a hash of OAEP; there is ${HASHES.join(", ")}`);
  const other = cryptoKeys.find(({ algorithm }) => algorithm.hash && algorithm.hash.name !== hash);
  if (other) throw invalid(`the ${other.type} CryptoKey is for OAEP with ${other.algorithm.hash.name}, and not with ${hash}`);
  return hash;
}

/** PEM or DER, as bytes, or a CryptoKey that can do what is needed. */
function keyOf(key, what, type, usages) {
  if (typeof key === "string") return new TextEncoder().encode(key);
  if (isUint8Array(key)) return new Uint8Array(key);
  if (!isCryptoKey(key)) throw invalid(`${what} is neither PEM in a string nor DER in a Uint8Array, nor a CryptoKey`);
  if (key.type !== type) throw invalid(`${what} is a CryptoKey of the type ${key.type}; it has to be ${type}`);
  if (key.algorithm.name !== "RSA-OAEP") throw invalid(`${what} is a CryptoKey for ${key.algorithm.name}; it has to be one for RSA-OAEP`);
  if (!usages.some((usage) => key.usages.includes(usage))) {
    throw invalid(`${what} is a CryptoKey with the usages [${key.usages}]; it has to have \`${usages.join("` or `")}\``);
  }
  if (!isSizeTaken(key)) throw invalid(`${what} is a CryptoKey of ${key.algorithm.modulusLength} bits; it has to have 2048 to 8192`);
  return key;
}

/** Also of another realm. */
const isCryptoKey = (value) => Object.prototype.toString.call(value) === "[object CryptoKey]";

const HASHES = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];
const RSA_OPTIONS = ["namespace", "name", "hash", "publicKey", "privateKey", "dangerPkcs1v15DecryptOnly"];
