// weft.executor.v1.RouterMessage by hand: what a router sends on an Attach stream. A batch is written and read without
// an object for each field; payloads are copied once on their way out and not at all when reading.
import { FieldReader } from '../wire/read.ts';
import { fragmentBytes, type Message } from './fragments.ts';
import { type ItemSequence, itemSequenceSize, readItemSequence, writeItemSequence } from './item-sequence.ts';
import { bytesFieldSize, FieldWriter, textFieldSize, varintFieldSize, varintSize } from '../wire/write.ts';

export interface BatchItem {
  readonly payload: Buffer;
  /** What is left of the deadline, microseconds; 0 without one. */
  readonly timeoutUs: number;
  readonly rows: number;
  readonly traceparent: string;
  readonly tenant: string;
  /** Of a model that batches sequences. */
  readonly sequence?: ItemSequence | undefined;
}

export interface BatchHeader {
  readonly id: number;
  readonly version: string;
  readonly method: string;
  readonly instance: number;
}

/** What waits for a version; `rows` 0: nothing does. */
export interface Demand {
  readonly version: string;
  readonly rows: number;
  /** Until the first of them is due, microseconds. */
  readonly slackUs: number;
  /** The class of the next in order, 0 the highest. */
  readonly priority: number;
}

export type RouterMessage =
  | { readonly kind: 'open'; readonly routerId: string; readonly model: string }
  | ({ readonly kind: 'demand' } & Demand)
  | { readonly kind: 'cancel'; readonly batchId: number; readonly items: readonly number[] }
  /** `body` is the encoded Batch: see readBatch and readBatchHeader. */
  | { readonly kind: 'batch'; readonly body: Buffer }
  | { readonly kind: 'fragment'; readonly piece: Buffer; readonly last: boolean }
  /** From a newer router; to be ignored. */
  | { readonly kind: 'unknown' };

export function encodeOpen(routerId: string, model: string): Buffer {
  const size = textFieldSize(routerId) + textFieldSize(model);
  const out = new FieldWriter(bytesFieldSize(size));
  out.open(1, size);
  out.textField(1, routerId);
  out.textField(2, model);
  return out.bytes;
}

export function encodeDemand({ version, rows, slackUs, priority }: Demand): Buffer {
  const size = textFieldSize(version) + varintFieldSize(rows) + varintFieldSize(slackUs) + varintFieldSize(priority);
  const out = new FieldWriter(bytesFieldSize(size));
  out.open(2, size);
  out.textField(1, version);
  out.varintField(2, rows);
  out.varintField(3, slackUs);
  out.varintField(4, priority);
  return out.bytes;
}

export function encodeCancel(batchId: number, items: readonly number[]): Buffer {
  let packed = 0;
  for (const item of items) packed += varintSize(item);
  const size = varintFieldSize(batchId) + bytesFieldSize(packed);
  const out = new FieldWriter(bytesFieldSize(size));
  out.open(4, size);
  out.varintField(1, batchId);
  out.open(2, packed);
  for (const item of items) out.varint(item);
  return out.bytes;
}

/** In parts when it is large: the payloads are not copied then. `released` are keys of sequences that the instance need not remember any more. */
export function encodeBatch(
  header: BatchHeader,
  items: readonly BatchItem[],
  released: readonly string[] = noneReleased,
): Message {
  let size = varintFieldSize(header.id) + textFieldSize(header.version) + textFieldSize(header.method);
  size += varintFieldSize(header.instance);
  for (const item of items) size += bytesFieldSize(itemSize(item));
  for (const key of released) size += bytesFieldSize(Buffer.byteLength(key));
  const whole = bytesFieldSize(size);
  const parts: Buffer[] | undefined = whole > fragmentBytes ? [] : undefined;
  const out = new FieldWriter(parts === undefined ? whole : whole - payloadBytes(items));
  out.open(3, size);
  out.varintField(1, header.id);
  out.textField(2, header.version);
  out.textField(3, header.method);
  out.varintField(4, header.instance);
  for (const item of items) {
    out.open(5, itemSize(item));
    if (parts === undefined) out.bytesField(1, item.payload);
    else {
      out.open(1, item.payload.length);
      parts.push(out.cut(), item.payload);
    }
    out.varintField(2, item.timeoutUs);
    out.varintField(3, item.rows);
    out.textField(4, item.traceparent);
    out.textField(5, item.tenant);
    if (item.sequence === undefined) continue;
    out.open(6, itemSequenceSize(item.sequence));
    writeItemSequence(out, item.sequence);
  }
  for (const key of released) out.bytesField(6, Buffer.from(key));
  return parts === undefined ? out.bytes : [...parts, out.cut()];
}

function payloadBytes(items: readonly BatchItem[]): number {
  return items.reduce((sum, { payload }) => sum + payload.length, 0);
}

const noneReleased: readonly string[] = [];

function itemSize(item: BatchItem): number {
  const fixed = bytesFieldSize(item.payload.length) + varintFieldSize(item.timeoutUs) + varintFieldSize(item.rows);
  const sequence = item.sequence === undefined ? 0 : bytesFieldSize(itemSequenceSize(item.sequence));
  return fixed + textFieldSize(item.traceparent) + textFieldSize(item.tenant) + sequence;
}

export function decodeRouterMessage(message: Buffer): RouterMessage {
  const reader = new FieldReader(message);
  let decoded: RouterMessage = { kind: 'unknown' };
  while (reader.next()) {
    if (reader.field === 1) decoded = readOpen(reader.message());
    else if (reader.field === 2) decoded = readDemand(reader.message());
    else if (reader.field === 3) decoded = { kind: 'batch', body: reader.content() };
    else if (reader.field === 4) decoded = readCancel(reader.message());
    else if (reader.field === 5) decoded = readFragment(reader.message());
  }
  return decoded;
}

/** Header and number of items of an encoded Batch; the items are walked over, not read. */
export function readBatchHeader(body: Buffer): BatchHeader & { readonly itemCount: number; readonly rows: number } {
  const header = { id: 0, version: '', method: '', instance: 0, itemCount: 0, rows: 0 };
  readBatchFields(body, header, (field) => {
    if (field.field !== 5) return;
    header.itemCount++;
    const item = field.message();
    while (item.next()) if (item.field === 3) header.rows += item.varint;
  });
  return header;
}

/** A whole Batch; the payloads share memory with `body`. */
export function readBatch(body: Buffer): BatchHeader & {
  readonly items: readonly BatchItem[];
  readonly released: readonly string[];
} {
  const items: BatchItem[] = [];
  const released: string[] = [];
  const batch = { id: 0, version: '', method: '', instance: 0, items, released };
  readBatchFields(body, batch, (field) => {
    if (field.field === 5) items.push(readItem(field.message()));
    else if (field.field === 6) released.push(field.text());
  });
  return batch;
}

/** Reads the header; the reader stands at each other field as `onField` is called. */
function readBatchFields(
  body: Buffer,
  header: { id: number; version: string; method: string; instance: number },
  onField: (reader: FieldReader) => void,
): void {
  const reader = new FieldReader(body);
  while (reader.next()) {
    if (reader.field === 1) header.id = reader.varint;
    else if (reader.field === 2) header.version = reader.text();
    else if (reader.field === 3) header.method = reader.text();
    else if (reader.field === 4) header.instance = reader.varint;
    else onField(reader);
  }
}

function readItem(reader: FieldReader): BatchItem {
  const sequence = undefined as ItemSequence | undefined;
  const item = { payload: emptyPayload, timeoutUs: 0, rows: 0, traceparent: '', tenant: '', sequence };
  while (reader.next()) {
    if (reader.field === 1) item.payload = reader.content();
    else if (reader.field === 2) item.timeoutUs = reader.varint;
    else if (reader.field === 3) item.rows = reader.varint;
    else if (reader.field === 4) item.traceparent = reader.text();
    else if (reader.field === 5) item.tenant = reader.text();
    else if (reader.field === 6) item.sequence = readItemSequence(reader.message());
  }
  return item;
}

const emptyPayload: Buffer = Buffer.alloc(0);

function readOpen(reader: FieldReader): RouterMessage {
  const open = { kind: 'open' as const, routerId: '', model: '' };
  while (reader.next()) {
    if (reader.field === 1) open.routerId = reader.text();
    else if (reader.field === 2) open.model = reader.text();
  }
  return open;
}

function readDemand(reader: FieldReader): RouterMessage {
  const demand = { kind: 'demand' as const, version: '', rows: 0, slackUs: 0, priority: 0 };
  while (reader.next()) {
    if (reader.field === 1) demand.version = reader.text();
    else if (reader.field === 2) demand.rows = reader.varint;
    else if (reader.field === 3) demand.slackUs = reader.varint;
    else if (reader.field === 4) demand.priority = reader.varint;
  }
  return demand;
}

function readCancel(reader: FieldReader): RouterMessage {
  const items: number[] = [];
  let batchId = 0;
  while (reader.next()) {
    if (reader.field === 1) batchId = reader.varint;
    else if (reader.field === 2) items.push(...reader.packedVarints());
  }
  return { kind: 'cancel', batchId, items };
}

export function readFragment(reader: FieldReader): { kind: 'fragment'; piece: Buffer; last: boolean } {
  const fragment = { kind: 'fragment' as const, piece: emptyPayload, last: false };
  while (reader.next()) {
    if (reader.field === 1) fragment.piece = reader.content();
    else if (reader.field === 2) fragment.last = reader.varint !== 0;
  }
  return fragment;
}
