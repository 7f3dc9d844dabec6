// Signatures of messages through Node's crypto, which makes no copy of the message.

import { CURVES, compressed, fromDer, toDer, uncompressed, usualLength } from "./ecdsa.js";

export function nodeSignatures(crypto) {
  return {
    /** A new key pair that signs one message. */
    makeSigner(curveName) {
      const curve = CURVES[curveName];
      const { privateKey: key, publicKey } = crypto.generateKeyPairSync("ec", { namedCurve: curve.name });
      const { x, y } = publicKey.export({ format: "jwk" });
      return {
        publicKey: compressed(Uint8Array.of(4, ...digits(x), ...digits(y))),
        // Two bytes of length stand before the signature.
        footerLength: 2 + usualLength(curve),
        /** The signature in DER of everything before the footer. */
        sign: (message) => toDer(curve, crypto.sign(curve.hash, message, { key, dsaEncoding: "ieee-p1363" })),
      };
    },

    /** Whether that is the signature, in DER, of everything before the footer, by the private half of that public key. */
    verify(curveName, publicKey, message, signature) {
      const curve = CURVES[curveName];
      const numbers = fromDer(curve, signature);
      const point = uncompressed(curve, publicKey);
      if (!numbers || !point) return false;
      const [x, y] = [point.subarray(1, 1 + curve.size), point.subarray(1 + curve.size)].map(text);
      const key = crypto.createPublicKey({ key: { kty: "EC", crv: curve.name, x, y }, format: "jwk" });
      return crypto.verify(curve.hash, message, { key, dsaEncoding: "ieee-p1363" }, numbers);
    },
  };
}

/** From base64url, as JSON Web Keys have their numbers. */
function digits(text) {
  return Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}

function text(digits) {
  return btoa(String.fromCharCode(...digits)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
