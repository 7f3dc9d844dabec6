// A KMS as one caller asks it.

import type {
  AliasRequest,
  CallOptions,
  CreateGrantRequest,
  CreateGrantResponse,
  CreateKeyRequest,
  DecryptRequest,
  DecryptResponse,
  DeleteAliasRequest,
  DescribeKeyRequest,
  EnableKeyRotationRequest,
  EncryptRequest,
  EncryptResponse,
  GenerateDataKeyRequest,
  GenerateDataKeyResponse,
  GenerateDataKeyWithoutPlaintextResponse,
  GenerateRandomRequest,
  GenerateRandomResponse,
  GetKeyPolicyRequest,
  GetKeyPolicyResponse,
  GetKeyRotationStatusResponse,
  KeyIdResponse,
  KeyMetadataResponse,
  KeyPageRequest,
  KeyRequest,
  Kms,
  ListAliasesRequest,
  ListAliasesResponse,
  ListGrantsRequest,
  ListGrantsResponse,
  ListKeyPoliciesResponse,
  ListKeyRotationsRequest,
  ListKeyRotationsResponse,
  ListKeysResponse,
  ListResourceTagsResponse,
  ListRetirableGrantsRequest,
  PageRequest,
  PutKeyPolicyRequest,
  ReEncryptRequest,
  ReEncryptResponse,
  RetireGrantRequest,
  RevokeGrantRequest,
  ScheduleKeyDeletionRequest,
  ScheduleKeyDeletionResponse,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateKeyDescriptionRequest,
} from "./aws.js";
import type {
  DecapsulateRequest,
  DecapsulateResponse,
  DeriveSharedSecretRequest,
  DeriveSharedSecretResponse,
  EncapsulateRequest,
  EncapsulateResponse,
  GenerateDataKeyPairRequest,
  GenerateDataKeyPairResponse,
  GenerateDataKeyPairWithoutPlaintextRequest,
  GenerateDataKeyPairWithoutPlaintextResponse,
  GenerateMacRequest,
  GenerateMacResponse,
  GetPublicKeyRequest,
  GetPublicKeyResponse,
  SignRequest,
  SignResponse,
  VerifyMacRequest,
  VerifyMacResponse,
  VerifyRequest,
  VerifyResponse,
} from "./aws-asymmetric.js";
import type {
  DeleteImportedKeyMaterialRequest,
  DeleteImportedKeyMaterialResponse,
  GetKeyLastUsageResponse,
  GetParametersForImportRequest,
  GetParametersForImportResponse,
  ImportKeyMaterialRequest,
  ImportKeyMaterialResponse,
  ReplicateKeyRequest,
  ReplicateKeyResponse,
  UpdatePrimaryRegionRequest,
} from "./aws-keys.js";

/** A KMS, asked by one caller. Each method is the operation of its name; a refusal is a `KmsFault`. */
export class LocalKmsClient implements Kms {
  protected constructor();
  /** Makes a key. */
  createKey(request?: CreateKeyRequest, options?: CallOptions): Promise<KeyMetadataResponse>;
  /** A key's metadata. */
  describeKey(request: DescribeKeyRequest, options?: CallOptions): Promise<KeyMetadataResponse>;
  /** A random data key, in the clear and wrapped. */
  generateDataKey(request: GenerateDataKeyRequest, options?: CallOptions): Promise<GenerateDataKeyResponse>;
  /** Encrypts up to 4096 bytes. */
  encrypt(request: EncryptRequest, options?: CallOptions): Promise<EncryptResponse>;
  /** Decrypts what `encrypt` or `generateDataKey` made. */
  decrypt(request: DecryptRequest, options?: CallOptions): Promise<DecryptResponse>;
  /** Replaces a key's policy. */
  putKeyPolicy(request: PutKeyPolicyRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** A key's policy. */
  getKeyPolicy(request: GetKeyPolicyRequest, options?: CallOptions): Promise<GetKeyPolicyResponse>;
  /** Lets a principal use a key for some operations. */
  createGrant(request: CreateGrantRequest, options?: CallOptions): Promise<CreateGrantResponse>;
  /** Ends a grant. */
  revokeGrant(request: RevokeGrantRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** A key's grants. */
  listGrants(request: ListGrantsRequest, options?: CallOptions): Promise<ListGrantsResponse>;
  /** Lets a disabled key be used again. */
  enableKey(request: KeyRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** Makes a key refuse every use until it is enabled again. */
  disableKey(request: KeyRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** Begins the waiting period after which a key is destroyed, and with it all that was encrypted under it. */
  scheduleKeyDeletion(request: ScheduleKeyDeletionRequest, options?: CallOptions): Promise<ScheduleKeyDeletionResponse>;
  /** Ends the waiting period: the key stays, disabled. */
  cancelKeyDeletion(request: KeyRequest, options?: CallOptions): Promise<KeyIdResponse>;
  /** Gives a key a name that people can remember. */
  createAlias(request: AliasRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** Gives an alias to another key. */
  updateAlias(request: AliasRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** Takes an alias away; its key stays. */
  deleteAlias(request: DeleteAliasRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** The aliases of the account. */
  listAliases(request?: ListAliasesRequest, options?: CallOptions): Promise<ListAliasesResponse>;
  /** The keys of the account. */
  listKeys(request?: PageRequest, options?: CallOptions): Promise<ListKeysResponse>;
  /** The names of a key's policies: one, `default`. */
  listKeyPolicies(request: KeyPageRequest, options?: CallOptions): Promise<ListKeyPoliciesResponse>;
  /** Ends a grant, by somebody whom it entitles to that. */
  retireGrant(request: RetireGrantRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** The grants that a principal may retire. */
  listRetirableGrants(request: ListRetirableGrantsRequest, options?: CallOptions): Promise<ListGrantsResponse>;
  /** Replaces a key's description. */
  updateKeyDescription(request: UpdateKeyDescriptionRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** Puts labels on a key. */
  tagResource(request: TagResourceRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** Takes labels off a key. */
  untagResource(request: UntagResourceRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** A key's labels. */
  listResourceTags(request: KeyPageRequest, options?: CallOptions): Promise<ListResourceTagsResponse>;
  /** Gives a key new material every so often. */
  enableKeyRotation(request: EnableKeyRotationRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** Gives a key no more new material by itself. */
  disableKeyRotation(request: KeyRequest, options?: CallOptions): Promise<Record<string, never>>;
  /** Whether and when a key gets new material. */
  getKeyRotationStatus(request: KeyRequest, options?: CallOptions): Promise<GetKeyRotationStatusResponse>;
  /** Gives a key new material now; it is done before the next call. */
  rotateKeyOnDemand(request: KeyRequest, options?: CallOptions): Promise<KeyIdResponse>;
  /** The generations of a key's material. */
  listKeyRotations(request: ListKeyRotationsRequest, options?: CallOptions): Promise<ListKeyRotationsResponse>;
  /** A random data key, wrapped only. */
  generateDataKeyWithoutPlaintext(request: GenerateDataKeyRequest, options?: CallOptions): Promise<GenerateDataKeyWithoutPlaintextResponse>;
  /** Random bytes, of no key. */
  generateRandom(request: GenerateRandomRequest, options?: CallOptions): Promise<GenerateRandomResponse>;
  /** Decrypts and encrypts again, under another key or context; the plaintext stays in the KMS. */
  reEncrypt(request: ReEncryptRequest, options?: CallOptions): Promise<ReEncryptResponse>;
  /** A pair of keys, its private half in the clear and wrapped. */
  generateDataKeyPair(request: GenerateDataKeyPairRequest, options?: CallOptions): Promise<GenerateDataKeyPairResponse>;
  /** A pair of keys, its private half wrapped only. */
  generateDataKeyPairWithoutPlaintext(request: GenerateDataKeyPairWithoutPlaintextRequest, options?: CallOptions): Promise<GenerateDataKeyPairWithoutPlaintextResponse>;
  /** Signs up to 4096 bytes, or the digest of more. */
  sign(request: SignRequest, options?: CallOptions): Promise<SignResponse>;
  /** Checks a signature; a wrong one is a `KMSInvalidSignatureException`. */
  verify(request: VerifyRequest, options?: CallOptions): Promise<VerifyResponse>;
  /** The public half of a key. */
  getPublicKey(request: GetPublicKeyRequest, options?: CallOptions): Promise<GetPublicKeyResponse>;
  /** Authenticates up to 4096 bytes. */
  generateMac(request: GenerateMacRequest, options?: CallOptions): Promise<GenerateMacResponse>;
  /** Checks a message authentication code; a wrong one is a `KMSInvalidMacException`. */
  verifyMac(request: VerifyMacRequest, options?: CallOptions): Promise<VerifyMacResponse>;
  /** Agrees on a secret with whoever has the other key. */
  deriveSharedSecret(request: DeriveSharedSecretRequest, options?: CallOptions): Promise<DeriveSharedSecretResponse>;
  /** Makes a secret for whoever may decapsulate with the key. */
  encapsulate(request: EncapsulateRequest, options?: CallOptions): Promise<EncapsulateResponse>;
  /** Gets a secret back that was encapsulated for the key. */
  decapsulate(request: DecapsulateRequest, options?: CallOptions): Promise<DecapsulateResponse>;
  /** When a key was last used, and for what. */
  getKeyLastUsage(request: KeyRequest, options?: CallOptions): Promise<GetKeyLastUsageResponse>;
  /** What key material is to be wrapped with, to be imported. */
  getParametersForImport(request: GetParametersForImportRequest, options?: CallOptions): Promise<GetParametersForImportResponse>;
  /** Gives a key the material that you bring. */
  importKeyMaterial(request: ImportKeyMaterialRequest, options?: CallOptions): Promise<ImportKeyMaterialResponse>;
  /** Takes imported material away; the key stays and waits for it. */
  deleteImportedKeyMaterial(request: DeleteImportedKeyMaterialRequest, options?: CallOptions): Promise<DeleteImportedKeyMaterialResponse>;
  /** Copies a multi-Region key to another region. */
  replicateKey(request: ReplicateKeyRequest, options?: CallOptions): Promise<ReplicateKeyResponse>;
  /** Makes a replica the primary. */
  updatePrimaryRegion(request: UpdatePrimaryRegionRequest, options?: CallOptions): Promise<Record<string, never>>;
}
