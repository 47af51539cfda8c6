// The records of the embedded log's file: length and CRC-32 of the payload (4 bytes each, little endian), then the payload:
// format (1 byte), revision (8), length of the model's name (2), the name, the event.
//
// A process that dies, or a disk that fills, in mid-append leaves a record that is not whole at the file's end. One that is
// damaged though whole ones follow it is a fault of the disk, and is passed over.
import { crc32 } from 'node:zlib';
import { type LoggedEvent, maxEventBytes } from '../event-log.ts';

const headBytes = 8;
const fixedBytes = 11;
const format = 1;
/** The longest record there can be. */
export const maxRecordBytes = headBytes + fixedBytes + 0xffff + maxEventBytes;

export function encodeRecord({ model, revision, bytes }: LoggedEvent): Buffer {
  const name = Buffer.from(model);
  const record = Buffer.alloc(headBytes + fixedBytes + name.length + bytes.length);
  const payload = record.subarray(headBytes);
  payload.writeUInt8(format, 0);
  payload.writeBigUInt64LE(BigInt(revision), 1);
  payload.writeUInt16LE(name.length, 9);
  payload.set(name, fixedBytes);
  payload.set(bytes, fixedBytes + name.length);
  record.writeUInt32LE(payload.length, 0);
  record.writeUInt32LE(crc32(payload), 4);
  return record;
}

/** The events of all whole records, and where the last of these ends: what follows is torn, or not written to its end yet. */
export function decodeRecords(bytes: Buffer): { readonly events: readonly LoggedEvent[]; readonly end: number } {
  const events: LoggedEvent[] = [];
  let end = 0;
  for (;;) {
    const record = wholeRecordAfter(bytes, end);
    if (record === undefined) return { events, end };
    events.push(record.event);
    end = record.end;
  }
}

interface WholeRecord {
  readonly event: LoggedEvent;
  readonly end: number;
}

function wholeRecordAfter(bytes: Buffer, start: number): WholeRecord | undefined {
  for (let at = start; ; ) {
    const end = endOfRecord(bytes, at);
    if (end === undefined) return undefined;
    const event = readPayload(bytes.subarray(at + headBytes, end), bytes.readUInt32LE(at + 4));
    if (event !== undefined) return { event, end };
    at = end;
  }
}

/** Undefined for a record that is not there to its end, or whose length cannot be one. */
function endOfRecord(bytes: Buffer, at: number): number | undefined {
  if (bytes.length < at + headBytes) return undefined;
  const length = bytes.readUInt32LE(at);
  const end = at + headBytes + length;
  return length < fixedBytes || length > maxRecordBytes || end > bytes.length ? undefined : end;
}

function readPayload(payload: Buffer, crc: number): LoggedEvent | undefined {
  if (crc32(payload) !== crc || payload.readUInt8(0) !== format) return undefined;
  const nameEnd = fixedBytes + payload.readUInt16LE(9);
  if (nameEnd > payload.length) return undefined;
  const model = payload.toString('utf8', fixedBytes, nameEnd);
  return { model, revision: Number(payload.readBigUInt64LE(1)), bytes: payload.subarray(nameEnd) };
}
