import type { Kms, WrappingKms } from "./aws.js";
import type { TokenSource, TransportOptions, VendorKeyring } from "./clients.js";

export { KmsClientError } from "./clients.js";
export type { ExpiringToken, KmsFaultKind, TokenSource, TransportOptions, VendorKeyring } from "./clients.js";

/**
 * The Transit engine of HashiCorp Vault and OpenBao. What is wrapped is bound to the encryption context: as `associated_data`, or for a derived key as the
 * `context` that it is derived from. Vault makes data keys where it can bind them (derived keys, and an empty encryption context); others are made
 * here, of the platform's random bytes, because HashiCorp's Vault takes no `associated_data` when it makes one.
 *
 * From a page, the server has to allow its origin: `sys/config/cors`.
 */
export function vaultKms(options: VaultKmsOptions): VaultKms;

/** Where, and who asks. */
export interface VaultKmsOptions extends TransportOptions {
  /** The server's address, without `/v1`. */
  url: string;
  /** A Vault token, or a function that gets one. */
  token: TokenSource;
  /** The namespace; default: the root. */
  namespace?: string | undefined;
  /** Where the Transit engine is mounted; default `transit`. */
  mount?: string | undefined;
  /** Whether the keys are derived ones; default `false`. Then every encryption needs an encryption context. */
  derived?: boolean | undefined;
}

/** A `Kms` whose keys are named `NAME` or, as in its answers, `NAMESPACE/MOUNT/keys/NAME`. */
export interface VaultKms extends Kms {
  /** The key's name as messages have it. */
  wholeName(keyId: string): string;
}

/**
 * Wraps data keys under a key of Transit's. In a message they have the provider id `waxseal-vault-transit` and, as provider info, `NAMESPACE/MOUNT/keys/NAME`
 * (`transit/keys/documents`); the wrapped key is Vault's own ciphertext, `vault:v1:…`.
 */
export function vaultKeyring(options: {
  /** What `vaultKms` makes, or a broker in front of it. */
  kms: WrappingKms;
  /** The key's name; before a broker: the whole one. */
  keyId: string;
}): VendorKeyring;
