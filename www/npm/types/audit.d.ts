// The audit log.

/** Which lines of the audit log are wanted: those that have all of what is named. */
export interface AuditFilter {
  /** Those of that account's log; default: every line once. */
  account?: string | undefined;
  /** Those of that operation, or of that service event, such as `Decrypt` or `RotateKey`; default: of all. */
  operation?: string | undefined;
  /** Those about the key of that id or ARN; default: about any. */
  key?: string | undefined;
  /** Not before that time; default: from the first. */
  from?: Date | undefined;
  /** Before that time; default: to the last. */
  until?: Date | undefined;
  /** The last so many of them; default: all. */
  limit?: number | undefined;
}

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

/** What the KMS did by itself because its time had come, such as `RotateKey` or `DeleteKey`. */
export interface ServiceEvent extends AuditRecord {
  /** `AwsServiceEvent`. */
  eventType: "AwsServiceEvent";
}
