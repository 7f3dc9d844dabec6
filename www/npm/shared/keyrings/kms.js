// Keyrings of KMS keys.

import { invalid, list, optional, options, text } from "../check.js";
import { withDataKeys } from "../own-data-key.js";
import { Keyring } from "./keyring.js";

export function kmsKeyring(given) {
  return keyringOfKey(given, "kmsKeyring", false);
}

export function mrkKeyring(given) {
  return keyringOfKey(given, "mrkKeyring", true);
}

function keyringOfKey(given, what, mrkAware) {
  const { kms, keyId, grantTokens } = options(given, what, ["kms", "keyId", "grantTokens"]);
  checkKms(kms, ["encrypt", "decrypt"]);
  return new Keyring({ kind: "kms", mrkAware, kms: withDataKeys(kms), keyId: text(keyId, "keyId"), grantTokens: tokens(grantTokens) });
}

export function kmsDiscoveryKeyring(given) {
  const { kms, ...rest } = options(given, "kmsDiscoveryKeyring", ["kms", "partition", "accounts", "grantTokens"]);
  if (typeof kms !== "function") checkKms(kms, ["decrypt"]);
  return new Keyring({ kind: "kms-discovery", kms, ...limits(rest) });
}

export function mrkDiscoveryKeyring(given) {
  const { kms, region, ...rest } = options(given, "mrkDiscoveryKeyring", ["kms", "region", "partition", "accounts", "grantTokens"]);
  checkKms(kms, ["decrypt"]);
  return new Keyring({ kind: "kms-discovery", kms, region: text(region, "region"), ...limits(rest) });
}

export function checkKms(kms, methods) {
  for (const method of methods) {
    if (typeof kms?.[method] !== "function") {
      throw invalid(`kms has no method \`${method}\`; pass a LocalKms, the \`new KMS()\` of @aws-sdk/client-kms (not its KMSClient), or an object of your own`);
    }
  }
}

function limits({ partition, accounts, grantTokens }) {
  if (accounts === undefined && partition !== undefined) throw invalid("a partition limits nothing without accounts; give both");
  return {
    partition: accounts && text(partition ?? "aws", "partition"),
    accounts: texts(accounts, "accounts"),
    grantTokens: tokens(grantTokens),
  };
}

const tokens = (value) => texts(value, "grantTokens");
const texts = (value, what) => (optional(value, list, what) ?? []).map((each, index) => text(each, `${what}[${index}]`));
