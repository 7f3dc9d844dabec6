// What the engine relies on in a store, as named checks for every one of them: web APIs only, each with a new store.

import { assert, equal, fails, same } from "../npm/checks.mjs";

export const contract = {
  "a record is read as it was written, until it is replaced or removed"(store) {
    equal(store.read("key/1"), undefined);
    assert(store.commit([put("key/1", 1, { due: 1_768_478_400_123 }), put("key/2", 1, { body: '{"a":"ä\u{1F511}"}' })], undefined));
    same(plain(store.read("key/1")), { version: 1, body: "{}", due: 1_768_478_400_123, seal: SEAL });
    same(plain(store.read("key/2")), { version: 1, body: '{"a":"ä\u{1F511}"}', seal: SEAL });
    equal(store.read("key/2").due, undefined);
    assert(store.commit([put("key/1", 2, { body: "[]", seal: "b".repeat(64) }), { id: "key/2", expectedVersion: 1 }], undefined));
    same(plain(store.read("key/1")), { version: 2, body: "[]", seal: "b".repeat(64) });
    equal(store.read("key/2"), undefined);
    const large = { version: 2 ** 53 - 1, body: "x".repeat(500_000), due: 2 ** 52, seal: SEAL };
    assert(store.commit([{ id: "large", record: large }], undefined));
    same(plain(store.read("large")), large);
  },

  "a stamp is version and seal"(store) {
    equal(store.stamp("key/1"), undefined);
    store.commit([put("key/1", 1)], undefined);
    store.commit([put("key/1", 2, { seal: "c".repeat(64) })], undefined);
    const { version, seal } = store.stamp("key/1");
    same([version, seal], [2, "c".repeat(64)]);
  },

  "ids come in order, with their prefix, from where they are wanted, as many as are wanted"(store) {
    const ids = ["grant/b", "key/us-east-1/b", "key/us-east-1/a", "key/us-east-1/", "key/us-east-10/c", "key0", "kex", "key/us-east-1/Z", "key/us-east-1/é"];
    store.commit(ids.map((id) => put(id, 1)), undefined);
    const under = ["key/us-east-1/", "key/us-east-1/Z", "key/us-east-1/a", "key/us-east-1/b", "key/us-east-1/é"];
    same(store.ids("key/us-east-1/", "", 2 ** 31), under);
    same(store.ids("key/us-east-1/", "key/us-east-1/a", 2 ** 31), under.slice(2));
    same(store.ids("key/us-east-1/", "key/us-east-1/aa", 1), ["key/us-east-1/b"]);
    same(store.ids("key/us-east-1/", "key/a", 2), under.slice(0, 2));
    same(store.ids("key/us-east-1/", "key/us-east-2", 5), []);
    same(store.ids("key/us-east-1/", "", 0), []);
    same(store.ids("nothing/", "", 5), []);
    same(store.ids("", "", 3), ["grant/b", "kex", "key/us-east-1/"]);
    store.commit([{ id: "key/us-east-1/a", expectedVersion: 1 }], undefined);
    same(store.ids("key/us-east-1/", "key/us-east-1/Z", 2), ["key/us-east-1/Z", "key/us-east-1/b"]);
  },

  "the next that falls due is the earliest, and of several the first by its id"(store) {
    equal(store.nextDue(), undefined);
    store.commit([put("never", 1), put("c", 1, { due: 500 }), put("b", 1, { due: 400 }), put("a", 1, { due: 400 })], undefined);
    const next = () => [store.nextDue()?.id, store.nextDue()?.due];
    same(next(), ["a", 400]);
    store.commit([put("a", 2)], undefined);
    same(next(), ["b", 400]);
    store.commit([put("never", 2, { due: -1 })], undefined);
    same(next(), ["never", -1]);
    store.commit([{ id: "never", expectedVersion: 2 }, { id: "b", expectedVersion: 1 }], undefined);
    same(next(), ["c", 500]);
  },

  "with one version that is not as expected nothing is done"(store) {
    store.commit([put("a", 1), put("b", 1)], "first");
    const before = () => [store.read("a")?.version, store.read("b")?.version, store.read("c")?.version, store.audit(0, 9).length];
    for (const wrong of [put("b", 1), put("b", 3), { id: "c", expectedVersion: 1 }, { id: "b", expectedVersion: 7 }, { id: "b" }]) {
      equal(store.commit([put("a", 2), wrong, put("c", 1)], "second"), false, JSON.stringify(wrong));
      same(before(), [1, 1, null, 1]);
    }
    equal(store.commit([put("a", 2), put("b", 2), put("c", 1)], "second"), true);
    same(before(), [2, 2, 1, 2]);
  },

  "the audit log has its lines in order, counted from 0"(store) {
    same(store.audit(0, 5), []);
    for (const line of ["zero", "one", "two", "three"]) equal(store.commit([], line), true);
    store.commit([put("a", 1)], undefined);
    same(store.audit(0, 2 ** 31), ["zero", "one", "two", "three"]);
    same(store.audit(1, 2), ["one", "two"]);
    same(store.audit(3, 9), ["three"]);
    same(store.audit(4, 9), []);
  },
};

/** What holds where each commit is a transaction of its own. */
export const transactions = {
  async "a commit that fails in the midst leaves nothing behind"(store) {
    store.commit([put("a", 1)], "first");
    const unwritable = { id: "b", record: { version: 1, body: null, seal: SEAL } };
    await fails((async () => store.commit([put("a", 2), unwritable], "second"))(), "a record without a body");
    same([store.read("a").version, store.read("b"), store.audit(0, 9)], [1, undefined, ["first"]]);
    equal(store.commit([put("a", 2)], "second"), true, "and the next one is done");
  },

  "a store made again over the same database has what was there"(store, again) {
    store.commit([put("a", 1, { due: 7 })], "first");
    const other = again();
    same([plain(other.read("a")), other.audit(0, 9)], [{ version: 1, body: "{}", due: 7, seal: SEAL }, ["first"]]);
  },
};

/** The change that makes a record of that version. */
function put(id, version, record = {}) {
  const expectedVersion = version === 1 ? undefined : version - 1;
  return { id, expectedVersion, record: { version, body: "{}", due: undefined, seal: SEAL, ...record } };
}

/** Its members, in one order. */
const plain = ({ version, body, due, seal }) => ({ version, body, due, seal });

const SEAL = "a".repeat(64);
