// The sequence of an item, as a router tells it to a replica: weft.executor.v1.Sequence by hand.
import type { FieldReader } from '../wire/read.ts';
import { bytesFieldSize, type FieldWriter, textFieldSize, varint64Size } from '../wire/write.ts';

/** The client's own name for a sequence: an unsigned number of 64 bits, or text. 1 and "1" are two. */
export type SequenceId = bigint | string;

export interface ItemSequence {
  /** Unique among all sequences of all routers, whatever ids their clients give them. */
  readonly key: string;
  readonly id: SequenceId;
  readonly start: boolean;
  readonly end: boolean;
}

export function itemSequenceSize({ key, id, start, end }: ItemSequence): number {
  const idSize = typeof id === 'string' ? bytesFieldSize(Buffer.byteLength(id)) : 1 + varint64Size(id);
  return textFieldSize(key) + idSize + (start ? 2 : 0) + (end ? 2 : 0);
}

export function writeItemSequence(out: FieldWriter, { key, id, start, end }: ItemSequence): void {
  out.textField(1, key);
  if (typeof id === 'string') out.bytesField(3, Buffer.from(id));
  else {
    // Written even when it is 0: it is one of a oneof.
    out.varint(2 << 3);
    out.varint64(id);
  }
  out.varintField(4, start ? 1 : 0);
  out.varintField(5, end ? 1 : 0);
}

export function readItemSequence(reader: FieldReader): ItemSequence {
  const sequence = { key: '', id: 0n as SequenceId, start: false, end: false };
  while (reader.next()) {
    if (reader.field === 1) sequence.key = reader.text();
    else if (reader.field === 2) sequence.id = reader.varint64();
    else if (reader.field === 3) sequence.id = reader.text();
    else if (reader.field === 4) sequence.start = reader.varint !== 0;
    else if (reader.field === 5) sequence.end = reader.varint !== 0;
  }
  return sequence;
}
