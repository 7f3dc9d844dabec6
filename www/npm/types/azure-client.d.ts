import type { Kms, WrappingKms } from "./aws.js";
import type { TokenSource, TransportOptions, VendorKeyring } from "./clients.js";

export { KmsClientError } from "./clients.js";
export type { ExpiringToken, KmsFaultKind, TokenSource, TransportOptions, VendorKeyring } from "./clients.js";

/**
 * Azure Key Vault and Managed HSM. Data keys are made here, of the platform's random bytes, because Azure makes none.
 *
 * **With `RSA-OAEP-256` and `A256KW` Azure binds a data key to nothing**: whoever may unwrap with the key can unwrap it under any encryption context. The
 * header of the message is bound to the context all the same, so a message opens under no other; but Azure's policies and logs can not tell contexts apart.
 * `A256GCM` binds it.
 *
 * Azure answers no pages (it has no CORS): there, put a broker in front.
 */
export function azureKms(options: AzureKmsOptions): AzureKms;

/** A `Kms` whose keys are named by their identifiers. */
export interface AzureKms extends Kms {
  /** Whether what is wrapped opens under its own encryption context only: with `A256GCM`. A broker serves no sessions over a KMS that does not do so. */
  readonly bindsContext: boolean;
}

/** Who asks, and how keys are wrapped. */
export interface AzureKmsOptions extends TransportOptions {
  /** An access token for `https://vault.azure.net` or `https://managedhsm.azure.net`, or a function that gets one. It is sent to where the key's identifier says. */
  token: TokenSource;
  /**
   * How; default `RSA-OAEP-256`, for RSA keys. `A256KW` and `A256GCM` are for AES keys of a Managed HSM; the first two ask for the permissions wrapKey and unwrapKey,
   * the last for encrypt and decrypt.
   */
  algorithm?: "RSA-OAEP-256" | "A256KW" | "A256GCM" | undefined;
}

/**
 * Wraps data keys under a key of Azure's. In a message they have the provider id `waxseal-azure-key-vault` and, as provider info, the key's identifier
 * with the version that wrapped it, `https://NAME.vault.azure.net/keys/NAME/VERSION`. The wrapped key is Azure's `value`; under `A256GCM` it is
 * `iv` (12 bytes), `value` and `tag` (16 bytes), one after the other.
 */
export function azureKeyring(options: {
  /** What `azureKms` makes, or a broker in front of it. */
  kms: WrappingKms;
  /** The key's identifier. Without a version, its current one wraps, and data keys of all its versions are unwrapped. */
  keyId: string;
}): VendorKeyring;
