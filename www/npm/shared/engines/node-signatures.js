// Signatures of messages through Node's crypto, which makes no copy of the message.

import { CURVES, compressed, fromDer, toDer, uncompressed, usualLength } from "./ecdsa.js";

export function nodeSignatures(crypto) {
  return {
    /** A new key pair that signs one message. */
    makeSigner(curveName) {
      const curve = CURVES[curveName];
      const { privateKey, publicKey } = crypto.generateKeyPairSync("ec", { namedCurve: curve.name });
      const { x, y } = publicKey.export({ format: "jwk" });
      const key = { key: privateKey, dsaEncoding: "ieee-p1363" };
      return {
        publicKey: compressed(Uint8Array.of(4, ...digits(x), ...digits(y))),
        // Two bytes of length stand before the signature.
        footerLength: 2 + usualLength(curve),
        /** The signature in DER of everything before the footer. */
        sign: (message) => toDer(curve, crypto.sign(digestOf(curve), message, key)),
        /** The same of a message that arrives in pieces. */
        start() {
          const signing = crypto.createSign(digestOf(curve));
          return { update: (bytes) => void signing.update(bytes), sign: () => toDer(curve, signing.sign(key)) };
        },
      };
    },

    /** Whether that is the signature, in DER, of everything before the footer, by the private half of that public key. */
    verify(curveName, publicKey, message, signature) {
      const curve = CURVES[curveName];
      return verified(crypto, curve, publicKey, signature, (key, numbers) => crypto.verify(digestOf(curve), message, key, numbers));
    },

    /** Verifies one message, which it gets piece by piece. */
    makeStreamVerifier(curveName) {
      const curve = CURVES[curveName];
      const verifying = crypto.createVerify(digestOf(curve));
      return {
        update: (bytes) => void verifying.update(bytes),
        verify: (publicKey, signature) => verified(crypto, curve, publicKey, signature, (key, numbers) => verifying.verify(key, numbers)),
      };
    },
  };
}

/** What `verify` says of key and signature in the forms that OpenSSL takes, if they have such. */
function verified(crypto, curve, publicKey, signature, verify) {
  const numbers = fromDer(curve, signature);
  const point = uncompressed(curve, publicKey);
  if (!numbers || !point) return false;
  const [x, y] = [point.subarray(1, 1 + curve.size), point.subarray(1 + curve.size)].map(text);
  const key = crypto.createPublicKey({ key: { kty: "EC", crv: curve.name, x, y }, format: "jwk" });
  return verify({ key, dsaEncoding: "ieee-p1363" }, numbers);
}

/** The hash by the name that Deno's `node:crypto` takes too. */
function digestOf({ hash }) {
  return hash.replace("-", "").toLowerCase();
}

/** From base64url, as JSON Web Keys have their numbers. */
function digits(text) {
  return Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}

function text(digits) {
  return btoa(String.fromCharCode(...digits)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
