// Where a key of AWS KMS is: its region and partition, and the service's address there.

import { invalid } from "../check.js";

/** Region and partition of a key's or alias's ARN, and the rest of it; `undefined` for what is no such ARN. */
export function placeOf(keyId) {
  const [, partition, region, account, resource] = /^arn:(aws[\w-]*):kms:([^:]+):(\d{12}):((?:key|alias)\/.+)$/.exec(keyId ?? "") ?? [];
  return partition && { partition, region, account, resource };
}

/** A region becomes part of an address, and an ARN in a message may be a stranger's. */
export function region(value, what) {
  if (typeof value !== "string" || !/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(value)) throw invalid(`${what} is not the name of an AWS region`);
  return value;
}

/** `https://kms.…` of a region. */
export function endpointOf(region, partition, { fips, dualStack }) {
  const known = PARTITIONS.find(({ name, regions }) => (partition ? name === partition : regions.test(region)));
  if (!known) throw invalid(`nothing is known of the partition \`${partition}\`; pass an endpoint`);
  return `https://kms${fips ? "-fips" : ""}.${region}.${dualStack ? known.dualStack : known.domain}`;
}

/** The last one is for whatever region is new. */
const PARTITIONS = [
  { name: "aws-cn", regions: /^cn-/, domain: "amazonaws.com.cn", dualStack: "api.amazonwebservices.com.cn" },
  { name: "aws-us-gov", regions: /^us-gov-/, domain: "amazonaws.com", dualStack: "api.aws" },
  { name: "aws-iso", regions: /^us-iso-/, domain: "c2s.ic.gov", dualStack: "api.aws.ic.gov" },
  { name: "aws-iso-b", regions: /^us-isob-/, domain: "sc2s.sgov.gov", dualStack: "api.aws.scloud" },
  { name: "aws-iso-e", regions: /^eu-isoe-/, domain: "cloud.adc-e.uk", dualStack: "api.cloud-aws.adc-e.uk" },
  { name: "aws-iso-f", regions: /^us-isof-/, domain: "csp.hci.ic.gov", dualStack: "api.aws.hci.ic.gov" },
  { name: "aws-eusc", regions: /^eusc-/, domain: "amazonaws.eu", dualStack: "api.amazonwebservices.eu" },
  { name: "aws", regions: /./, domain: "amazonaws.com", dualStack: "api.aws" },
];
