// Signatures of messages through WebCrypto, for a message that is at hand as a whole.

import { CURVES, compressed, fromDer, toDer, uncompressed, usualLength } from "./ecdsa.js";

/** A new key pair that signs one message. The private half can not be read by anybody. */
export async function makeSigner(curveName) {
  const { subtle } = crypto;
  const curve = CURVES[curveName];
  const { privateKey, publicKey } = await subtle.generateKey(algorithm(curve), false, ["sign", "verify"]);
  return {
    // Two bytes of length stand before the signature.
    footerLength: 2 + usualLength(curve),
    publicKey: compressed(new Uint8Array(await subtle.exportKey("raw", publicKey))),
    /** The signature in DER of everything before the footer. */
    sign: async (message) => toDer(curve, new Uint8Array(await subtle.sign(algorithm(curve), privateKey, message))),
  };
}

/** Whether that is the signature, in DER, of everything before the footer, by the private half of that public key. */
export async function verify(curveName, publicKey, message, signature) {
  const { subtle } = crypto;
  const curve = CURVES[curveName];
  const numbers = fromDer(curve, signature);
  const point = uncompressed(curve, publicKey);
  if (!numbers || !point) return false;
  const key = await subtle.importKey("raw", point, algorithm(curve), false, ["verify"]);
  return subtle.verify(algorithm(curve), key, numbers, message);
}

function algorithm({ name, hash }) {
  return { name: "ECDSA", namedCurve: name, hash };
}
