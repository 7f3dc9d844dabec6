// A broker as a Cloudflare Worker: pages with a session get data keys of their tenant, and no credentials. See BROKER.md of the package.
import { awsKms } from "waxseal/aws";
import { brokerHandler, sessionTokens } from "waxseal/broker/server";

/**
 * @typedef {{ get(key: string): Promise<unknown>, put(key: string, value: unknown): Promise<void>, setAlarm(time: Date): Promise<void>, deleteAll(): Promise<void> }} Storage
 * @typedef {{ idFromName(name: string): unknown, get(id: unknown): { fetch(url: string): Promise<Response> } }} Namespace
 * @typedef {{ TOKEN_KEY: string, KEY_ARN: string, ACCESS_KEY_ID: string, SECRET_ACCESS_KEY: string, ENDPOINT?: string, ORIGIN: string, TOKENS: Namespace }} Env
 */

/** A Durable Object for each token that is for one request: the same for all isolates of the Worker. */
export class Token {
  /** @param {{ storage: Storage }} state */
  constructor({ storage }) {
    this.storage = storage;
  }

  /** @param {Request} request */
  async fetch(request) {
    const isNew = (await this.storage.get("used")) === undefined;
    if (isNew) {
      await this.storage.put("used", true);
      await this.storage.setAlarm(new Date(Number(new URL(request.url).searchParams.get("expires"))));
    }
    return Response.json(isNew);
  }

  /** It has ended by itself, and need not be remembered. */
  alarm() {
    return this.storage.deleteAll();
  }
}

/** @param {Env} env */
function brokerOf(env) {
  const credentials = { accessKeyId: env.ACCESS_KEY_ID, secretAccessKey: env.SECRET_ACCESS_KEY };
  const key = Uint8Array.from(env.TOKEN_KEY.match(/../g) ?? [], (digits) => parseInt(digits, 16)); // a secret: 64 hexadecimal digits
  return brokerHandler({
    kms: awsKms({ credentials, endpoint: env.ENDPOINT }),
    keyIds: [env.KEY_ARN],
    authenticate: sessionTokens({ key }).authenticate,
    origins: [env.ORIGIN],
    replays: {
      async claim(id, expires) {
        const token = env.TOKENS.get(env.TOKENS.idFromName(id));
        const response = await token.fetch(`https://token/?expires=${expires.getTime()}`);
        return (await response.json()) === true;
      },
    },
  });
}

/** @type {ReturnType<typeof brokerHandler> | undefined} */
let broker;

export default {
  /**
   * @param {Request} request
   * @param {Env} env
   */
  fetch(request, env) {
    broker ??= brokerOf(env);
    return broker(request);
  },
};
