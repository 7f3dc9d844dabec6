// The shapes of AWS KMS's calls about imported material, replicas in other regions, and when a key was last used.

import type { KeyIdResponse, KeyMetadata, KeyRequest, Tag } from "./aws.js";
import type { ExpirationModel } from "./aws-words.js";

/** Asks for what key material is to be wrapped with. */
export interface GetParametersForImportRequest extends KeyRequest {
  /** How you will wrap it; RSA private keys need one of `RSA_AES_KEY_WRAP_…`. */
  WrappingAlgorithm:
    | "RSAES_OAEP_SHA_1"
    | "RSAES_OAEP_SHA_256"
    | "RSA_AES_KEY_WRAP_SHA_1"
    | "RSA_AES_KEY_WRAP_SHA_256"
    | "RSAES_PKCS1_V1_5"
    | "SM2PKE";
  /** What the wrapping key is made of. */
  WrappingKeySpec: "RSA_2048" | "RSA_3072" | "RSA_4096" | "SM2";
}

/** What key material is to be wrapped with. */
export interface GetParametersForImportResponse extends KeyIdResponse {
  /** What `importKeyMaterial` wants to see again. */
  ImportToken: Uint8Array;
  /** The wrapping key: DER of its SubjectPublicKeyInfo. */
  PublicKey: Uint8Array;
  /** Until when the two can be used: 24 hours. */
  ParametersValidTo: Date;
}

/** Gives a key its material. */
export interface ImportKeyMaterialRequest extends KeyRequest {
  /** Of the `getParametersForImport` whose key wrapped it. */
  ImportToken: Uint8Array;
  /** The wrapped material. */
  EncryptedKeyMaterial: Uint8Array;
  /** When the material goes, within 365 days; needed unless it does not expire. */
  ValidTo?: Date | undefined;
  /** Default `KEY_MATERIAL_EXPIRES`. */
  ExpirationModel?: ExpirationModel | undefined;
  /** Whether it is the key's next generation; default: `NEW_KEY_MATERIAL` for the first, then `EXISTING_KEY_MATERIAL`. */
  ImportType?: "NEW_KEY_MATERIAL" | "EXISTING_KEY_MATERIAL" | undefined;
  /** For people, at most 256 characters; default: none. */
  KeyMaterialDescription?: string | undefined;
  /** Which generation it is, 64 hexadecimal digits; default: the KMS finds out. */
  KeyMaterialId?: string | undefined;
}

/** Which generation was imported. */
export interface ImportKeyMaterialResponse extends KeyIdResponse {
  /** 64 hexadecimal digits; symmetric keys only. */
  KeyMaterialId?: string | undefined;
}

/** Takes imported material away; the key can not be used until it is imported again. */
export interface DeleteImportedKeyMaterialRequest extends KeyRequest {
  /** Which generation, 64 hexadecimal digits; default: the current one. */
  KeyMaterialId?: string | undefined;
}

/** Which generation is gone. */
export interface DeleteImportedKeyMaterialResponse extends KeyIdResponse {
  /** 64 hexadecimal digits; symmetric keys only. */
  KeyMaterialId?: string | undefined;
}

/** Copies a multi-Region primary key to another region. */
export interface ReplicateKeyRequest extends KeyRequest {
  /** Where to, such as `eu-west-1`. */
  ReplicaRegion: string;
  /** The replica's own key policy; default: the account decides by its identity policies. */
  Policy?: string | undefined;
  /** Accept a policy that the caller could not replace again; default `false`. */
  BypassPolicyLockoutSafetyCheck?: boolean | undefined;
  /** The replica's own, for people; default: none. */
  Description?: string | undefined;
  /** The replica's own labels; default: none. */
  Tags?: Tag[] | undefined;
}

/** The replica that was made. */
export interface ReplicateKeyResponse {
  /** Its metadata. */
  ReplicaKeyMetadata: KeyMetadata;
  /** Its key policy. */
  ReplicaPolicy: string;
  /** Its labels. */
  ReplicaTags: Tag[];
}

/** Makes a replica the primary, and the primary a replica. */
export interface UpdatePrimaryRegionRequest extends KeyRequest {
  /** Where the next primary is. */
  PrimaryRegion: string;
}

/** When a key was last used. */
export interface GetKeyLastUsageResponse extends KeyIdResponse {
  /** The last use that succeeded; absent for a key that was not used since tracking began. */
  KeyLastUsage?: KeyLastUsageData | undefined;
  /** Since when uses are noted. */
  TrackingStartDate: Date;
  /** When the key was made. */
  KeyCreationDate: Date;
}

/** A use of a key. */
export interface KeyLastUsageData {
  /** What was done, such as `Decrypt`. */
  Operation?: string | undefined;
  /** When. */
  Timestamp?: Date | undefined;
  /** The id of its line in the audit log. */
  CloudTrailEventId?: string | undefined;
  /** The id of its request. */
  KmsRequestId?: string | undefined;
}
