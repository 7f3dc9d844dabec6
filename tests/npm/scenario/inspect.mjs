// Messages looked at without any key.

import { assert, equal, fails, same } from "../checks.mjs";
import { CONTEXT, world } from "./world.mjs";

export const inspect = {
  async "a message is described field by field, without a key"(given) {
    const { Client, describe } = given;
    const { kms, keyId } = await world(given);
    const client = new Client({ kms, keyId, frameLength: 4 });
    const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
    const { header } = await client.decrypt(message);
    const seen = await describe(message);
    same(seen.suite, {
      id: "0478",
      description: "AES-256-GCM, HKDF-SHA-512, key commitment",
      messageVersion: 2,
      isCommitting: true,
      isSigned: false,
    });
    same(Object.entries(seen.encryptionContext).sort(), Object.entries(CONTEXT).sort());
    same(seen.header, header);
    same(seen.wrappedBy, [`aws-kms \`${keyId}\``]);
    same([seen.frameCount, seen.plaintextLength, seen.problems], [3, 10, []]);
    let end = 0;
    for (const { range, label, note, part } of seen.fields) {
      equal(range.start, end, label);
      end = range.end;
      assert(label && note && part, "every field is told of");
    }
    equal(end, message.length);
    const brief = await describe(message, { maxFrames: 1 });
    same(brief.fields.at(-1).label, "frames 2 to 3");
    equal(brief.fields.at(-1).range.end, message.length);
  },

  async "a message that is broken is described as far as it goes"(given) {
    const { describe } = given;
    const { client } = await world(given);
    const message = await client.encrypt("top secret");
    const whole = await describe(message);
    for (let length = 0; length < message.length; length += 7) {
      const { fields, problems } = await describe(message.subarray(0, length));
      equal(problems.length, 1, `problems of ${length} bytes`);
      same(fields, whole.fields.slice(0, fields.length));
    }
    const nothing = await describe("no message");
    same([nothing.header, nothing.suite, nothing.frameCount, nothing.fields], [undefined, undefined, 0, []]);
    assert(nothing.problems[0].includes("is this a message at all"), nothing.problems[0]);
    const longer = await describe(new Uint8Array([...message, 0]));
    same(longer.problems, ["1 bytes follow the message"]);
    equal((await fails(describe(7))).code, "InvalidInput");
    equal((await fails(describe(message, { frames: 1 }))).code, "InvalidInput");
  },
};
