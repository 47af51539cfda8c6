// What makes two ModelInfer requests ask for the same: a digest over everything that determines the answer. The client's name for the
// request, its priority and its patience do not; model and version are the cache's own business, since a request may name no version.
// The digest is cryptographic: whoever could make two requests collide would choose what others are answered.
import { createHash } from 'node:crypto';
import { FieldReader, MalformedMessage } from '@weft/rpc';

export interface CacheKey {
  /** Text, always of one length. */
  readonly digest: string;
  /** The client's own name for the request. */
  readonly id: string;
}

const withoutEffect: ReadonlySet<string> = new Set(['priority', 'timeout', 'triton_enable_empty_final_response']);

/** Undefined for a request whose tensors are not in it (shared memory), and for what is no request. */
export function cacheKeyOf(payload: Buffer): CacheKey | undefined {
  try {
    return readKey(payload);
  } catch (thrown) {
    if (thrown instanceof MalformedMessage) return undefined;
    throw thrown;
  }
}

function readKey(payload: Buffer): CacheKey | undefined {
  const hash = createHash('sha256');
  const parameters: Buffer[] = [];
  const reader = new FieldReader(payload);
  let id = '';
  while (reader.next()) {
    const { field } = reader;
    if (field === 1 || field === 2) continue;
    if (field === 3) id = reader.text();
    else if (field === 4) parameters.push(reader.content());
    else {
      // The parameters of an input are its field 4, those of a requested output its field 2.
      if (field === 5 && mentionsSharedMemory(reader.message(), 4)) return undefined;
      if (field === 6 && mentionsSharedMemory(reader.message(), 2)) return undefined;
      // The length before the content, or two requests with the same bytes cut differently would be one.
      hash.update(`${field}:${reader.type}:${reader.end - reader.start};`).update(content(reader));
    }
  }
  const counting = parameters.filter((entry) => !withoutEffect.has(keyOf(new FieldReader(entry))));
  for (const entry of counting.sort((a, b) => a.compare(b))) hash.update(`4:${entry.length};`).update(entry);
  return { digest: hash.digest('base64'), id };
}

function content({ bytes, start, end }: FieldReader): Buffer {
  return bytes.subarray(start, end);
}

function mentionsSharedMemory(message: FieldReader, parametersField: number): boolean {
  while (message.next())
    if (message.field === parametersField && keyOf(message.message()).startsWith('shared_memory_')) return true;
  return false;
}

function keyOf(entry: FieldReader): string {
  let key = '';
  while (entry.next()) if (entry.field === 1) key = entry.text();
  return key;
}
