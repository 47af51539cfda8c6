// Bytes that may leave for another thread without taking others along.

/** The bytes in a buffer that holds nothing else, so that it can be transferred: most other buffers are slices of a pool. */
export function owned(bytes: Uint8Array): Uint8Array {
  const alone = bytes.buffer.byteLength - bytes.byteLength < 64;
  if (alone) return bytes;
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
