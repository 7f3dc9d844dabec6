// The entry `waxseal/gcp`: Google Cloud KMS over REST.

import { invalid, optional, options, text } from "../check.js";
import { wrapOwn } from "../own-data-key.js";
import { Members } from "./answer.js";
import { encode } from "./base64.js";
import { bindingOf } from "./binding.js";
import { crc32c } from "./crc32c.js";
import { KmsClientError } from "./fault.js";
import { vendorKeyring } from "./keyring.js";
import { TokenClient, askable, someBytes } from "./token-client.js";
import { TRANSPORT_OPTIONS, addressOf } from "./transport.js";

export { KmsClientError } from "./fault.js";

export function gcpKms(given) {
  return new GcpKms(options(given, "gcpKms", OPTIONS));
}

/** A message names the key, and its ciphertext the version. */
export function gcpKeyring(given) {
  return vendorKeyring(given, "gcpKeyring", "waxseal-gcp-kms", (keyId) => (named) => named === keyOf(keyId).key);
}

class GcpKms {
  #client;
  #endpoint;

  constructor({ token, endpoint, ...transport }) {
    this.#client = new TokenClient(VENDOR, token, transport, (token) => ({ authorization: `Bearer ${token}` }));
    this.#endpoint = optional(endpoint, addressOf, "endpoint") ?? "https://cloudkms.googleapis.com";
  }

  /** Google makes no data keys. */
  generateDataKey(request, how) {
    return wrapOwn(this, request, how);
  }

  async encrypt(request, how) {
    const { KeyId, Plaintext, EncryptionContext } = askable(request);
    const { key, version } = keyOf(KeyId);
    const plaintext = summed("plaintext", someBytes(Plaintext, "Plaintext"));
    const binding = summed("additionalAuthenticatedData", bindingOf(EncryptionContext));
    return this.#ask(`${version}:encrypt`, { ...plaintext, ...binding }, how, (members, json) => {
      const used = members.text("name");
      const isAny = version === key && used.startsWith(`${key}/cryptoKeyVersions/`);
      if (used !== version && !isAny) throw members.wrong(`the key \`${used}\` where \`${KeyId}\` was asked for`);
      for (const name of Object.keys({ ...plaintext, ...binding }).filter((name) => name.endsWith("Crc32c"))) {
        if (json[`verified${name[0].toUpperCase()}${name.slice(1)}`] !== true) throw corrupted();
      }
      return { KeyId: key, CiphertextBlob: verified(members, json, "ciphertext") };
    });
  }

  async decrypt(request, how) {
    const { KeyId, CiphertextBlob, EncryptionContext } = askable(request);
    const { key } = keyOf(KeyId);
    const body = { ...summed("ciphertext", someBytes(CiphertextBlob, "CiphertextBlob")), ...summed("additionalAuthenticatedData", bindingOf(EncryptionContext)) };
    return this.#ask(`${key}:decrypt`, body, how, (members, json) => ({ KeyId: key, Plaintext: verified(members, json, "plaintext") }));
  }

  #ask(path, body, how, read) {
    const readAnswer = (answer) => read(new Members(VENDOR, answer), answer.json);
    return this.#client.ask({ url: `${this.#endpoint}/v1/${path}`, body, read: readAnswer, refusal, signal: how?.abortSignal });
  }
}

/** The key, and the version that encrypts: that is the key itself where it is left to Google. */
function keyOf(keyId) {
  const part = "[\\w:-][\\w.:-]*";
  const form = `^(projects/${part}/locations/${part}/keyRings/${part}/cryptoKeys/${part})(/cryptoKeyVersions/\\d+)?$`;
  const [version, key] = new RegExp(form).exec(text(keyId, "KeyId")) ?? [];
  if (!key) throw invalid(`\`${keyId}\` is not projects/…/locations/…/keyRings/…/cryptoKeys/…`);
  return { key, version };
}

/** Members of a request: bytes, and what they sum up to. 64-bit numbers are text in Google's JSON. */
function summed(name, bytes) {
  return bytes.length === 0 ? {} : { [name]: encode(bytes), [`${name}Crc32c`]: `${crc32c(bytes)}` };
}

function verified(members, json, name) {
  const bytes = members.bytes(name);
  if (`${json[`${name}Crc32c`]}` === `${crc32c(bytes)}`) return bytes;
  bytes.fill(0);
  throw corrupted();
}

/** On the way, which the next try may mend. */
function corrupted() {
  return new KmsClientError({ kind: "unavailable", vendor: VENDOR, message: "a checksum says that the request or the answer was altered on the way" });
}

function refusal({ json }) {
  const { status, message, details } = json?.error ?? {};
  const requestId = Array.isArray(details) ? details.find((detail) => typeof detail?.requestId === "string")?.requestId : undefined;
  return { kind: KINDS[status], vendorCode: typeof status === "string" ? status : undefined, message, requestId };
}

const VENDOR = "Google Cloud KMS";
const OPTIONS = ["token", "endpoint", ...TRANSPORT_OPTIONS];
const KINDS = {
  __proto__: null,
  PERMISSION_DENIED: "denied",
  UNAUTHENTICATED: "denied",
  NOT_FOUND: "not-found",
  // A version that is disabled or destroyed.
  FAILED_PRECONDITION: "disabled",
  RESOURCE_EXHAUSTED: "throttled",
  INVALID_ARGUMENT: "invalid",
  UNAVAILABLE: "unavailable",
  INTERNAL: "unavailable",
  DEADLINE_EXCEEDED: "unavailable",
};
