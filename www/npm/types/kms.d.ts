/// <reference lib="esnext.disposable" />

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
import type { TraceEvent } from "./trace.js";
import type { AwsCredentials, AwsRequestHandler } from "./wire.js";

export type * from "./aws.js";
export * from "./errors.js";
export type * from "./trace.js";
export type * from "./wire.js";

/**
 * An embedded KMS that enforces its policies, for tests, lessons and demonstrations.
 *
 * **It does not protect against other scripts in its page or process.** Its keys are in this process's memory, any code there can reach
 * them, and whoever holds the `LocalKms` can ask as anybody. Use a KMS behind a network where keys must be kept from the application.
 *
 * The methods and shapes are those of AWS SDK v3's `KMS` class, and refusals have AWS's names. The calls of a `LocalKms` itself are the
 * account administrator's (the account's root); `as` gives the same KMS, asked by somebody else.
 */
export class LocalKms extends LocalKmsClient {
  /** Loads the engine and makes an empty KMS. */
  static open(options: LocalKmsOptions): Promise<LocalKms>;
  /** Users' and roles' own policies. */
  readonly iam: IdentityPolicies;
  /**
   * The same KMS, asked by somebody else. No password is checked: whoever holds the `LocalKms` vouches for the caller.
   * @param principal the caller's ARN, such as `arn:aws:iam::111122223333:user/bob`; it may be of another account
   */
  as(principal: string, options?: AsOptions): LocalKmsClient;
  /**
   * Answers a request of AWS's JSON protocol, with its signature verified, as the KMS's server would; the arguments are those of the web's
   * `fetch`. Where the request would go does not matter. What is refused is a response too; it rejects where it is aborted, and where
   * `fetch` would.
   */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;
  /**
   * What an AWS SDK v3 client takes as its `requestHandler`, to ask this KMS without a network:
   * `new KMS({ region: "us-east-1", credentials: kms.credentials(principal), requestHandler: kms.requestHandler() })`.
   * The region must be that of the KMS.
   */
  requestHandler(): AwsRequestHandler;
  /**
   * What a principal's requests are to be signed with; made at the first call, and the same at every later one.
   * @param principal the caller's ARN, such as `arn:aws:iam::111122223333:user/bob`; it may be of another account
   */
  credentials(principal: string): AwsCredentials;
  /** Every call so far, oldest first, in CloudTrail's terms. */
  audit(): AuditRecord[];
  /** Overwrites all keys and forgets everything; no call works any more. */
  [Symbol.dispose](): void;
}

/** How to make a KMS. */
export interface LocalKmsOptions {
  /** Where keys are kept. `memory`: they are gone with the page or process. It is the only one there is, and it has to be written down. */
  storage: "memory";
  /** Tells the time, once per call; default: the platform's clock. */
  clock?: (() => Date) | undefined;
  /** The account, 12 digits; default `111122223333`. */
  account?: string | undefined;
  /** The region in the keys' ARNs; default `us-east-1`. */
  region?: string | undefined;
  /**
   * Is told everything that happens, in order, before the call's promise settles; default: nobody. Give it and a `Client` the same function
   * and they write one trace.
   */
  onEvent?: ((event: TraceEvent) => void) | undefined;
  /** **Puts every key into the events.** For lessons with keys that protect nothing; default `false`. */
  dangerRevealSecrets?: boolean | undefined;
}

/** How somebody asks. */
export interface AsOptions {
  /** The AWS service that asks on the caller's behalf, such as `s3.us-east-1.amazonaws.com`; it is `kms:ViaService`. Default: none. */
  via?: string | undefined;
}

/** A KMS, asked by one caller. Each method is the operation of its name; a refusal is a `KmsFault`. */
declare class LocalKmsClient implements Kms {
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
}

// A type only: `LocalKms.as` is what makes one.
export type { LocalKmsClient };

/** Policies attached to users and roles. They count for the key of an account whose key policy lets the account decide. */
export interface IdentityPolicies {
  /**
   * Attaches a policy, or replaces the one of that name.
   * @param principal the user's or role's ARN
   * @param name the policy's name, unique for the principal
   * @param policy the document: JSON text, or an object that is written as such
   */
  putPolicy(principal: string, name: string, policy: string | object): Promise<void>;
  /** Takes a policy away; nothing happens if there is none of that name. */
  deletePolicy(principal: string, name: string): Promise<void>;
  /** The policies of a principal, as they were put, by name. */
  listPolicies(principal: string): Promise<IdentityPolicy[]>;
}

/** A policy attached to a user or role. */
export interface IdentityPolicy {
  /** Its name. */
  name: string;
  /** JSON text. */
  policy: string;
}

/** Loads the WebAssembly module now. `LocalKms.open` does so by itself. */
export function ready(): Promise<void>;

/** One line of the audit log, in CloudTrail's form. It has the encryption context, and never a plaintext, ciphertext or grant token. */
export interface AuditRecord {
  /** Version of CloudTrail's form. */
  eventVersion: string;
  /** Who asked. */
  userIdentity: {
    /** `Root`, `IAMUser`, `AssumedRole`, `FederatedUser` or `AWSService`; absent for what the KMS did by itself. */
    type?: string | undefined;
    /** The principal's unique id. */
    principalId?: string | undefined;
    /** The caller's ARN. */
    arn?: string | undefined;
    /** The caller's account. */
    accountId?: string | undefined;
    /** An IAM user's name. */
    userName?: string | undefined;
    /** The service that asked, for itself or on the caller's behalf. */
    invokedBy?: string | undefined;
  };
  /** When, such as `2026-01-15T12:00:00Z`. */
  eventTime: string;
  /** `kms.amazonaws.com`. */
  eventSource: string;
  /** The operation, such as `Decrypt`. */
  eventName: string;
  /** Where. */
  awsRegion: string;
  /** The service that asked on the caller's behalf, or `in-process`. */
  sourceIPAddress: string;
  /** `in-process`. */
  userAgent: string;
  /** Which fault; AccessDeniedException is `AccessDenied` here, as in CloudTrail. */
  errorCode?: string | undefined;
  /** Its text. */
  errorMessage?: string | undefined;
  /** What was asked; null if nothing of it may be told. */
  requestParameters: Record<string, unknown> | null;
  /** What was answered; null unless the operation made something that has a name. */
  responseElements: Record<string, unknown> | null;
  /** The id of the request, which a refusal carries too; absent for what the KMS did by itself. */
  requestID?: string | undefined;
  /** The id of this record. */
  eventID: string;
  /** Whether the operation leaves the KMS as it was. */
  readOnly: boolean;
  /** The key, if the request found one. */
  resources: { accountId: string; type: string; ARN: string }[];
  /** `AwsApiCall`, or `AwsServiceEvent` for what the KMS did by itself. */
  eventType: string;
  /** What the KMS did by itself. */
  serviceEventDetails?: Record<string, unknown> | undefined;
  /** `true`. */
  managementEvent: boolean;
  /** The caller's account. */
  recipientAccountId: string;
  /** `Management`. */
  eventCategory: string;
}
