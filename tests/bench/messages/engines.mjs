// What each engine needs for messages and for frames, in any runtime, call by call in turn.

const KEY = new Uint8Array(32).fill(7); // a key that protects nothing
const KIB = 1024;
const MESSAGES = [64, 256, 512, KIB, 2 * KIB, 4 * KIB, 16 * KIB];
const FRAMES = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, KIB * KIB];

/** @param table that of the package, in which one engine after the other is made the only one */
export async function engineTimes({ waxseal, table, names, say }) {
  say(`microseconds for a whole message of one frame, encrypt/decrypt: ${names.join(", ")}`);
  for (const length of MESSAGES) {
    say(row(length, await inTurn(waxseal, table, names, { plaintext: new Uint8Array(length), frameLength: 64 * KIB, rounds: 15, per: 1, calls: 20 })));
  }
  say(`microseconds for a frame of many, encrypt/decrypt: ${names.join(", ")}`);
  for (const frameLength of FRAMES) {
    const per = Math.max(8, Math.min(2000, Math.floor((8 * KIB * KIB) / frameLength)));
    const plaintext = new Uint8Array(per * frameLength);
    say(row(frameLength, await inTurn(waxseal, table, names, { plaintext, frameLength, rounds: 7, per, calls: 1 })));
  }
}

async function inTurn({ Client, rawAesKeyring }, table, names, { plaintext, frameLength, rounds, per, calls }) {
  const client = new Client({ keyring: rawAesKeyring({ namespace: "bench", name: "key", key: KEY }), frameLength });
  const times = names.map(() => [[], []]);
  const before = { ...table };
  try {
    for (let round = -2; round < rounds; round++) {
      for (const [index, name] of names.entries()) {
        const only = name === "whole" ? { message: Infinity, engines: [] } : { message: 0, engines: name === "wasm" ? [] : [{ name, frame: 0 }] };
        Object.assign(table, { web: only, node: only });
        let message;
        // A browser's clock is too coarse for one call.
        const start = performance.now();
        for (let call = 0; call < calls; call++) message = await client.encrypt(plaintext);
        const middle = performance.now();
        for (let call = 0; call < calls; call++) await client.decrypt(message);
        const end = performance.now();
        if (round < 0) continue;
        times[index][0].push(middle - start);
        times[index][1].push(end - middle);
      }
    }
  } finally {
    Object.assign(table, before);
  }
  return times.map((both) => both.map((values) => (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] * 1000) / per / calls));
}

function row(length, times) {
  return [String(length).padStart(8), ...times.map((both) => both.map((time) => time.toFixed(1)).join("/").padStart(18))].join("");
}
