// Tokens of sessions with a broker: JSON Web Tokens under HMAC-SHA-256, issued where users log in and checked where they ask.

import { isUint8Array } from "../bytes.js";
import { invalid, options, text, whole } from "../check.js";
import { decode, encodeUrl } from "./base64.js";
import { objectOf } from "./body.js";

export function sessionTokens(given) {
  const { key } = options(given, "sessionTokens", ["key"]);
  if (!isUint8Array(key) || key.length < 32) throw invalid("key is not a Uint8Array of at least 32 bytes");
  return new SessionTokens(new Uint8Array(key));
}

class SessionTokens {
  #key;

  constructor(key) {
    this.#key = key;
    this.authenticate = (request) => this.#authenticate(request);
  }

  async issue(given) {
    const { subject, encryptionContext, seconds = 300, once } = options(given, "issue", ["subject", "encryptionContext", "seconds", "once"]);
    if (!isContext(encryptionContext)) throw invalid("encryptionContext is not an object of strings");
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: text(subject, "subject"), ctx: encryptionContext, iat: now, exp: now + whole(1, 86_400)(seconds, "seconds") };
    if (once) claims.jti = crypto.randomUUID();
    const signed = `${HEADER}.${encodeUrl(encoder().encode(JSON.stringify(claims)))}`;
    return `${signed}.${encodeUrl(new Uint8Array(await crypto.subtle.sign("HMAC", await this.#imported(), encoder().encode(signed))))}`;
  }

  /** The session of a request's bearer token; `undefined` if it has no good one. */
  async #authenticate(request) {
    const [, header, claims, signature] = TOKEN.exec(request.headers.get("authorization") ?? "") ?? [];
    // Only what is issued here: no other algorithm is even looked at.
    if (header !== HEADER) return undefined;
    const given = decode(signature);
    if (!given || !(await crypto.subtle.verify("HMAC", await this.#imported(), given, encoder().encode(`${header}.${claims}`)))) return undefined;
    const { sub, ctx, exp, jti } = objectOf(decode(claims) ?? new Uint8Array(0)) ?? {};
    if (typeof sub !== "string" || !isContext(ctx) || typeof exp !== "number" || exp * 1000 <= Date.now()) return undefined;
    return { subject: sub, encryptionContext: ctx, expires: new Date(exp * 1000), once: typeof jti === "string" ? jti : undefined };
  }

  #imported() {
    return crypto.subtle.importKey("raw", this.#key, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  }
}

/** An object of strings, as an encryption context is. */
export function isContext(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every((each) => typeof each === "string");
}

const encoder = () => new TextEncoder();
/** `{"alg":"HS256","typ":"JWT"}` */
const HEADER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
const TOKEN = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/;
