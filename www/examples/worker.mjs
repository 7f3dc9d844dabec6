// A Cloudflare Worker that encrypts what it is sent and gives it back decrypted. It needs no `nodejs_compat`.
import { Client, rawAesKeyring } from "waxseal";

export default {
  /**
   * @param {Request} request
   * @param {{ KEY: string }} env a secret with 64 hexadecimal digits
   */
  async fetch(request, env) {
    const key = Uint8Array.from(env.KEY.match(/../g) ?? [], (digits) => parseInt(digits, 16));
    using keyring = rawAesKeyring({ namespace: "my worker", name: "2026", key });
    const client = new Client({ keyring });
    const message = await client.encrypt(await request.arrayBuffer());
    const { plaintext } = await client.decrypt(message);
    return new Response(plaintext, { headers: { "x-message-length": String(message.length) } });
  },
};
