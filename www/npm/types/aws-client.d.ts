import type {
  CallOptions,
  DecryptRequest,
  DecryptResponse,
  DescribeKeyRequest,
  EncryptRequest,
  EncryptResponse,
  GenerateDataKeyRequest,
  GenerateDataKeyResponse,
  KeyMetadataResponse,
  Kms,
  ReEncryptRequest,
  ReEncryptResponse,
} from "./aws.js";
import type { TransportOptions } from "./clients.js";

export { KmsClientError } from "./clients.js";
export type { KmsFaultKind, TransportOptions } from "./clients.js";

/**
 * AWS KMS, without AWS's SDK.
 *
 * ```js
 * const client = new Client({ kms: awsKms({ credentials }), keyId: "arn:aws:kms:eu-west-1:111122223333:key/…" });
 * ```
 */
export function awsKms(options?: AwsKmsOptions): AwsKms;

/** Who asks, and where. */
export interface AwsKmsOptions extends TransportOptions {
  /** Who asks; default: the environment's `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, on Node, Bun and Deno. */
  credentials?: AwsCredentials | (() => AwsCredentials | Promise<AwsCredentials>) | undefined;
  /** The region of keys that are not named by an ARN, which says it itself; default: the environment's `AWS_REGION` or `AWS_DEFAULT_REGION`. */
  region?: string | undefined;
  /**
   * Where multi-Region keys have replicas; default: none. A try that fails is followed by one in the next of these regions, at once. What comes out names
   * the key that was asked for, and opens in each region.
   */
  replicaRegions?: readonly string[] | undefined;
  /** The service's address, for whatever is not AWS's own; default: the environment's `AWS_ENDPOINT_URL_KMS` or `AWS_ENDPOINT_URL`, else that of the region. */
  endpoint?: string | undefined;
  /** Use the endpoints with FIPS 140 modules; default: the environment's `AWS_USE_FIPS_ENDPOINT`, else `false`. */
  fips?: boolean | undefined;
  /** Use the endpoints that have IPv6 too; default: the environment's `AWS_USE_DUALSTACK_ENDPOINT`, else `false`. */
  dualStack?: boolean | undefined;
}

/** What AWS's providers give. A function is asked again five minutes before `expiration`, and once for all who wait. */
export interface AwsCredentials {
  /** The access key's id. */
  readonly accessKeyId: string;
  /** The secret access key. */
  readonly secretAccessKey: string;
  /** The session's token, for temporary credentials. */
  readonly sessionToken?: string | undefined;
  /** When they end; default: never. */
  readonly expiration?: Date | undefined;
}

/** The operations that encrypt, with AWS's own shapes. */
export interface AwsKms extends Kms {
  /** A random data key, in the clear and wrapped. */
  generateDataKey(request: GenerateDataKeyRequest, options?: CallOptions): Promise<GenerateDataKeyResponse>;
  /** Encrypts up to 4096 bytes. */
  encrypt(request: EncryptRequest, options?: CallOptions): Promise<EncryptResponse>;
  /** Decrypts what the other two made. */
  decrypt(request: DecryptRequest, options?: CallOptions): Promise<DecryptResponse>;
  /** Wraps anew, under another key or encryption context, without anything in the clear. */
  reEncrypt(request: ReEncryptRequest, options?: CallOptions): Promise<ReEncryptResponse>;
  /** What AWS tells about a key. */
  describeKey(request: DescribeKeyRequest, options?: CallOptions): Promise<KeyMetadataResponse>;
}
