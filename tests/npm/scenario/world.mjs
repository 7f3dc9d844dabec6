// What the checks of the scenario share: who asks, a KMS to ask, and tools to look closely with. Web APIs only.

import { assert, find } from "../checks.mjs";

export const BOB = "arn:aws:iam::111122223333:user/bob";
export const EVE = "arn:aws:iam::111122223333:user/eve";
export const ROOT = "arn:aws:iam::111122223333:root";
export const ENDPOINT = "https://kms.us-east-1.amazonaws.com/";
export const CONTEXT = { tenant: "42", purpose: "documents" };
export const encoder = new TextEncoder();
export const decoder = new TextDecoder();

/** A KMS with a key, and a client of the administrator's. */
export async function world({ Client, LocalKms }, { client, ...options } = {}) {
  const kms = await LocalKms.open({ storage: "memory", ...options });
  const { KeyMetadata } = await kms.createKey({ Description: "documents" });
  return { kms, keyId: KeyMetadata.Arn, client: new Client({ kms, keyId: KeyMetadata.Arn, ...client }) };
}

/** A KMS object of a user's own: it passes everything on to another and notes what it saw. */
export function spy(kms) {
  const seen = { calls: [], plaintexts: [], dataKeys: [] };
  const pass = (operation) => async (request, options) => {
    seen.calls.push({ operation, request, options });
    const response = await kms[operation](request, options);
    if (response.Plaintext) {
      seen.plaintexts.push(response.Plaintext);
      seen.dataKeys.push(response.Plaintext.slice());
    }
    return response;
  };
  return { seen, generateDataKey: pass("generateDataKey"), encrypt: pass("encrypt"), decrypt: pass("decrypt") };
}

/** A request signed by AWS Signature Version 4, written down here a second time; what `change` has but the region is changed after it is signed. */
export async function signed({ accessKeyId, secretAccessKey, sessionToken }, operation, body, change = {}) {
  const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const hash = async (text) => hex(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
  const hmac = async (key, text) => {
    const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return crypto.subtle.sign("HMAC", imported, encoder.encode(text));
  };
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    host: new URL(ENDPOINT).host,
    "x-amz-date": date,
    "x-amz-target": `TrentService.${operation}`,
  };
  if (sessionToken) headers["x-amz-security-token"] = sessionToken;
  const names = Object.keys(headers).sort();
  const canonical = ["POST", "/", "", ...names.map((name) => `${name}:${headers[name]}`), "", names.join(";"), await hash(body)].join("\n");
  const scope = `${date.slice(0, 8)}/${change.region ?? "us-east-1"}/kms/aws4_request`;
  let key = encoder.encode(`AWS4${secretAccessKey}`);
  for (const part of scope.split("/")) key = await hmac(key, part);
  const signature = hex(await hmac(key, ["AWS4-HMAC-SHA256", date, scope, await hash(canonical)].join("\n")));
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  if (change.target) headers["x-amz-target"] = change.target;
  return new Request(ENDPOINT, { method: "POST", headers: { ...headers, authorization }, body: change.body ?? body });
}

/** The administrator in that region, as a Kms over the wire; `seen` has the regions and keys that were asked for. */
export function inRegion(kms, region, seen = []) {
  const ask = (operation) => async (request) => {
    seen.push(`${region} ${request.KeyId}`);
    const sent = JSON.stringify(request, (_, value) => (value instanceof Uint8Array ? base64(value) : value));
    const answer = await kms.fetch(await signed(await kms.credentials(ROOT), operation, sent, { region }));
    const { __type, message, ...members } = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(message), { name: __type });
    for (const name of ["Plaintext", "CiphertextBlob"]) if (members[name]) members[name] = fromBase64(members[name]);
    return members;
  };
  return { generateDataKey: ask("GenerateDataKey"), encrypt: ask("Encrypt"), decrypt: ask("Decrypt") };
}

export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
export const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** Random bytes of any length; `getRandomValues` gives at most 65,536 at once. */
export function randomBytes(length) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

/** The same message with one byte changed. */
export function flipped(message, at) {
  const copy = message.slice();
  copy[at < 0 ? copy.length + at : at] ^= 1;
  return copy;
}

/** An array whose bytes went elsewhere. */
export function transferred(bytes) {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** Where `part` starts in `whole`. */
export function position(whole, part) {
  const at = find(whole, part);
  assert(at >= 0, "the part is in the whole");
  return at;
}

/** What suite 0478 derives from a data key, by WebCrypto: the extracted key and the message key. */
export async function derivedKeys(dataKey, messageId) {
  const hmac = await crypto.subtle.importKey("raw", messageId, { name: "HMAC", hash: "SHA-512" }, false, ["sign"]);
  const extracted = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, dataKey));
  const material = await crypto.subtle.importKey("raw", dataKey, "HKDF", false, ["deriveBits"]);
  const derive = async (info) =>
    new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-512", salt: messageId, info }, material, 256));
  const messageKey = await derive(new Uint8Array([0x04, 0x78, ...encoder.encode("DERIVEKEY")]));
  return { extracted, messageKey, commitment: await derive(encoder.encode("COMMITKEY")) };
}

/** Which of the SDK's memories have such bytes: `sdk`, `fast`, `full`. */
export function memoriesWith({ memories }, bytes) {
  const { kms, ...ofSdk } = memories();
  return Object.entries(ofSdk).flatMap(([name, memory]) => (find(new Uint8Array(memory.buffer), bytes) >= 0 ? [name] : []));
}

export const encryptUnder = async (given, keyring, text = "top secret") => new given.Client({ keyring }).encrypt(text, { encryptionContext: CONTEXT });
export const decryptUnder = async (given, keyring, message) => (await new given.Client({ keyring }).decrypt(message)).text();
