import type { Kms } from "./aws.js";
import type { TokenSource, TransportOptions } from "./clients.js";

export { KmsClientError } from "./clients.js";
export type { ExpiringToken, KmsFaultKind, TokenSource, TransportOptions } from "./clients.js";

/**
 * A KMS behind a server of your own, for pages and devices without credentials of a cloud. `waxseal/broker/server` is such a server; the protocol
 * is in `BROKER.md`.
 *
 * Keys have the names of the KMS behind it: `kmsKeyring` for AWS's ARNs, `gcpKeyring` and so on for the others. So what a page encrypts, a back end
 * with credentials of its own opens without the broker.
 */
export function brokerKms(options: BrokerKmsOptions): Kms;

/** Where, and which session. */
export interface BrokerKmsOptions extends TransportOptions {
  /** The broker's address; the operation is added to it. */
  url: string;
  /** The session's token, or a function that gets one. One that gives a string is asked for every request and every try, as tokens for one request need it. */
  token: TokenSource;
}
