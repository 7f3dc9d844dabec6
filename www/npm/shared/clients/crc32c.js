// CRC-32C (Castagnoli), by which Google Cloud KMS finds bits that were changed on the way.

export function crc32c(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 && POLYNOMIAL);
  }
  return ~crc >>> 0;
}

const POLYNOMIAL = 0x82f6_3b78;
