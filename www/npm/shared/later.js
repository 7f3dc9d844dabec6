// Parts of the package that are loaded when something takes them, or all at once by `waxseal/eager`.

import { WaxsealError } from "./errors.js";

const provided = {};

/** Parts that need not be loaded any more, by their names. */
export const provide = (parts) => void Object.assign(provided, parts);

/**
 * @param {string} part its name
 * @param {() => Promise<object>} load imports it, by a path that bundlers can read
 */
export async function later(part, load) {
  if (provided[part]) return provided[part];
  try {
    return await load();
  } catch (cause) {
    const why = "ServiceWorkerGlobalScope" in globalThis ? "browsers let a Service Worker import nothing later; import `waxseal/eager`, too, or bundle it as one script" : cause?.message;
    throw new WaxsealError({ code: "LoadFailed", message: `a part of waxseal can not be loaded: ${why}`, cause, retryable: true });
  }
}
