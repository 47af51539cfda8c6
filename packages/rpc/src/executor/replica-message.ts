// weft.executor.v1.ReplicaMessage by hand: what a replica sends on an Attach stream. Results are written in the
// instance's worker, pass the replica's main thread unread, and are read by whoever dispatched the batch.
import { FieldReader } from '../wire/read.ts';
import { bytesFieldSize, FieldWriter, textFieldSize, varintFieldSize } from '../wire/write.ts';
import { readFragment } from './router-message.ts';

/** Times of one item at its replica, microseconds. */
export interface ItemTimes {
  readonly queueUs: number;
  readonly computeInputUs: number;
  readonly computeInferUs: number;
  readonly computeOutputUs: number;
}

export interface ItemStatus {
  /** A gRPC status code. */
  readonly code: number;
  readonly message: string;
  /** Of an unexpected failure: where the replica's log tells its cause; else empty. */
  readonly requestId: string;
}

export interface ItemResult extends ItemTimes {
  readonly index: number;
  readonly outcome: Uint8Array | ItemStatus;
}

export interface Result {
  readonly batchId: number;
  readonly items: readonly ItemResult[];
  /** The instance never began this batch. */
  readonly undelivered: boolean;
  /** The instance died while it worked on this batch. */
  readonly crashed: boolean;
  readonly last: boolean;
  /** The model's runs for the items of this message; left out is none. */
  readonly executions?: readonly Execution[];
}

/** One run of a model; times in microseconds. */
export interface Execution {
  readonly rows: number;
  readonly computeInputUs: number;
  readonly computeInferUs: number;
  readonly computeOutputUs: number;
}

/** How many routers send batches of a version, and the rows that came lately: of the one that is told, and of all. */
export interface Sharing {
  readonly version: string;
  readonly routers: number;
  readonly rows: number;
  readonly allRows: number;
}

const creditFields = { credit: 1, credit_return: 2, reserved_credit: 7 } as const;
/** A reserved credit is one that no other router has, for a moment. */
export type CreditKind = keyof typeof creditFields;

export type ReplicaMessage =
  | { readonly kind: CreditKind; readonly version: string; readonly instance: number }
  | ({ readonly kind: 'sharing' } & Sharing)
  | { readonly kind: 'result'; readonly result: Result }
  | { readonly kind: 'drain'; readonly reason: string }
  | { readonly kind: 'fragment'; readonly piece: Buffer; readonly last: boolean }
  /** From a newer replica; to be ignored. */
  | { readonly kind: 'unknown' };

export function encodeCredit(kind: CreditKind, version: string, instance: number): Buffer {
  const size = textFieldSize(version) + varintFieldSize(instance);
  const out = new FieldWriter(bytesFieldSize(size));
  out.open(creditFields[kind], size);
  out.textField(1, version);
  out.varintField(2, instance);
  return out.bytes;
}

export function encodeSharing({ version, routers, rows, allRows }: Sharing): Buffer {
  const numbers = varintFieldSize(routers) + varintFieldSize(rows) + varintFieldSize(allRows);
  const size = textFieldSize(version) + numbers;
  const out = new FieldWriter(bytesFieldSize(size));
  out.open(6, size);
  out.textField(1, version);
  out.varintField(2, routers);
  out.varintField(3, rows);
  out.varintField(4, allRows);
  return out.bytes;
}

export function encodeDrain(reason: string): Buffer {
  const out = new FieldWriter(bytesFieldSize(textFieldSize(reason)));
  out.open(4, textFieldSize(reason));
  out.textField(1, reason);
  return out.bytes;
}

export function encodeResult(result: Result): Buffer {
  const { executions = noExecutions } = result;
  let size =
    varintFieldSize(result.batchId) +
    varintFieldSize(Number(result.undelivered)) +
    varintFieldSize(Number(result.last)) +
    varintFieldSize(Number(result.crashed));
  for (const item of result.items) size += bytesFieldSize(itemSize(item));
  for (const execution of executions) size += bytesFieldSize(executionSize(execution));
  const out = new FieldWriter(bytesFieldSize(size));
  out.open(3, size);
  out.varintField(1, result.batchId);
  for (const item of result.items) writeItem(out, item);
  out.varintField(3, Number(result.undelivered));
  out.varintField(4, Number(result.last));
  out.varintField(5, Number(result.crashed));
  for (const execution of executions) writeExecution(out, execution);
  return out.bytes;
}

const noExecutions: readonly Execution[] = [];

function writeExecution(out: FieldWriter, execution: Execution): void {
  out.open(6, executionSize(execution));
  out.varintField(1, execution.rows);
  out.varintField(2, execution.computeInputUs);
  out.varintField(3, execution.computeInferUs);
  out.varintField(4, execution.computeOutputUs);
}

function executionSize({ rows, computeInputUs, computeInferUs, computeOutputUs }: Execution): number {
  const times = varintFieldSize(computeInputUs) + varintFieldSize(computeInferUs) + varintFieldSize(computeOutputUs);
  return varintFieldSize(rows) + times;
}

function writeItem(out: FieldWriter, item: ItemResult): void {
  out.open(2, itemSize(item));
  out.varintField(1, item.index);
  if (item.outcome instanceof Uint8Array) out.bytesField(2, item.outcome);
  else {
    out.open(3, statusSize(item.outcome));
    out.varintField(1, item.outcome.code);
    out.textField(2, item.outcome.message);
    out.textField(3, item.outcome.requestId);
  }
  out.varintField(4, item.queueUs);
  out.varintField(5, item.computeInputUs);
  out.varintField(6, item.computeInferUs);
  out.varintField(7, item.computeOutputUs);
}

function itemSize(item: ItemResult): number {
  const content = item.outcome instanceof Uint8Array ? item.outcome.length : statusSize(item.outcome);
  const times = varintFieldSize(item.queueUs) + varintFieldSize(item.computeInputUs);
  const more = varintFieldSize(item.computeInferUs) + varintFieldSize(item.computeOutputUs);
  return varintFieldSize(item.index) + bytesFieldSize(content) + times + more;
}

function statusSize(status: ItemStatus): number {
  return varintFieldSize(status.code) + textFieldSize(status.message) + textFieldSize(status.requestId);
}

/** Reads a message; payloads of results share memory with it. */
export function decodeReplicaMessage(message: Buffer): ReplicaMessage {
  const reader = new FieldReader(message);
  let decoded: ReplicaMessage = { kind: 'unknown' };
  while (reader.next()) {
    if (reader.field === 1) decoded = readCredit('credit', reader.message());
    else if (reader.field === 2) decoded = readCredit('credit_return', reader.message());
    else if (reader.field === 3) decoded = { kind: 'result', result: readResult(reader.message()) };
    else if (reader.field === 4) decoded = readDrain(reader.message());
    else if (reader.field === 5) decoded = readFragment(reader.message());
    else if (reader.field === 6) decoded = readSharing(reader.message());
    else if (reader.field === 7) decoded = readCredit('reserved_credit', reader.message());
  }
  return decoded;
}

function readSharing(reader: FieldReader): ReplicaMessage {
  const sharing = { kind: 'sharing' as const, version: '', routers: 0, rows: 0, allRows: 0 };
  while (reader.next()) {
    if (reader.field === 1) sharing.version = reader.text();
    else if (reader.field === 2) sharing.routers = reader.varint;
    else if (reader.field === 3) sharing.rows = reader.varint;
    else if (reader.field === 4) sharing.allRows = reader.varint;
  }
  return sharing;
}

function readCredit(kind: CreditKind, reader: FieldReader): ReplicaMessage {
  const credit = { kind, version: '', instance: 0 };
  while (reader.next()) {
    if (reader.field === 1) credit.version = reader.text();
    else if (reader.field === 2) credit.instance = reader.varint;
  }
  return credit;
}

function readDrain(reader: FieldReader): ReplicaMessage {
  const drain = { kind: 'drain' as const, reason: '' };
  while (reader.next()) if (reader.field === 1) drain.reason = reader.text();
  return drain;
}

function readResult(reader: FieldReader): Result {
  const items: ItemResult[] = [];
  const executions: Execution[] = [];
  const result = { batchId: 0, items, undelivered: false, crashed: false, last: false, executions };
  while (reader.next()) {
    if (reader.field === 1) result.batchId = reader.varint;
    else if (reader.field === 2) items.push(readItemResult(reader.message()));
    else if (reader.field === 3) result.undelivered = reader.varint !== 0;
    else if (reader.field === 4) result.last = reader.varint !== 0;
    else if (reader.field === 5) result.crashed = reader.varint !== 0;
    else if (reader.field === 6) executions.push(readExecution(reader.message()));
  }
  return result;
}

function readExecution(reader: FieldReader): Execution {
  const execution = { rows: 0, computeInputUs: 0, computeInferUs: 0, computeOutputUs: 0 };
  while (reader.next()) {
    if (reader.field === 1) execution.rows = reader.varint;
    else if (reader.field === 2) execution.computeInputUs = reader.varint;
    else if (reader.field === 3) execution.computeInferUs = reader.varint;
    else if (reader.field === 4) execution.computeOutputUs = reader.varint;
  }
  return execution;
}

function readItemResult(reader: FieldReader): ItemResult {
  let outcome: Uint8Array | ItemStatus = nothing;
  const item = { index: 0, queueUs: 0, computeInputUs: 0, computeInferUs: 0, computeOutputUs: 0 };
  while (reader.next()) {
    if (reader.field === 1) item.index = reader.varint;
    else if (reader.field === 2) outcome = reader.content();
    else if (reader.field === 3) outcome = readStatus(reader.message());
    else if (reader.field === 4) item.queueUs = reader.varint;
    else if (reader.field === 5) item.computeInputUs = reader.varint;
    else if (reader.field === 6) item.computeInferUs = reader.varint;
    else if (reader.field === 7) item.computeOutputUs = reader.varint;
  }
  return { ...item, outcome };
}

const nothing = Buffer.alloc(0);

function readStatus(reader: FieldReader): ItemStatus {
  const status = { code: 0, message: '', requestId: '' };
  while (reader.next()) {
    if (reader.field === 1) status.code = reader.varint;
    else if (reader.field === 2) status.message = reader.text();
    else if (reader.field === 3) status.requestId = reader.text();
  }
  return status;
}
