// A WebAssembly module over HTTP. Some bundlers do not ship the file, and some servers answer with a page instead: then the script that
// carries the module inside is loaded.

/**
 * @param {() => Promise<Response>} file
 * @param {() => Promise<{ bytes(): Promise<ArrayBuffer> }>} script
 */
export async function fetchModule(file, script) {
  try {
    const response = await file();
    if (response.ok) {
      const bytes = await response.arrayBuffer();
      if (isWasm(bytes)) return bytes;
    }
  } catch {
    // Blocked, offline or no such scheme; the script is the second chance.
  }
  return (await script()).bytes();
}

const isWasm = (bytes) => bytes.byteLength > 8 && new DataView(bytes).getUint32(0) === 0x0061736d;
