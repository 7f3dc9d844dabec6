// What has to be known of AWS's API here; everything else about it is known in Rust.

/** The operations. Each is a method whose name begins with a small letter, as in AWS SDK v3. */
export const OPERATIONS = [
  "CancelKeyDeletion",
  "CreateAlias",
  "CreateGrant",
  "CreateKey",
  "Decapsulate",
  "Decrypt",
  "DeleteAlias",
  "DeleteImportedKeyMaterial",
  "DeriveSharedSecret",
  "DescribeKey",
  "DisableKey",
  "DisableKeyRotation",
  "EnableKey",
  "EnableKeyRotation",
  "Encapsulate",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
  "GenerateDataKeyWithoutPlaintext",
  "GenerateMac",
  "GenerateRandom",
  "GetKeyLastUsage",
  "GetKeyPolicy",
  "GetKeyRotationStatus",
  "GetParametersForImport",
  "GetPublicKey",
  "ImportKeyMaterial",
  "ListAliases",
  "ListGrants",
  "ListKeyPolicies",
  "ListKeyRotations",
  "ListKeys",
  "ListResourceTags",
  "ListRetirableGrants",
  "PutKeyPolicy",
  "ReEncrypt",
  "ReplicateKey",
  "RetireGrant",
  "RevokeGrant",
  "RotateKeyOnDemand",
  "ScheduleKeyDeletion",
  "Sign",
  "TagResource",
  "UntagResource",
  "UpdateAlias",
  "UpdateKeyDescription",
  "UpdatePrimaryRegion",
  "Verify",
  "VerifyMac",
];

/** Members of requests that are bytes. Text there would be read as base64 by the protocol, and as its letters by AWS's SDK. */
export const BYTES = [
  "CiphertextBlob",
  "EncryptedKeyMaterial",
  "ImportToken",
  "Mac",
  "Message",
  "Plaintext",
  "PublicKey",
  "SharedSecretCiphertextBlob",
  "Signature",
];

/** AWS's SDK turns the seconds of responses into dates; so do we. */
export function withDates(response) {
  const lists = LISTS.flatMap((list) => response[list] ?? []);
  for (const entry of [response, ...PARTS.map((part) => response[part]), ...lists])
    for (const member of DATES) if (typeof entry?.[member] === "number") entry[member] = new Date(entry[member] * 1000);
  return response;
}

const DATES = [
  "CreationDate",
  "DeletionDate",
  "KeyCreationDate",
  "LastUpdatedDate",
  "NextRotationDate",
  "OnDemandRotationStartDate",
  "ParametersValidTo",
  "RotationDate",
  "Timestamp",
  "TrackingStartDate",
  "ValidTo",
];
/** Members that have such members of their own, and lists of entries that have. */
const PARTS = ["KeyLastUsage", "KeyMetadata", "ReplicaKeyMetadata"];
const LISTS = ["Aliases", "Grants", "Rotations"];
