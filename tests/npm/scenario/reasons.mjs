// Why: what would help, who can, what limits whom, and what was asked.

import { assert, equal, fails, includes, same } from "../checks.mjs";
import { BOB, CONTEXT, encoder, EVE, world } from "./world.mjs";

const allow = (Action, Resource = "*") => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });

export const reasons = {
  async "what is refused is explained, and each proposal helps"(given) {
    const { kms, keyId } = await world(given);
    const { CiphertextBlob } = await kms.encrypt({ KeyId: keyId, Plaintext: encoder.encode("x"), EncryptionContext: CONTEXT });
    const request = { CiphertextBlob, EncryptionContext: CONTEXT };
    const before = (await kms.audit()).length;
    const { decision, proposals } = await kms.explain({ as: BOB, operation: "Decrypt", request });
    equal(decision.verdict, "implicit-deny");
    assert(decision.findings.length > 0, "every statement is listed");
    const kinds = proposals.map(({ edits }) => edits.map(({ change }) => change.kind).join());
    assert(kinds.includes("createGrant") && kinds.includes("addStatement"), `${kinds}`);
    const grant = proposals.find(({ edits }) => edits[0].change.kind === "createGrant");
    same(grant.alsoAllows, []);
    equal((await kms.audit()).length, before, "nothing was asked");
    const { grantee, operations } = grant.edits[0].change;
    await kms.createGrant({ KeyId: keyId, GranteePrincipal: grantee, Operations: operations });
    await kms.as(BOB).decrypt(request);
    const allowed = await kms.explain({ as: BOB, operation: "Decrypt", request });
    same([allowed.decision.verdict, allowed.proposals], ["allow", []]);
    equal((await kms.explain({ operation: "ListKeys" })).decision.verdict, "allow");
    for (const [attempt, why] of [
      [() => kms.explain({ operation: "Fly", request: {} }), "there is no operation `Fly`"],
      [() => kms.explain({ operation: "Decrypt", request: { CiphertextBlob: 7 } }), "is not a Decrypt request"],
      [() => kms.explain({ as: "bob", operation: "ListKeys" }), "neither an ARN"],
      [() => kms.explain({ request: {} }), "operation is not a string"],
      [() => kms.explain({ operation: "ListKeys", who: BOB }), "has no option `who`"],
    ]) {
      includes((await fails(attempt(), why)).message, why);
    }
  },

  async "who can is told, with reasons"(given) {
    const { kms, keyId } = await world(given);
    const { CiphertextBlob } = await kms.encrypt({ KeyId: keyId, Plaintext: encoder.encode("x"), EncryptionContext: CONTEXT });
    await kms.iam.putPolicy(BOB, "reader", allow("kms:Decrypt", keyId));
    await kms.createGrant({ KeyId: keyId, GranteePrincipal: EVE, Operations: ["Decrypt"], Constraints: { EncryptionContextEquals: CONTEXT } });
    const principals = async (...args) => (await kms.whoCan(...args)).map(({ principal }) => principal).filter((one) => /user/.test(one)).sort();
    same(await principals("kms:Decrypt", keyId), [BOB]);
    same(await principals("kms:Decrypt", CiphertextBlob, { encryptionContext: CONTEXT }), [BOB, EVE]);
    same(await principals("kms:Encrypt", keyId), []);
    const holder = (await kms.whoCan("kms:Decrypt", keyId)).find(({ principal }) => principal === BOB);
    assert(holder.because.length > 10 && holder.decidedBy.source === "identity-policy", "a reason");
    equal(typeof (await fails(kms.whoCan("kms:Decrypt", "alias/none"))).kmsCode, "string");
    equal((await fails(kms.whoCan("kms:Decrypt"))).code, "InvalidInput");
    equal((await fails(kms.whoCan("kms:Decrypt", keyId, { encryptionContext: { a: 7 } }))).code, "InvalidInput");
  },

  async "boundaries, labels and organizations limit what policies give"(given) {
    const { kms, keyId } = await world(given);
    const { iam } = kms;
    const bob = kms.as(BOB);
    const denied = async () => (await fails(bob.describeKey({ KeyId: keyId }))).name;
    await iam.putPolicy(BOB, "all", allow("kms:*"));
    await bob.describeKey({ KeyId: keyId });
    await iam.putBoundary(BOB, allow("kms:Encrypt"));
    equal(await denied(), "AccessDeniedException");
    equal(JSON.parse(await iam.boundary(BOB)).Statement[0].Action, "kms:Encrypt");
    await iam.deleteBoundary(BOB);
    equal(await iam.boundary(BOB), undefined);
    await bob.describeKey({ KeyId: keyId });

    await iam.putServiceControlPolicies("111122223333", [[allow("*")], [allow("kms:Encrypt"), JSON.stringify(allow("kms:Decrypt"))]]);
    equal(await denied(), "AccessDeniedException");
    same((await iam.serviceControlPolicies("111122223333")).map((level) => level.length), [1, 2]);
    await iam.putServiceControlPolicies("111122223333", []);
    await bob.describeKey({ KeyId: keyId });

    const Condition = { StringEquals: { "aws:PrincipalTag/team": "blue", "aws:PrincipalOrgID": "o-a1b2c3d4e5" } };
    const statement = { ...allow("kms:*").Statement[0], Condition };
    await iam.putPolicy(BOB, "all", { Version: "2012-10-17", Statement: [statement] });
    equal(await denied(), "AccessDeniedException");
    await iam.putTag(BOB, "team", "blue");
    await iam.putOrganization("111122223333", "o-a1b2c3d4e5");
    same([await iam.tags(BOB), await iam.organization("111122223333")], [{ team: "blue" }, "o-a1b2c3d4e5"]);
    await bob.describeKey({ KeyId: keyId });
    await iam.deleteTag(BOB, "team");
    await iam.putOrganization("111122223333");
    same([await iam.tags(BOB), await iam.organization("111122223333")], [{}, undefined]);
    equal(await denied(), "AccessDeniedException");

    for (const [attempt, why] of [
      [() => iam.putBoundary(BOB, "{"), "line 1"],
      [() => iam.putBoundary(BOB, 7), "policy is not a string"],
      [() => iam.putTag(BOB, "team", 7), "value is not a string"],
      [() => iam.putServiceControlPolicies("111122223333", {}), "levels is not an array"],
      [() => iam.putServiceControlPolicies("111122223333", ["{}"]), "a level is not an array"],
    ]) {
      const error = await fails(attempt(), why);
      includes(error.message, why);
      equal(error.code, "InvalidInput");
    }
  },

  async "lines of the audit log are found"(given) {
    const { VirtualClock } = given;
    const clock = new VirtualClock(new Date("2026-01-15T12:00:00Z"));
    const { kms, keyId } = await world(given, { clock });
    await kms.listKeys();
    clock.advance({ hours: 1 });
    await kms.describeKey({ KeyId: keyId });
    await fails(kms.as(EVE).describeKey({ KeyId: keyId }));
    const names = async (wanted) => (await kms.audit(wanted)).map(({ eventName }) => eventName);
    same(await names(), ["CreateKey", "ListKeys", "DescribeKey", "DescribeKey"]);
    same(await names({ operation: "ListKeys" }), ["ListKeys"]);
    same(await names({ key: keyId, limit: 1 }), ["DescribeKey"]);
    same(await names({ until: new Date("2026-01-15T12:30:00Z") }), ["CreateKey", "ListKeys"]);
    same(await names({ from: new Date("2026-01-15T12:30:00Z"), account: "111122223333" }), ["DescribeKey", "DescribeKey"]);
    same(await names({ account: "444455556666" }), []);
    for (const wanted of [{ limit: 0 }, { from: "today" }, { who: EVE }, { operation: 7 }]) {
      equal((await fails(kms.audit(wanted))).code, "InvalidInput");
    }
  },
};
