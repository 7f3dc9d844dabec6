// Waiting for what another call does, and not for ever.

/**
 * What another call promises, or `undefined` after a while: it may be a request to a Worker that has been ended. The timer is there for waiting
 * Workers too, where a request that waits for nothing of its own is ended as well.
 */
export async function patiently(promise) {
  const enough = deferred();
  const timer = setTimeout(enough.resolve, PATIENCE);
  try {
    return await Promise.race([promise, enough.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function deferred() {
  let resolve;
  const promise = new Promise((settle) => (resolve = () => settle()));
  return { promise, resolve };
}

/** Milliseconds; a little more than WebAssembly waits for one who asks. */
const PATIENCE = 11_000;
