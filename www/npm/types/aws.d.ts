// The shapes of AWS KMS's calls, with AWS's member names, as AWS SDK v3 has them.

import type { EncryptionAlgorithm, ExpirationModel, KeySpec, KeyState, KeyUsage, MacAlgorithm, Origin, SigningAlgorithm } from "./aws-words.js";

/** A string-to-string map bound to a ciphertext as additional authenticated data. It is not secret. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** How to make a call. */
export interface CallOptions {
  /** Ends the wait; default: none. */
  abortSignal?: AbortSignal | undefined;
}

/**
 * What waxseal asks of a KMS. `LocalKms`, its clients and the `KMS` class of `@aws-sdk/client-kms` are one; so is any object of yours with
 * these three methods. To refuse, throw an error whose `name` is AWS's name of the fault, such as `AccessDeniedException`; anything else
 * that is thrown counts as "did not answer". The `Plaintext` that is returned is overwritten with zeros once it is used.
 */
export interface Kms {
  /** A random data key, in the clear and wrapped under the KMS key. */
  generateDataKey(request: KmsGenerateDataKeyRequest, options?: { abortSignal?: AbortSignal }): Promise<{ KeyId?: string | undefined; Plaintext?: Uint8Array | undefined; CiphertextBlob?: Uint8Array | undefined }>;
  /** Encrypts up to 4096 bytes under the KMS key. */
  encrypt(request: KmsEncryptRequest, options?: { abortSignal?: AbortSignal }): Promise<{ KeyId?: string | undefined; CiphertextBlob?: Uint8Array | undefined }>;
  /** Decrypts what the other two made. */
  decrypt(request: KmsDecryptRequest, options?: { abortSignal?: AbortSignal }): Promise<{ KeyId?: string | undefined; Plaintext?: Uint8Array | undefined }>;
}

/** A KMS that may leave it to waxseal to make data keys, of the platform's random bytes. */
export interface WrappingKms extends Pick<Kms, "encrypt" | "decrypt"> {
  /** Default: a data key is made here and given to `encrypt`. */
  generateDataKey?: Kms["generateDataKey"] | undefined;
}

/** What waxseal sends to make a data key. */
export interface KmsGenerateDataKeyRequest {
  /** The KMS key: id, ARN, alias name or alias ARN. */
  KeyId: string;
  /** The data key's length in bytes. */
  NumberOfBytes: number;
  /** What the wrapped key is bound to. */
  EncryptionContext: Record<string, string>;
  /** Tokens of grants that may be too new to be seen everywhere. */
  GrantTokens?: string[];
}

/** What waxseal sends to wrap another keyring's data key. */
export interface KmsEncryptRequest {
  /** The KMS key: id, ARN, alias name or alias ARN. */
  KeyId: string;
  /** The data key; overwritten when the call returns. */
  Plaintext: Uint8Array;
  /** What the wrapped key is bound to. */
  EncryptionContext: Record<string, string>;
  /** Tokens of grants that may be too new to be seen everywhere. */
  GrantTokens?: string[];
}

/** What waxseal sends to unwrap a data key. */
export interface KmsDecryptRequest {
  /** The ARN of the KMS key that must have wrapped it. */
  KeyId?: string;
  /** The wrapped data key. */
  CiphertextBlob: Uint8Array;
  /** What it was bound to. */
  EncryptionContext: Record<string, string>;
  /** Tokens of grants that may be too new to be seen everywhere. */
  GrantTokens?: string[];
}

/** Makes a key. */
export interface CreateKeyRequest {
  /** The key policy as JSON text, at most 32,768 bytes; default: the account decides by its identity policies. */
  Policy?: string | undefined;
  /** For people, at most 8192 characters; default: none. */
  Description?: string | undefined;
  /** Default `ENCRYPT_DECRYPT` for a symmetric key; other keys need it. */
  KeyUsage?: KeyUsage | undefined;
  /** Default `SYMMETRIC_DEFAULT`. */
  KeySpec?: KeySpec | undefined;
  /** The older name of `KeySpec`. */
  CustomerMasterKeySpec?: KeySpec | undefined;
  /** Default `AWS_KMS`; `EXTERNAL` makes a key without material, for you to import yours. */
  Origin?: Origin | undefined;
  /** Whether it can have replicas in other regions; default `false`. */
  MultiRegion?: boolean | undefined;
  /** A key store; the embedded KMS has none and refuses it. */
  CustomKeyStoreId?: string | undefined;
  /** A key in a key store outside AWS; the embedded KMS refuses it. */
  XksKeyId?: string | undefined;
  /** Accept a policy that the caller could not replace again; default `false`. */
  BypassPolicyLockoutSafetyCheck?: boolean | undefined;
  /** Labels of the key; default: none. */
  Tags?: Tag[] | undefined;
}

/** A label. */
export interface Tag {
  /** 1 to 128 characters. */
  TagKey: string;
  /** 0 to 256 characters. */
  TagValue: string;
}

/** What a KMS tells about a key. */
export interface KeyMetadata {
  /** The account that owns the key. */
  AWSAccountId: string;
  /** The key's id. */
  KeyId: string;
  /** The key's ARN. */
  Arn: string;
  /** When the key was made. */
  CreationDate: Date;
  /** Whether its state is `Enabled`. */
  Enabled: boolean;
  /** For people. */
  Description: string;
  /** What it is for. */
  KeyUsage: KeyUsage;
  /** What it can be asked now. */
  KeyState: KeyState;
  /** When the key will be destroyed, if that is scheduled. */
  DeletionDate?: Date | undefined;
  /** How long a key waits to be destroyed once its last replica is, in days. */
  PendingDeletionWindowInDays?: number | undefined;
  /** When its imported material goes. */
  ValidTo?: Date | undefined;
  /** Whether its imported material goes by itself. */
  ExpirationModel?: ExpirationModel | undefined;
  /** Where its material came from. */
  Origin: Origin;
  /** `AWS` for the keys that services make for themselves. */
  KeyManager: "AWS" | "CUSTOMER";
  /** What it is made of. */
  KeySpec: KeySpec;
  /** The older name of `KeySpec`. */
  CustomerMasterKeySpec: KeySpec;
  /** How it can encrypt, if that is what it is for. */
  EncryptionAlgorithms?: EncryptionAlgorithm[] | undefined;
  /** How it can sign, if that is what it is for. */
  SigningAlgorithms?: SigningAlgorithm[] | undefined;
  /** How it can authenticate, if that is what it is for. */
  MacAlgorithms?: MacAlgorithm[] | undefined;
  /** How it can agree on secrets, if that is what it is for. */
  KeyAgreementAlgorithms?: "ECDH"[] | undefined;
  /** How it can encapsulate secrets, if that is what it is for. */
  EncapsulationAlgorithms?: "ML_KEM"[] | undefined;
  /** Whether it can have replicas in other regions. */
  MultiRegion: boolean;
  /** Its copies in other regions, if it can have any. */
  MultiRegionConfiguration?: MultiRegionConfiguration | undefined;
  /** The generation of its material that encrypts now, 64 hexadecimal digits; symmetric keys only. */
  CurrentKeyMaterialId?: string | undefined;
}

/** A key's copies in all regions. */
export interface MultiRegionConfiguration {
  /** Which of them this one is. */
  MultiRegionKeyType: "PRIMARY" | "REPLICA";
  /** The primary. */
  PrimaryKey: MultiRegionKey;
  /** The replicas. */
  ReplicaKeys: MultiRegionKey[];
}

/** A copy of a key in a region. */
export interface MultiRegionKey {
  /** Its ARN. */
  Arn: string;
  /** Its region. */
  Region: string;
}

/** An enclave that is to get the answer's secret; the embedded KMS has none and refuses it. */
export interface RecipientInfo {
  /** How the secret is encrypted for it. */
  KeyEncryptionAlgorithm?: "RSAES_OAEP_SHA_256" | undefined;
  /** What proves who it is. */
  AttestationDocument?: Uint8Array | undefined;
}

/** A key's metadata. */
export interface KeyMetadataResponse {
  /** The metadata. */
  KeyMetadata: KeyMetadata;
}

/** Asks for a key's metadata. */
export interface DescribeKeyRequest {
  /** The key: id, ARN, alias name or alias ARN. */
  KeyId: string;
  /** Tokens of grants; default: none. */
  GrantTokens?: string[] | undefined;
}

/** Asks for a random data key. */
export interface GenerateDataKeyRequest {
  /** The wrapping key: id, ARN, alias name or alias ARN. */
  KeyId: string;
  /** The data key's length, 1 to 1024 bytes; this or `KeySpec`. */
  NumberOfBytes?: number | undefined;
  /** `AES_128` or `AES_256`; this or `NumberOfBytes`. */
  KeySpec?: "AES_128" | "AES_256" | undefined;
  /** What the wrapped key is bound to; default: nothing. */
  EncryptionContext?: EncryptionContext | undefined;
  /** Tokens of grants; default: none. */
  GrantTokens?: string[] | undefined;
  /** Only check whether it would be allowed, and throw `DryRunOperationException` if so; default `false`. */
  DryRun?: boolean | undefined;
  /** An enclave; refused. */
  Recipient?: RecipientInfo | undefined;
}

/** A data key, twice. */
export interface GenerateDataKeyResponse {
  /** The wrapped data key. */
  CiphertextBlob: Uint8Array;
  /** The data key in the clear. It is yours: use it at once and overwrite it. */
  Plaintext: Uint8Array;
  /** The ARN of the wrapping key. */
  KeyId: string;
  /** The generation of the wrapping key that was used. */
  KeyMaterialId?: string | undefined;
}

/** Encrypts up to 4096 bytes. */
export interface EncryptRequest {
  /** The key: id, ARN, alias name or alias ARN. */
  KeyId: string;
  /** 1 to 4096 bytes. */
  Plaintext: Uint8Array;
  /** What the ciphertext is bound to; default: nothing. */
  EncryptionContext?: EncryptionContext | undefined;
  /** Tokens of grants; default: none. */
  GrantTokens?: string[] | undefined;
  /** Default `SYMMETRIC_DEFAULT`; RSA keys need another. */
  EncryptionAlgorithm?: EncryptionAlgorithm | undefined;
  /** Only check whether it would be allowed; default `false`. */
  DryRun?: boolean | undefined;
}

/** What was encrypted. */
export interface EncryptResponse {
  /** The ciphertext; it names its key. */
  CiphertextBlob: Uint8Array;
  /** The ARN of the key. */
  KeyId: string;
  /** How it is encrypted. */
  EncryptionAlgorithm?: EncryptionAlgorithm | undefined;
}

/** Decrypts what Encrypt or GenerateDataKey made. */
export interface DecryptRequest {
  /** 1 to 6144 bytes; one of a symmetric key names its key. A dry run with `IGNORE_CIPHERTEXT` needs none. */
  CiphertextBlob?: Uint8Array | undefined;
  /** The key that must have encrypted it; default: the one that the ciphertext names. RSA keys need it. */
  KeyId?: string | undefined;
  /** An enclave; refused. */
  Recipient?: RecipientInfo | undefined;
  /** `IGNORE_CIPHERTEXT`: a dry run decides without a ciphertext; default: none. */
  DryRunModifiers?: "IGNORE_CIPHERTEXT"[] | undefined;
  /** Exactly what it was bound to; default: nothing. */
  EncryptionContext?: EncryptionContext | undefined;
  /** Tokens of grants; default: none. */
  GrantTokens?: string[] | undefined;
  /** Default `SYMMETRIC_DEFAULT`; RSA keys need another. */
  EncryptionAlgorithm?: EncryptionAlgorithm | undefined;
  /** Only check whether it would be allowed; default `false`. */
  DryRun?: boolean | undefined;
}

/** What was decrypted. */
export interface DecryptResponse {
  /** The plaintext. It is yours: use it at once and overwrite it. */
  Plaintext: Uint8Array;
  /** The ARN of the key. */
  KeyId: string;
  /** The generation of the key that was used. */
  KeyMaterialId?: string | undefined;
  /** How it is encrypted. */
  EncryptionAlgorithm?: EncryptionAlgorithm | undefined;
}

/** Names a key of the own account. */
export interface KeyRequest {
  /** The key: id or ARN. */
  KeyId: string;
}

/** Which key it was. */
export interface KeyIdResponse {
  /** The ARN of the key. */
  KeyId: string;
}

/** Begins the waiting period after which a key is destroyed. */
export interface ScheduleKeyDeletionRequest extends KeyRequest {
  /** How long to wait, 7 to 30 days; default 30. */
  PendingWindowInDays?: number | undefined;
}

/** When the key will be destroyed. */
export interface ScheduleKeyDeletionResponse extends KeyIdResponse {
  /** When. */
  DeletionDate: Date;
  /** `PendingDeletion`, or `PendingReplicaDeletion` for one with replicas. */
  KeyState: KeyState;
  /** How long it waits. */
  PendingWindowInDays: number;
}

/** Replaces a key's policy. */
export interface PutKeyPolicyRequest extends KeyRequest {
  /** Default `default`, the only one there is. */
  PolicyName?: string | undefined;
  /** JSON text, at most 32,768 bytes. */
  Policy: string;
  /** Accept a policy that the caller could not replace again; default `false`. */
  BypassPolicyLockoutSafetyCheck?: boolean | undefined;
}

/** Asks for a key's policy. */
export interface GetKeyPolicyRequest extends KeyRequest {
  /** Default `default`, the only one there is. */
  PolicyName?: string | undefined;
}

/** A key's policy. */
export interface GetKeyPolicyResponse {
  /** JSON text, as it was put. */
  Policy: string;
  /** `default`. */
  PolicyName: string;
}

/** What the encryption context of a request must be for a grant to count. */
export interface GrantConstraints {
  /** At least these pairs. */
  EncryptionContextSubset?: EncryptionContext | undefined;
  /** Exactly these pairs. */
  EncryptionContextEquals?: EncryptionContext | undefined;
  /** A pattern that the ARN of the resource has for which a service asks. */
  SourceArn?: string | undefined;
}

/** Lets a principal use a key for some operations, without touching the key's policy. */
export interface CreateGrantRequest extends KeyRequest {
  /** The ARN of who may use it; this or `GranteeServicePrincipal`. */
  GranteePrincipal?: string | undefined;
  /** The service that may use it; it needs a constraint `SourceArn`, and somebody who may retire the grant. */
  GranteeServicePrincipal?: string | undefined;
  /** The ARN of who may retire the grant; default: nobody. */
  RetiringPrincipal?: string | undefined;
  /** The service that may retire the grant; default: none. */
  RetiringServicePrincipal?: string | undefined;
  /** Names of operations, such as `Decrypt`; at least one. */
  Operations: string[];
  /** When the grant counts; default: always. */
  Constraints?: GrantConstraints | undefined;
  /** A name that makes repeating the same request harmless; default: none. */
  Name?: string | undefined;
  /** Tokens of grants; default: none. */
  GrantTokens?: string[] | undefined;
  /** Only check whether it would be allowed; default `false`. */
  DryRun?: boolean | undefined;
}

/** The grant that was made. */
export interface CreateGrantResponse {
  /** To name it in `revokeGrant`. */
  GrantId: string;
  /** To use it before it is seen everywhere. */
  GrantToken: string;
}

/** Ends a grant. */
export interface RevokeGrantRequest extends KeyRequest {
  /** The grant. */
  GrantId: string;
  /** Only check whether it would be allowed; default `false`. */
  DryRun?: boolean | undefined;
}

/** Asks for a key's grants. */
export interface ListGrantsRequest extends KeyRequest {
  /** At most so many, 1 to 100; default 50. */
  Limit?: number | undefined;
  /** Where the last answer stopped; default: the start. */
  Marker?: string | undefined;
  /** Only this grant; default: all. */
  GrantId?: string | undefined;
  /** Only grants to this principal; default: all. */
  GranteePrincipal?: string | undefined;
  /** Only grants to this service; default: all. */
  GranteeServicePrincipal?: string | undefined;
}

/** Grants of a key, oldest first. */
export interface ListGrantsResponse {
  /** The grants. */
  Grants: GrantListEntry[];
  /** Whether there are more. */
  Truncated: boolean;
  /** What to ask the rest with. */
  NextMarker?: string | undefined;
}

/** One grant of a list. */
export interface GrantListEntry {
  /** The ARN of the key. */
  KeyId: string;
  /** The grant's id. */
  GrantId: string;
  /** Its name, if it has one. */
  Name?: string | undefined;
  /** When it was made. */
  CreationDate: Date;
  /** Who may use it. */
  GranteePrincipal?: string | undefined;
  /** The service that may use it. */
  GranteeServicePrincipal?: string | undefined;
  /** Who may retire it. */
  RetiringPrincipal?: string | undefined;
  /** The service that may retire it. */
  RetiringServicePrincipal?: string | undefined;
  /** The account in which it was made. */
  IssuingAccount: string;
  /** Names of operations. */
  Operations: string[];
  /** When it counts. */
  Constraints?: GrantConstraints | undefined;
}

/** Asks for a page of a list. */
export interface PageRequest {
  /** At most so many; default and limit are AWS's for that list. */
  Limit?: number | undefined;
  /** Where the last answer stopped; default: the start. */
  Marker?: string | undefined;
}

/** Asks for a page of a list about a key. */
export interface KeyPageRequest extends KeyRequest, PageRequest {}

/** Whether a page is the last. */
export interface PageResponse {
  /** Whether there are more. */
  Truncated: boolean;
  /** What to ask the rest with. */
  NextMarker?: string | undefined;
}

/** Gives an alias to a key. */
export interface AliasRequest {
  /** `alias/…`, 1 to 256 characters: letters, digits, `:`, `/`, `_` and `-`. */
  AliasName: string;
  /** The key: id or ARN. */
  TargetKeyId: string;
}

/** Takes an alias away. */
export interface DeleteAliasRequest {
  /** `alias/…`. */
  AliasName: string;
}

/** Asks for aliases. */
export interface ListAliasesRequest extends PageRequest {
  /** Only those of this key: id or ARN; default: all of the account. */
  KeyId?: string | undefined;
}

/** Aliases, in order of their names. */
export interface ListAliasesResponse extends PageResponse {
  /** The aliases. */
  Aliases: AliasListEntry[];
}

/** One alias of a list. */
export interface AliasListEntry {
  /** `alias/…`. */
  AliasName: string;
  /** The ARN of the alias. */
  AliasArn: string;
  /** The id of the key that it names. */
  TargetKeyId: string;
  /** When it was made. */
  CreationDate: Date;
  /** When it was last given to a key. */
  LastUpdatedDate: Date;
}

/** Keys, in order of their ids. */
export interface ListKeysResponse extends PageResponse {
  /** The keys. */
  Keys: { KeyId: string; KeyArn: string }[];
}

/** Names of policies. */
export interface ListKeyPoliciesResponse extends PageResponse {
  /** `default`. */
  PolicyNames: string[];
}

/** Ends a grant. Name it by its token, or by its key and id. */
export interface RetireGrantRequest {
  /** A token of the grant; this, or the other two. */
  GrantToken?: string | undefined;
  /** The key: id or ARN. */
  KeyId?: string | undefined;
  /** The grant. */
  GrantId?: string | undefined;
  /** Only check whether it would be allowed; default `false`. */
  DryRun?: boolean | undefined;
}

/** Asks for the grants that a principal may retire. */
export interface ListRetirableGrantsRequest extends PageRequest {
  /** The ARN of the principal, of the caller's account. */
  RetiringPrincipal: string;
}

/** Replaces a key's description. */
export interface UpdateKeyDescriptionRequest extends KeyRequest {
  /** For people, at most 8192 characters. */
  Description: string;
}

/** Puts labels on a key. */
export interface TagResourceRequest extends KeyRequest {
  /** The labels; one of the same key is replaced. */
  Tags: Tag[];
}

/** Takes labels off a key. */
export interface UntagResourceRequest extends KeyRequest {
  /** The keys of the labels. */
  TagKeys: string[];
}

/** Labels of a key. */
export interface ListResourceTagsResponse extends PageResponse {
  /** The labels. */
  Tags: Tag[];
}

/** Gives a key new material every so often. */
export interface EnableKeyRotationRequest extends KeyRequest {
  /** How often, 90 to 2560 days; default 365. */
  RotationPeriodInDays?: number | undefined;
}

/** Whether and when a key gets new material. */
export interface GetKeyRotationStatusResponse extends KeyIdResponse {
  /** Whether it does by itself. */
  KeyRotationEnabled: boolean;
  /** How often. */
  RotationPeriodInDays?: number | undefined;
  /** When next. */
  NextRotationDate?: Date | undefined;
  /** When a rotation that was asked for began, if it is not done yet. */
  OnDemandRotationStartDate?: Date | undefined;
}

/** Asks for a key's rotations. */
export interface ListKeyRotationsRequest extends KeyPageRequest {
  /** `ALL_KEY_MATERIAL` lists the first generation too; default `ROTATIONS_ONLY`. */
  IncludeKeyMaterial?: "ALL_KEY_MATERIAL" | "ROTATIONS_ONLY" | undefined;
}

/** Rotations of a key, oldest first. */
export interface ListKeyRotationsResponse extends PageResponse {
  /** The rotations. */
  Rotations: RotationsListEntry[];
}

/** One rotation, or the generation that a key began with. */
export interface RotationsListEntry {
  /** The ARN of the key. */
  KeyId: string;
  /** The generation, 64 hexadecimal digits. */
  KeyMaterialId: string;
  /** `CURRENT` for the generation that encrypts, `NON_CURRENT` for older ones, the others for imported ones that are to be the next. */
  KeyMaterialState: "CURRENT" | "NON_CURRENT" | "PENDING_ROTATION" | "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";
  /** What whoever imported it said about it. */
  KeyMaterialDescription?: string | undefined;
  /** Whether imported material is there. */
  ImportState?: "IMPORTED" | "PENDING_IMPORT" | undefined;
  /** Whether imported material goes by itself. */
  ExpirationModel?: ExpirationModel | undefined;
  /** When imported material goes. */
  ValidTo?: Date | undefined;
  /** When it was made; the first generation comes from no rotation. */
  RotationDate?: Date | undefined;
  /** By itself, or because somebody asked. */
  RotationType?: "AUTOMATIC" | "ON_DEMAND" | undefined;
}

/** A data key, wrapped. */
export interface GenerateDataKeyWithoutPlaintextResponse {
  /** The wrapped data key. */
  CiphertextBlob: Uint8Array;
  /** The ARN of the wrapping key. */
  KeyId: string;
  /** The generation of the wrapping key that was used. */
  KeyMaterialId?: string | undefined;
}

/** Asks for random bytes. */
export interface GenerateRandomRequest {
  /** How many, 1 to 1024. */
  NumberOfBytes: number;
  /** A key store; refused. */
  CustomKeyStoreId?: string | undefined;
  /** An enclave; refused. */
  Recipient?: RecipientInfo | undefined;
}

/** Random bytes. */
export interface GenerateRandomResponse {
  /** The bytes. They are yours: overwrite them once they are used. */
  Plaintext: Uint8Array;
}

/** Decrypts and encrypts again. */
export interface ReEncryptRequest {
  /** 1 to 6144 bytes; it names its key. */
  CiphertextBlob: Uint8Array;
  /** Exactly what it was bound to; default: nothing. */
  SourceEncryptionContext?: EncryptionContext | undefined;
  /** The key that must have encrypted it; default: the one that the ciphertext names. */
  SourceKeyId?: string | undefined;
  /** The key that encrypts it again: id, ARN, alias name or alias ARN. */
  DestinationKeyId: string;
  /** What the new ciphertext is bound to; default: nothing. */
  DestinationEncryptionContext?: EncryptionContext | undefined;
  /** Default `SYMMETRIC_DEFAULT`; RSA keys need another. */
  SourceEncryptionAlgorithm?: EncryptionAlgorithm | undefined;
  /** Default `SYMMETRIC_DEFAULT`; RSA keys need another. */
  DestinationEncryptionAlgorithm?: EncryptionAlgorithm | undefined;
  /** Tokens of grants, on either key; default: none. */
  GrantTokens?: string[] | undefined;
  /** Only check whether it would be allowed; default `false`. */
  DryRun?: boolean | undefined;
}

/** What was encrypted again. */
export interface ReEncryptResponse {
  /** The new ciphertext. */
  CiphertextBlob: Uint8Array;
  /** The ARN of the key that had encrypted it. */
  SourceKeyId: string;
  /** The ARN of the key that encrypted it again. */
  KeyId: string;
  /** How it was encrypted. */
  SourceEncryptionAlgorithm?: EncryptionAlgorithm | undefined;
  /** How it is encrypted now. */
  DestinationEncryptionAlgorithm?: EncryptionAlgorithm | undefined;
  /** The generation that had encrypted it. */
  SourceKeyMaterialId?: string | undefined;
  /** The generation that encrypted it again. */
  DestinationKeyMaterialId?: string | undefined;
}
