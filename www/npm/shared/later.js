// Parts of the package that are loaded when something takes them.

import { WaxsealError } from "./errors.js";

/** @param {() => Promise<object>} load imports a part, by a path that bundlers can read */
export async function later(load) {
  try {
    return await load();
  } catch (cause) {
    const why = "ServiceWorkerGlobalScope" in globalThis ? "browsers let a Service Worker import nothing later; bundle it as one script" : cause?.message;
    throw new WaxsealError({ code: "LoadFailed", message: `a part of waxseal can not be loaded: ${why}`, cause, retryable: true });
  }
}
