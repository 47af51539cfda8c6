// Bytes as other libraries give them, for those that want Buffers.

/** The same bytes as a Buffer, sharing memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
