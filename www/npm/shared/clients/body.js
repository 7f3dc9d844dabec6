// Bodies of requests and answers from elsewhere: no longer than any that means something, and objects of JSON.

/** The bytes; `undefined` if they are more than `most`. Whoever sends them may never stop. */
export async function bodyOf({ body }, most) {
  // Firefox shows no stream of an empty body.
  if (!body) return new Uint8Array(0);
  const reader = body.getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (length > most) {
      reader.cancel().catch(() => {});
      return undefined;
    }
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
    chunk.fill(0);
  }
  return bytes;
}

/** An object of JSON, else `undefined`. The bytes are overwritten: there may be a plaintext in them. */
export function objectOf(bytes) {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  } finally {
    bytes.fill(0);
  }
}
