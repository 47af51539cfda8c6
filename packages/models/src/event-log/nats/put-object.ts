// Puts an object into an object store, in the format that every NATS client and tool reads. The client's own `put` leaves promises
// that nobody awaits when NATS is lost or refuses in the middle, and the first of these would end the process.
import { createHash } from 'node:crypto';
import { headers, JSONCodec, JsHeaders, nuid } from 'nats';
import type { Session } from './nats-link.ts';

export interface NewObject {
  readonly bucket: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly description?: string;
}

const chunkBytes = 128 * 1024;
const timeoutMs = 10_000;

/** For an object of a few MiB that has no predecessor. What was sent before it rejects is removed as far as NATS lets us. */
export async function putObject({ jetstream, management }: Session, object: NewObject): Promise<void> {
  const { bucket, name, bytes, description = '' } = object;
  const id = nuid.next();
  const subject = `$O.${bucket}.C.${id}`;
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, at) =>
    bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes),
  );
  const info = {
    name,
    description,
    bucket,
    nuid: id,
    size: bytes.length,
    chunks: chunks.length,
    options: { max_chunk_size: chunkBytes },
    mtime: new Date().toISOString(),
    digest: `SHA-256=${padded(createHash('sha256').update(bytes).digest('base64url'))}`,
    deleted: false,
  };
  const rollup = headers();
  rollup.set(JsHeaders.RollupHdr, JsHeaders.RollupValueSubject);
  const metadata = `$O.${bucket}.M.${padded(Buffer.from(name).toString('base64url'))}`;
  try {
    await Promise.all(chunks.map((chunk) => jetstream.publish(subject, chunk, { timeout: timeoutMs })));
    await jetstream.publish(metadata, JSONCodec().encode(info), { headers: rollup, timeout: timeoutMs });
  } catch (error) {
    await management.streams.purge(`OBJ_${bucket}`, { filter: subject }).catch(() => undefined);
    throw error;
  }
}

const padded = (base64url: string): string => base64url.padEnd(Math.ceil(base64url.length / 4) * 4, '=');
