// The records of the embedded log's file: length and CRC-32 of the payload (4 bytes each, little endian), then the payload:
// format (1 byte), revision (8), length of the model's name (2), the name, the event.
//
// A process that dies, or a disk that fills, in mid-append leaves a record that is not whole at the file's end. One that is
// damaged though whole ones follow it is a fault of the disk: it is passed over, and told of, where its length leads to the next
// one, and where it does not, what is behind must not be taken for a torn end.
import { crc32 } from 'node:zlib';
import { type LoggedEvent, maxEventBytes } from '../event-log.ts';

export const headBytes = 8;
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

export interface DecodedRecords {
  readonly events: readonly LoggedEvent[];
  /** Where the last whole record begins and ends; both 0 without one. */
  readonly lastAt: number;
  readonly end: number;
  /** What lies damaged between whole records. */
  readonly damaged: readonly Damage[];
}

export interface Damage {
  readonly atByte: number;
  readonly bytes: number;
}

/** The events of all whole records. What follows is torn, not written to its end yet, or damaged. */
export function decodeRecords(bytes: Buffer): DecodedRecords {
  const events: LoggedEvent[] = [];
  const damaged: Damage[] = [];
  let [lastAt, end] = [0, 0];
  for (;;) {
    const record = wholeRecordAfter(bytes, end);
    if (record === undefined) return { events, lastAt, end, damaged };
    if (record.at > end) damaged.push({ atByte: end, bytes: record.at - end });
    events.push(record.event);
    ({ at: lastAt, end } = record);
  }
}

/** Where any whole record begins behind bytes that are none; undefined where they are a torn end. */
export function findRecord(bytes: Buffer, from: number): number | undefined {
  for (let at = from + 1; at + headBytes + fixedBytes <= bytes.length; at += 1) {
    const end = endOfRecord(bytes, at);
    if (end !== undefined && readRecord(bytes, at, end) !== undefined) return at;
  }
  return undefined;
}

interface WholeRecord {
  readonly event: LoggedEvent;
  readonly at: number;
  readonly end: number;
}

function wholeRecordAfter(bytes: Buffer, start: number): WholeRecord | undefined {
  for (let at = start; ; ) {
    const end = endOfRecord(bytes, at);
    if (end === undefined) return undefined;
    const event = readRecord(bytes, at, end);
    if (event !== undefined) return { event, at, end };
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

function readRecord(bytes: Buffer, at: number, end: number): LoggedEvent | undefined {
  const payload = bytes.subarray(at + headBytes, end);
  const nameEnd = fixedBytes + payload.readUInt16LE(9);
  // The sum comes last: it takes long where any byte may begin a record.
  if (payload.readUInt8(0) !== format || nameEnd > payload.length) return undefined;
  if (crc32(payload) !== bytes.readUInt32LE(at + 4)) return undefined;
  const model = payload.toString('utf8', fixedBytes, nameEnd);
  return { model, revision: Number(payload.readBigUInt64LE(1)), bytes: payload.subarray(nameEnd) };
}
