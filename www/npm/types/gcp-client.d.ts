import type { Kms, WrappingKms } from "./aws.js";
import type { TokenSource, TransportOptions, VendorKeyring } from "./clients.js";

export { KmsClientError } from "./clients.js";
export type { ExpiringToken, KmsFaultKind, TokenSource, TransportOptions, VendorKeyring } from "./clients.js";

/**
 * Google Cloud KMS. Data keys are made here, of the platform's random bytes, because Google makes none. What is wrapped is bound to the encryption
 * context, as additional authenticated data, and every request and answer has its checksum.
 *
 * A key is named `projects/…/locations/…/keyRings/…/cryptoKeys/…`; with `/cryptoKeyVersions/7` after it, that version encrypts instead of the primary.
 */
export function gcpKms(options: GcpKmsOptions): Kms;

/** Who asks, and where. */
export interface GcpKmsOptions extends TransportOptions {
  /** An OAuth 2 access token of the scope `https://www.googleapis.com/auth/cloudkms`, or a function that gets one. */
  token: TokenSource;
  /** The service's address; default `https://cloudkms.googleapis.com`. */
  endpoint?: string | undefined;
}

/**
 * Wraps data keys under a key of Google's. In a message they have the provider id `waxseal-gcp-kms` and, as provider info, the key's name without version;
 * the wrapped key is Google's own ciphertext, and says its version.
 */
export function gcpKeyring(options: {
  /** What `gcpKms` makes, or a broker in front of it. */
  kms: WrappingKms;
  /** The key's name. */
  keyId: string;
}): VendorKeyring;
