// What goes through both streams, one after the other. For every runtime.

const MIB = 1024 * 1024;

/** Encrypts and decrypts so many bytes, none of which are kept, or only copies them twice; how fast that was. */
export async function pump({ Client, rawAesKeyring }, { size, suite }) {
  const keyring = rawAesKeyring({ namespace: "bench", name: "streams", key: new Uint8Array(32).fill(7) });
  const client = new Client({ keyring, suite: suite === "copies" ? undefined : suite });
  // One array for all, so that what is measured is not what a source leaves behind.
  const piece = new Uint8Array(64 * 1024);
  let [left, length] = [size, 0];
  const plaintext = new ReadableStream(
    {
      pull(controller) {
        controller.enqueue(piece);
        left -= piece.length;
        if (left === 0) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const start = performance.now();
  const counted = new WritableStream({ write: (piece) => void (length += piece.length) });
  const [there, back] = suite === "copies" ? [copying(), copying()] : [client.encryptStream({ size }), client.decryptStream()];
  await plaintext.pipeThrough(there).pipeThrough(back).pipeTo(counted);
  if (length !== size) throw new Error(`${length} of ${size} bytes came out`);
  return `${Math.round(size / MIB / ((performance.now() - start) / 1000))} MiB/s`;
}

/** What any stream leaves to the garbage collector that gives away arrays of its own. */
function copying() {
  return new TransformStream({ transform: (piece, controller) => controller.enqueue(piece.slice()) });
}
