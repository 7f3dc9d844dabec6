// The entry `waxseal/broker/server`: what answers `brokerKms`, in front of any KMS. A session gets data keys of the encryption context that it was
// made for, and of no other. The protocol is in `BROKER.md`.

import { viewOf } from "../bytes.js";
import { callback, invalid, list, optional, options, text, whole } from "../check.js";
import { kindOfCode } from "./aws-faults.js";
import { decode, encode } from "./base64.js";
import { bodyOf, objectOf } from "./body.js";
import { Rate, Replays } from "./broker-limits.js";
import { isContext } from "./session-tokens.js";

export { nodeListener } from "./node-listener.js";
export { sessionTokens } from "./session-tokens.js";

export function brokerHandler(given) {
  const broker = new Broker(options(given, "brokerHandler", OPTIONS));
  return (request) => broker.answer(request);
}

class Broker {
  #kms;
  #keyIds;
  #authenticate;
  #operations;
  #origins;
  #rate;
  #replays;
  #onRequest;

  constructor({ kms, keyIds, authenticate, operations, origins, rate, replays, onRequest }) {
    this.#operations = optional(operations, list, "operations") ?? Object.keys(OPERATIONS);
    for (const name of this.#operations) {
      if (!Object.hasOwn(OPERATIONS, name)) throw invalid(`there is no operation \`${name}\`; there is ${Object.keys(OPERATIONS).join(", ")}`);
      if (typeof kms?.[OPERATIONS[name].method] !== "function") throw invalid(`kms has no method \`${OPERATIONS[name].method}\``);
    }
    if (kms.bindsContext === false) throw invalid("this kms binds data keys to no encryption context: any session could open those of all others");
    this.#kms = kms;
    this.#keyIds = list(keyIds, "keyIds").map((keyId, n) => text(keyId, `keyIds[${n}]`));
    if (this.#keyIds.length === 0) throw invalid("keyIds is empty: no session could do anything");
    this.#authenticate = callback(authenticate, "authenticate");
    this.#origins = optional(origins, list, "origins");
    const { requests = 60, seconds = 60 } = options(rate, "rate", ["requests", "seconds"]);
    this.#rate = new Rate({ requests: whole(1, 1e9)(requests, "requests"), seconds: whole(1, 86_400)(seconds, "seconds") });
    this.#replays = replays ?? new Replays();
    callback(this.#replays.claim, "claim of replays");
    this.#onRequest = optional(onRequest, callback, "onRequest");
  }

  /** Answers a request as the web's servers do; it never throws. */
  async answer(request) {
    const told = { requestId: crypto.randomUUID() };
    const cors = this.#corsOf(request);
    let response;
    try {
      response = request.method === "OPTIONS" ? new Response(null, { status: 204 }) : json(200, await this.#perform(request, cors, told));
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal("unavailable", "Internal", "the broker failed", error);
      told.refused = refusal;
      response = json(refusal.status, { error: { kind: refusal.kind, code: refusal.code, message: refusal.message } });
      if (refusal.retryAfter) response.headers.set("retry-after", `${refusal.retryAfter}`);
    }
    response.headers.set("x-request-id", told.requestId);
    for (const [name, value] of Object.entries(cors ?? {})) response.headers.set(name, value);
    if (request.method !== "OPTIONS") this.#tell(told);
    return response;
  }

  async #perform(request, cors, told) {
    if (!cors) throw new Refusal("denied", "OriginNotAllowed", "pages of this origin may not ask");
    const operation = new URL(request.url).pathname.split("/").pop();
    if (request.method !== "POST" || !this.#operations.includes(operation)) throw new Refusal("not-found", "NoSuchOperation", "there is no such operation here");
    // A form of another site can not send this.
    if (!/^application\/json\b/.test(request.headers.get("content-type") ?? "")) throw new Refusal("invalid", "NotJson", "the content type is not application/json");
    const session = await this.#sessionOf(request);
    Object.assign(told, { operation, subject: session.subject });
    const wait = this.#rate.wait(session.subject);
    if (wait > 0) throw new Refusal("throttled", "RateExceeded", "this session asks too often", undefined, wait);
    const asked = await this.#read(request, OPERATIONS[operation]);
    Object.assign(told, { keyId: asked.KeyId, encryptionContext: asked.EncryptionContext });
    this.#checkContext(asked.EncryptionContext, session);
    if (session.once !== undefined && !(await this.#replays.claim(session.once, session.expires))) {
      throw new Refusal("denied", "Replayed", "this token was for one request, which has been made", undefined, undefined, 401);
    }
    return this.#ask(OPERATIONS[operation], asked, request);
  }

  async #sessionOf(request) {
    let session;
    try {
      session = await this.#authenticate(request);
    } catch (error) {
      throw new Refusal("unavailable", "NotAuthenticated", "the broker could not find out whose session this is", error);
    }
    const { subject, encryptionContext, expires } = session ?? {};
    const isSession = typeof subject === "string" && subject !== "" && isContext(encryptionContext) && expires?.getTime?.() > Date.now();
    // On purpose it does not say whether a token was forged or has ended.
    if (!isSession) throw new Refusal("denied", "Unauthenticated", "there is no session, or it has ended; log in again", undefined, undefined, 401);
    return session;
  }

  async #read(request, { members }) {
    const bytes = await bodyOf(request, MAX_BODY);
    if (!bytes) throw new Refusal("invalid", "TooLong", `the request is longer than ${MAX_BODY} bytes`, undefined, undefined, 413);
    const body = objectOf(bytes) ?? fail("the request is not an object of JSON");
    const { KeyId = this.#keyIds[0], EncryptionContext = {} } = body;
    if (body.DryRun || body.Recipient) fail("a broker makes no dry runs, and answers to no enclave");
    if (!isContext(EncryptionContext)) fail("EncryptionContext is not an object of strings");
    // A name is a key's or it is not; whether there are others nobody is told.
    if (!this.#keyIds.some((own) => own === KeyId || (typeof KeyId === "string" && KeyId.startsWith(`${own}/`)))) {
      throw new Refusal("denied", "KeyNotAllowed", "this key is not one that sessions may use");
    }
    return { KeyId, EncryptionContext, ...members(body) };
  }

  /** Whatever the session is made for must be in the context, with its value, and nothing besides but what the session leaves open. */
  #checkContext(context, { encryptionContext, openKeys = [] }) {
    const isAsked = Object.entries(encryptionContext).every(([name, value]) => Object.hasOwn(context, name) && context[name] === value);
    const isAllowed = (name) => Object.hasOwn(encryptionContext, name) || openKeys.includes(name) || name === SIGNATURE_KEY;
    if (!isAsked || !Object.keys(context).every(isAllowed)) {
      throw new Refusal("denied", "EncryptionContextNotAllowed", "this session is for another encryption context");
    }
  }

  async #ask({ method }, asked, request) {
    let answer;
    try {
      answer = await this.#kms[method](asked, { abortSignal: request.signal });
    } catch (error) {
      throw refusalOf(error);
    } finally {
      asked.Plaintext?.fill(0);
    }
    const plaintext = viewOf(answer?.Plaintext);
    const ciphertext = viewOf(answer?.CiphertextBlob);
    const result = { KeyId: answer?.KeyId, Plaintext: plaintext && encode(plaintext), CiphertextBlob: ciphertext && encode(ciphertext) };
    plaintext?.fill(0);
    return result;
  }

  /** The headers for the page that asks; `undefined` if it may not. */
  #corsOf(request) {
    const origin = request.headers.get("origin");
    if (!this.#origins || !origin) return {};
    if (!this.#origins.includes(origin)) return undefined;
    return { ...CORS, "access-control-allow-origin": origin };
  }

  #tell({ refused, ...rest }) {
    try {
      this.#onRequest?.({ ...rest, outcome: refused ? refused.code : "ok", cause: refused?.cause });
    } catch (error) {
      (globalThis.reportError ?? console.error)(error);
    }
  }
}

/** An answer that is no data key. Its message is for whoever asked, and says nothing of what is behind the broker. */
class Refusal extends Error {
  constructor(kind, code, message, cause, retryAfter, status = STATUSES[kind]) {
    super(message, { cause });
    Object.assign(this, { kind, code, retryAfter, status });
  }
}

/** What a KMS's own refusal is to a session. */
function refusalOf(error) {
  const kind = KINDS.includes(error?.kind) ? error.kind : (kindOfCode(`${error?.name}`) ?? (error?.$fault === "client" ? "invalid" : "unavailable"));
  const after = kind === "throttled" || kind === "unavailable" ? Math.ceil((error?.retryAfter ?? 1_000) / 1_000) : undefined;
  return new Refusal(kind, "KmsRefused", `the KMS did not do it: ${kind}`, error, after);
}

function bytesOf(body, name, most) {
  const bytes = typeof body[name] === "string" ? decode(body[name]) : undefined;
  if (!bytes?.length || bytes.length > most) fail(`${name} is not base64 of 1 to ${most} bytes`);
  return { [name]: bytes };
}

function fail(message) {
  throw new Refusal("invalid", "NotValid", message);
}

function json(status, body) {
  const headers = { "content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff" };
  return new Response(JSON.stringify(body), { status, headers });
}

/** By the last part of the address: the method of the KMS, and what of the request it gets. */
const OPERATIONS = {
  "generate-data-key": {
    method: "generateDataKey",
    members({ NumberOfBytes }) {
      if (!Number.isInteger(NumberOfBytes) || NumberOfBytes < 1 || NumberOfBytes > 1024) fail("NumberOfBytes is not a whole number from 1 to 1024");
      return { NumberOfBytes };
    },
  },
  encrypt: { method: "encrypt", members: (body) => bytesOf(body, "Plaintext", 4_096) },
  decrypt: { method: "decrypt", members: (body) => bytesOf(body, "CiphertextBlob", 32_768) },
};
const OPTIONS = ["kms", "keyIds", "authenticate", "operations", "origins", "rate", "replays", "onRequest"];
const STATUSES = { denied: 403, "not-found": 404, disabled: 409, throttled: 429, unavailable: 503, invalid: 400 };
const KINDS = Object.keys(STATUSES);
const CORS = {
  "access-control-allow-methods": "POST",
  "access-control-allow-headers": "authorization, content-type",
  "access-control-expose-headers": "retry-after, x-request-id",
  "access-control-max-age": "7200",
  vary: "origin",
};
/** Signed messages have the verification key there; it is the writer's to choose. */
const SIGNATURE_KEY = "aws-crypto-public-key";
const MAX_BODY = 65_536;
