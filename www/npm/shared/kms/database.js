// The world of a KMS in IndexedDB: its records, its audit log, and its root key, which is wrapped by a key that no script can read.

import { WaxsealError } from "../errors.js";

export class Database {
  #db;

  static async open(name) {
    const database = new Database();
    database.#db = await new Promise((resolve, reject) => {
      const request = indexedDB.open(`waxseal-kms/${name}`, FORM);
      request.onupgradeneeded = () => {
        for (const store of [RECORDS, AUDIT, WORLD]) request.result.createObjectStore(store);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(unusable(name, request.error));
    });
    // Whoever deletes the database need not wait for us; what is asked afterwards is refused.
    database.#db.onversionchange = () => database.close();
    return database;
  }

  /** Everything there is; `world` is undefined for a new one. */
  async load() {
    const transaction = this.#db.transaction([RECORDS, AUDIT, WORLD]);
    const [records, audit, world] = [RECORDS, AUDIT, WORLD].map((name) => transaction.objectStore(name));
    const [ids, bodies, numbers, texts, about] = await Promise.all(
      [records.getAllKeys(), records.getAll(), audit.getAllKeys(), audit.getAll(), world.get(ABOUT)].map(resultOf),
    );
    return {
      records: ids.map((id, index) => [id, bodies[index]]),
      lines: numbers.map((number, index) => ({ number, text: texts[index] })),
      world: about,
    };
  }

  /** Writes it all or nothing; it is on the disk when the promise resolves. */
  async write({ records, lines }, { forgetBefore, world } = {}) {
    const transaction = this.#db.transaction([RECORDS, AUDIT, WORLD], "readwrite", { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
    });
    try {
      const store = transaction.objectStore(RECORDS);
      for (const [id, record] of records) record === undefined ? store.delete(id) : store.put(record, id);
      const log = transaction.objectStore(AUDIT);
      for (const { number, text } of lines) log.put(text, number);
      if (forgetBefore > 0) log.delete(IDBKeyRange.upperBound(forgetBefore, true));
      if (world) transaction.objectStore(WORLD).put(world, ABOUT);
      transaction.commit();
    } catch (thrown) {
      abort(transaction);
      done.catch(() => {});
      throw thrown;
    }
    await done;
  }

  close() {
    this.#db.close();
  }
}

/** A root key as it is stored: encrypted under a key that can be used on this machine, and not read. */
export async function wrapRootKey(rootKey) {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { key, iv, wrapped: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, rootKey) };
}

export async function unwrapRootKey({ key, iv, wrapped }) {
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, wrapped));
}

function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // It is over already.
  }
}

function unusable(name, cause) {
  const message = `the IndexedDB database of the KMS \`${name}\` can not be opened: ${cause?.message ?? cause}`;
  return new WaxsealError({ code: "KmsUnavailable", message, cause });
}

/** The version of the database's form. */
const FORM = 1;
const [RECORDS, AUDIT, WORLD] = ["records", "audit", "world"];
/** The key of the one entry in `world`: `{ account, region, rootKey }`. */
const ABOUT = "about";
