// ECDSA's numbers as bytes: points and signatures between the forms that messages have and those that platforms take.

/** By the suite's curve: what WebCrypto and OpenSSL call it, its hash, the bytes of a number, its prime, order and coefficient `b`. */
export const CURVES = {
  __proto__: null,
  "P-256": {
    name: "P-256",
    hash: "SHA-256",
    size: 32,
    prime: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  "P-384": {
    name: "P-384",
    hash: "SHA-384",
    size: 48,
    prime: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
};

/** How long a signature in a footer is, nearly always: what the official SDKs write too. */
export function usualLength({ size }) {
  return 2 * size + 7;
}

/** The short form of a point: its x, and of its y whether it is odd. */
export function compressed(point) {
  const size = (point.length - 1) / 2;
  const short = point.slice(0, 1 + size);
  short[0] = 2 + (point.at(-1) & 1);
  return short;
}

/** The long form of a point, for platforms that do not take the short one; `undefined` if no point of the curve has it. */
export function uncompressed({ size, prime, b }, short) {
  if (short.length !== 1 + size || (short[0] !== 2 && short[0] !== 3)) return undefined;
  const x = number(short.subarray(1));
  if (x >= prime) return undefined;
  const square = (((x * x - 3n) * x + b) % prime + prime) % prime;
  // Both primes are 3 modulo 4, where this is a root if there is one.
  let y = power(square, (prime + 1n) / 4n, prime);
  if ((y * y) % prime !== square) return undefined;
  if ((y & 1n) !== BigInt(short[0] & 1)) y = prime - y;
  const point = new Uint8Array(1 + 2 * size);
  point[0] = 4;
  point.set(short.subarray(1), 1);
  point.set(bytes(y, size), 1 + size);
  return point;
}

/**
 * A signature as a footer has it, in DER, of r and s one after the other. With s its negative is a signature too, which is a byte shorter or longer as
 * often as not: of the two that one is taken that makes the signature as long as it usually is.
 */
export function toDer(curve, signature) {
  const r = signature.subarray(0, curve.size);
  const s = signature.subarray(curve.size);
  const der = sequence(r, s);
  return der.length === usualLength(curve) ? der : sequence(r, bytes(curve.order - number(s), curve.size));
}

/** r and s one after the other; `undefined` for what is not the DER of two positive numbers. */
export function fromDer({ size }, der) {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der[1] > 0x7f) return undefined;
  const signature = new Uint8Array(2 * size);
  let at = 2;
  for (const end of [size, 2 * size]) {
    const length = der[at + 1];
    const integer = der.subarray(at + 2, at + 2 + length);
    const isPositive = integer[0] < 0x80 && (integer[0] > 0 || integer[1] >= 0x80);
    if (der[at] !== 2 || integer.length !== length || !isPositive) return undefined;
    const digits = integer[0] === 0 ? integer.subarray(1) : integer;
    if (digits.length > size) return undefined;
    signature.set(digits, end - digits.length);
    at += 2 + length;
  }
  return at === der.length ? signature : undefined;
}

function sequence(...numbers) {
  const integers = numbers.map((bytes) => {
    const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    return digits[0] < 0x80 ? [...digits] : [0, ...digits];
  });
  const content = integers.flatMap((integer) => [2, integer.length, ...integer]);
  return Uint8Array.of(0x30, content.length, ...content);
}

function number(bytes) {
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
}

function bytes(number, size) {
  const digits = number.toString(16).padStart(2 * size, "0");
  return Uint8Array.from({ length: size }, (_, index) => parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}

/** Only of numbers that everybody may see: the time it takes depends on them. */
function power(base, exponent, modulus) {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === "1") result = (result * base) % modulus;
  }
  return result;
}
