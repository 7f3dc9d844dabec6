// AWS Signature Version 4 for requests to a KMS, as a client would make it; tests alter what it returns.

import { createHash, createHmac } from "node:crypto";

/** The headers of a signed request, `authorization` among them. */
export function signedHeaders({ host, credentials, operation, text, date = new Date(), region = "us-east-1", more = {} }) {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const time = date.toISOString().replace(/[:-]|\.\d{3}/g, "");
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    host,
    "x-amz-date": time,
    "x-amz-target": `TrentService.${operation}`,
    ...(sessionToken && { "x-amz-security-token": sessionToken }),
    ...more,
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const canonical = `POST\n/\n\n${lines}\n${names.join(";")}\n${sha256(text)}`;
  const scope = [time.slice(0, 8), region, "kms", "aws4_request"];
  const key = scope.reduce((key, part) => hmac(key, part), `AWS4${secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope.join("/")}\n${sha256(canonical)}`).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${[accessKeyId, ...scope].join("/")}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...headers, authorization };
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
