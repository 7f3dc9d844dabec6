import type { EncryptionContext, Kms } from "./aws.js";

/**
 * What answers `brokerKms`, as the web's servers do: `Request` in, `Response` out, on Cloudflare Workers, Deno, Bun, and on Node by `nodeListener`. A session gets
 * data keys of the encryption context that it is for, and of no other.
 */
export function brokerHandler(options: BrokerOptions): (request: Request) => Promise<Response>;

/** In front of what, and for whom. */
export interface BrokerOptions {
  /**
   * The KMS that is asked. One that binds data keys to no encryption context (Azure's with RSA or A256KW) is refused: any session could open the data
   * keys of all others.
   */
  kms: Kms;
  /** The names of the keys that sessions may use, and with them of their versions; the first is used where a request names none. */
  keyIds: readonly string[];
  /**
   * Finds out whose session a request belongs to, by its token or cookie; `undefined` if to none. `sessionTokens` has one. What it throws is answered with
   * 503 and told to nobody but `onRequest`.
   */
  authenticate: (request: Request) => BrokerSession | undefined | Promise<BrokerSession | undefined>;
  /** What sessions may do; default: everything. */
  operations?: readonly ("generate-data-key" | "encrypt" | "decrypt")[] | undefined;
  /**
   * The origins whose pages may ask, your own too: `https://app.example`. With it, pages of other origins are refused. Default: no CORS headers, so only pages
   * of the broker's own origin can read its answers.
   */
  origins?: readonly string[] | undefined;
  /** How often each subject may ask; default: 60 requests in 60 seconds, which fill steadily. It is counted in memory, by each process or isolate. */
  rate?: { requests?: number | undefined; seconds?: number | undefined } | undefined;
  /**
   * Remembers tokens that are for one request; default: in memory, by each process or isolate. Where there are several, as on Workers, it has to be something
   * that they share, such as a Durable Object.
   */
  replays?: ReplayGuard | undefined;
  /** Is told of every request when it is answered; default: nobody. There is no secret in it. */
  onRequest?: ((entry: BrokerEntry) => void) | undefined;
}

/** Whose request it is, and what they may ask for. */
export interface BrokerSession {
  /** Who; requests are counted by it. */
  readonly subject: string;
  /** What must be in the encryption context of everything that the session asks for, with these values. */
  readonly encryptionContext: EncryptionContext;
  /** Keys that may be in it besides, with values of the session's choice; default: none but that of signed messages, `aws-crypto-public-key`. */
  readonly openKeys?: readonly string[] | undefined;
  /** When it ends. */
  readonly expires: Date;
  /** The id of a token that is for one request, such as a `jti`; default: the token is good until the session ends. */
  readonly once?: string | undefined;
}

/** Remembers ids until they end. */
export interface ReplayGuard {
  /** Whether the id is new; it is not from then on. */
  claim(id: string, expires: Date): boolean | Promise<boolean>;
}

/** A request that was answered. */
export interface BrokerEntry {
  /** The id in the answer's header `x-request-id`. */
  readonly requestId: string;
  /** What was asked for, if that is known. */
  readonly operation?: string | undefined;
  /** Who asked, if that is known. */
  readonly subject?: string | undefined;
  /** With which key, if it got that far. */
  readonly keyId?: string | undefined;
  /** With which encryption context, if it got that far. */
  readonly encryptionContext?: EncryptionContext | undefined;
  /** `ok`, or the code of the refusal: see `BROKER.md`. */
  readonly outcome: string;
  /** What the KMS or `authenticate` threw. */
  readonly cause?: unknown;
}

/** Tokens of sessions: JSON Web Tokens under HMAC-SHA-256. */
export function sessionTokens(options: {
  /** The key, at least 32 bytes; copied. Whoever issues tokens and every broker have the same. */
  key: Uint8Array;
}): SessionTokens;

/** Issues tokens and recognizes them. */
export interface SessionTokens {
  /** A token, for a user who is logged in. */
  issue(session: {
    /** Who. */
    subject: string;
    /** What the session is for. It is in the token for the user to read. */
    encryptionContext: EncryptionContext;
    /** How long it is good, 1 to 86,400; default 300. */
    seconds?: number | undefined;
    /** Whether it is for one request; default `false`. */
    once?: boolean | undefined;
  }): Promise<string>;
  /** What `brokerHandler` takes: the session of a request's bearer token, if that was issued here and has not ended. */
  authenticate(request: Request): Promise<BrokerSession | undefined>;
}

/** A handler as what Node's `http.createServer` takes. */
export function nodeListener(handler: (request: Request) => Promise<Response>): (incoming: NodeRequest, outgoing: NodeResponse) => Promise<void>;

/** What is used of Node's `IncomingMessage`. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headersDistinct: Readonly<Record<string, string[] | undefined>>;
}

/** What is used of Node's `ServerResponse`. */
export interface NodeResponse {
  readonly headersSent: boolean;
  writeHead(status: number, headers?: Record<string, string>): unknown;
  end(body?: Uint8Array): unknown;
  on(event: "close", listener: () => void): unknown;
}
