// What the vendors have in common that know who asks by a bearer token.

import { isUint8Array } from "../bytes.js";
import { invalid } from "../check.js";
import { KmsClientError, kindOf, nonsense } from "./fault.js";
import { tokens } from "./renewed.js";
import { Transport } from "./transport.js";

export class TokenClient {
  #transport;
  #tokens;
  #header;

  /** `header` makes the headers that carry the token. */
  constructor(vendor, token, transport, header) {
    this.vendor = vendor;
    this.#transport = new Transport(vendor, transport);
    this.#tokens = tokens(token, "token");
    this.#header = header;
  }

  /**
   * @param {object} how
   * @param how.url where to
   * @param how.body the JSON, an object
   * @param how.read makes the outcome of a good answer
   * @param how.refusal makes `{ kind?, vendorCode?, message?, requestId? }` of another one
   */
  ask({ url, body, read, refusal, signal }) {
    return this.#transport.send({
      signal,
      build: async (_, patience) => {
        const token = await this.#tokens.value(patience);
        return { url, headers: { "content-type": "application/json", ...this.#header(token) }, body: JSON.stringify(body), secrets: [token] };
      },
      read: (answer) => {
        if (answer.status === 200) return read(answer);
        throw this.#refusal(answer, refusal(answer));
      },
    });
  }

  #refusal({ status, json, retryAfter, clean }, { kind = kindOf(status), vendorCode, message, requestId }) {
    if (status < 400 || (!json && status < 429)) return nonsense(this.vendor, `status ${status} and no error of its own`, { status, requestId });
    // A token may be withdrawn before its end.
    if (status === 401) this.#tokens.forget();
    const words = clean(message) || `${this.vendor} refused`;
    const code = /^[\w. -]{1,100}$/.test(vendorCode ?? "") ? clean(vendorCode) : `HTTP ${status}`;
    return new KmsClientError({ kind, vendor: this.vendor, vendorCode: code, message: words, status, requestId, retryAfter });
  }
}

/** The request, if all that it asks for will be done. */
export function askable(request) {
  if (request?.DryRun || request?.DryRunModifiers?.length > 0) throw invalid("DryRun is AWS's own: this service would do what it is to check; ask without DryRun");
  if (request?.Recipient) throw invalid("Recipient is not supported: plaintexts come to whoever asks, and to no enclave alone; ask by AWS's own SDK");
  return request;
}

/** Bytes that were given, if they are some. */
export function someBytes(value, what) {
  if (!isUint8Array(value) || value.length === 0) throw invalid(`${what} is not a Uint8Array with something in it`);
  return value;
}
