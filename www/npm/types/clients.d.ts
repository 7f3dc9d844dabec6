// What all clients of remote KMS have in common.

import type { WaxsealError } from "./errors.js";
import type { OwnKeyring } from "./keyrings.js";

/** How a client asks its service. */
export interface TransportOptions {
  /** What sends the requests; default: the platform's `fetch`, as it is when a request is made. */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** How long one try may take, in milliseconds, until all of the answer is there; default 5000. */
  timeout?: number | undefined;
  /** How long a call may take, in milliseconds, with all tries, pauses, and getting credentials; default 20,000. */
  deadline?: number | undefined;
  /**
   * How many tries a call has, 1 to 100; default 3. Another is made after a time-out, a broken connection, a status of 5xx, and throttling: after
   * as long as the service says in `Retry-After`, else a random part of 100 ms, 200 ms, 400 ms and so on. A refusal is never asked again.
   */
  attempts?: number | undefined;
}

/**
 * What a service meant, whichever it is. The list is closed.
 *
 * - `denied`: whoever asks may not, or it does not know who asks.
 * - `not-found`: there is no such key.
 * - `disabled`: the key is disabled, expired, or waits to be deleted.
 * - `throttled`: too many requests.
 * - `unavailable`: it failed, did not answer in time, could not be reached, or did not answer as this service does.
 * - `invalid`: the request, or the ciphertext or its encryption context, is not valid.
 */
export type KmsFaultKind = "denied" | "not-found" | "disabled" | "throttled" | "unavailable" | "invalid";

/**
 * What the clients throw. From `Client` it comes as the `cause` of an error with `code`: `KmsUnavailable` for `unavailable`, else `KmsDenied`.
 * No error has a credential in it, also where the service's own words had.
 */
export class KmsClientError extends WaxsealError {
  protected constructor();
  readonly code: "KmsDenied" | "KmsUnavailable";
  /** What it meant. */
  readonly kind: KmsFaultKind;
  /** Which service, for people: `AWS KMS`. */
  readonly vendor: string;
  /** The service's own code, such as `AccessDeniedException`; `HTTP 403` where it has none; absent where there was no answer. */
  readonly vendorCode?: string;
  /** How long the service said to wait, in milliseconds. */
  readonly retryAfter?: number;
  /** The status of the answer and its request's id, if there was an answer. */
  readonly $metadata: { readonly httpStatusCode?: number | undefined; readonly requestId?: string | undefined };
  /** There if the service refused. */
  readonly $fault?: "client";
  /** There if the same call may succeed later. */
  readonly $retryable?: object;
}

/**
 * A bearer token, or what gives one: a string is asked for anew for every request; one with `expires` is kept until five minutes before that, and
 * then asked for once for all who wait.
 */
export type TokenSource = string | (() => string | ExpiringToken | Promise<string | ExpiringToken>);

/** A token and its end. */
export interface ExpiringToken {
  /** The token, without `Bearer`. */
  readonly token: string;
  /** When it ends; default: never. */
  readonly expires?: Date | undefined;
}

/** A keyring over keys that have no ARNs, for `Client`'s `keyring` and for `multiKeyring`. */
export interface VendorKeyring {
  makeDataKey: NonNullable<OwnKeyring["makeDataKey"]>;
  wrapDataKey: NonNullable<OwnKeyring["wrapDataKey"]>;
  unwrapDataKey: NonNullable<OwnKeyring["unwrapDataKey"]>;
}
