// The cases that the clients in JavaScript and those in Rust have in common, as data: what is called, what is sent, what is answered, what comes of it.

import { readFile, readdir, writeFile } from "node:fs/promises";

import { awsKms, azureKms, brokerKms, gcpKms, vaultKms } from "./vendors.mjs";

const folder = new URL("./cases/", import.meta.url);
/** Whether what happens is written down instead of compared. */
export const isBlessing = process.env.BLESS === "1";

/** The file's rows. */
export async function rowsOf(name) {
  return JSON.parse(await readFile(new URL(name, folder), "utf8"));
}

export async function bless(name, rows) {
  // A line for each row that is a list, as of a table.
  const text = Array.isArray(rows[0]) ? `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]` : JSON.stringify(rows, null, 2);
  await writeFile(new URL(name, folder), `${text}\n`);
}

/** The files with calls of one vendor each. */
export async function filesOfCalls() {
  return (await readdir(folder)).filter((name) => name.startsWith("calls-")).sort();
}

/** The client that a row says, which sends by `fetch`. */
export function clientOf({ vendor, ...options }, fetch) {
  const make = { aws: awsKms, azure: azureKms, broker: brokerKms, gcp: gcpKms, vault: vaultKms }[vendor];
  return make({ ...options, fetch, attempts: 1 });
}

/** A `fetch` that notes what it is asked to send, and has one answer. */
export function answering(answer) {
  const sent = [];
  const fetch = async (url, { method, headers, body }) => {
    sent.push({ method, url, headers: Object.fromEntries(Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))), body });
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  };
  return { fetch, sent };
}

/** Members that are bytes are base64 in the files. */
export function fromFile(request) {
  const isBytes = (name) => ["Plaintext", "CiphertextBlob"].includes(name);
  return Object.fromEntries(Object.entries(request).map(([name, value]) => [name, isBytes(name) ? new Uint8Array(Buffer.from(value, "base64")) : value]));
}

/** Bytes are base64 in the files, and times are seconds, as AWS's protocol has them. */
export function toFile(response) {
  return Object.fromEntries(Object.entries(response).map(([name, value]) => [name, valueToFile(value)]));
}

function valueToFile(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Date) return value.getTime() / 1_000;
  return value?.constructor === Object ? toFile(value) : value;
}

/** An error as the files have it. */
export function errorToFile({ code, kind, vendorCode, requestId, retryable, message }) {
  return code === "InvalidInput" ? { invalidInput: true } : { kind, vendorCode, requestId, retryable, message };
}
