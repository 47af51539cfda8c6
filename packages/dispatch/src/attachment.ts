// The dispatching end of one Attach stream: to one model of one replica. It holds the credits that the replica granted,
// remembers every batch until its last result, and gives back what was not answered when the stream is lost.
import { WeftError } from '@weft/errors';
import {
  type BatchItem,
  decodeReplicaMessage,
  encodeBatch,
  encodeCancel,
  errorCodeOf,
  fragmentsOf,
  type ItemResult,
  MalformedMessage,
  Reassembler,
  type Result,
} from '@weft/rpc';
import type { Link, LinkHandlers } from './link.ts';
import type { PendingCall } from './pending-call.ts';

export interface AttachmentEvents {
  onCredit(version: string): void;
  /** The replica never began these calls, or was lost with them. */
  onReturned(version: string, calls: readonly PendingCall[], lost: boolean): void;
  onClosed(reason: string): void;
}

interface SentBatch {
  readonly version: string;
  readonly calls: readonly PendingCall[];
}

export class Attachment {
  readonly #events: AttachmentEvents;
  readonly #link: Link;
  readonly #credits = new Map<string, number[]>();
  readonly #sent = new Map<number, SentBatch>();
  readonly #reassembler: Reassembler;
  #nextBatchId = 1;
  #closed = false;

  /** `maxMessageBytes` bounds an answer that arrives in pieces. */
  constructor(open: (handlers: LinkHandlers) => Link, maxMessageBytes: number, events: AttachmentEvents) {
    this.#events = events;
    // A result is an answer with a little around it.
    this.#reassembler = new Reassembler(maxMessageBytes * 2);
    this.#link = open({
      onMessage: (message) => this.#receiveChecked(message),
      onClosed: (reason) => this.#lost(reason),
    });
  }

  creditsFor(version: string): number {
    return this.#credits.get(version)?.length ?? 0;
  }

  /** Spends a credit on a batch of calls of one method. There must be a credit. */
  dispatch(version: string, calls: readonly PendingCall[], nowMs: number): void {
    const instance = this.#credits.get(version)?.shift();
    if (instance === undefined) throw new Error(`no credit for version ${version}`);
    const id = this.#nextBatchId++;
    this.#sent.set(id, { version, calls });
    for (const [index, pending] of calls.entries()) pending.withdraw = () => this.#send(encodeCancel(id, [index]));
    const method = (calls[0] as PendingCall).call.method;
    this.#send(
      encodeBatch(
        { id, version, method, instance },
        calls.map((pending) => batchItem(pending, nowMs)),
      ),
    );
  }

  /** Ends the stream from this side; `lost` says that the replica is known to be gone. */
  close(lost: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#link.close();
    this.#returnAll(lost);
  }

  #send(message: Buffer): void {
    for (const fragment of fragmentsOf(message)) this.#link.send(fragment);
  }

  /** A replica that does not keep the protocol costs its stream, not this process. */
  #receiveChecked(bytes: Buffer): void {
    try {
      this.#receive(bytes);
    } catch (thrown) {
      if (!(thrown instanceof MalformedMessage || thrown instanceof RangeError)) throw thrown;
      this.#link.close();
      this.#lost(thrown.message);
    }
  }

  #receive(bytes: Buffer): void {
    const message = decodeReplicaMessage(bytes);
    switch (message.kind) {
      case 'credit': {
        const credits = this.#credits.get(message.version);
        if (credits === undefined) this.#credits.set(message.version, [message.instance]);
        else credits.push(message.instance);
        this.#events.onCredit(message.version);
        break;
      }
      case 'credit_return':
        this.#takeBack(message.version, message.instance);
        break;
      case 'result':
        this.#settle(message.result);
        break;
      case 'fragment': {
        const whole = this.#reassembler.add(message.piece, message.last);
        if (whole !== undefined) this.#receive(whole);
        break;
      }
      case 'drain':
        this.#credits.clear();
        break;
      case 'unknown':
        break;
    }
  }

  #takeBack(version: string, instance: number): void {
    const credits = this.#credits.get(version) ?? [];
    const at = credits.indexOf(instance);
    if (at !== -1) credits.splice(at, 1);
  }

  #settle(result: Result): void {
    const batch = this.#sent.get(result.batchId);
    if (batch === undefined) return;
    for (const item of result.items) batch.calls[item.index]?.settle(answerOf(item));
    if (!result.last) return;
    this.#sent.delete(result.batchId);
    const left = batch.calls.filter((pending) => !pending.settled);
    if (left.length === 0) return;
    if (result.undelivered) this.#events.onReturned(batch.version, left, false);
    else
      for (const pending of left)
        pending.settle({ error: new WeftError('INTERNAL', 'the replica left this request unanswered') });
  }

  #lost(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#returnAll(true);
    this.#events.onClosed(reason);
  }

  #returnAll(lost: boolean): void {
    this.#credits.clear();
    const batches = [...this.#sent.values()];
    this.#sent.clear();
    for (const { version, calls } of batches) {
      const left = calls.filter((pending) => !pending.settled);
      if (left.length > 0) this.#events.onReturned(version, left, lost);
    }
  }
}

function batchItem(pending: PendingCall, nowMs: number): BatchItem {
  const { payload, traceparent, tenant, deadlineMs } = pending.call;
  const timeoutUs = deadlineMs === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.round((deadlineMs - nowMs) * 1000));
  return { payload, timeoutUs, rows: pending.rows, traceparent, tenant };
}

function answerOf(item: ItemResult): Parameters<PendingCall['settle']>[0] {
  if (item.outcome instanceof Uint8Array) return { payload: item.outcome, times: item };
  const { code, message, requestId } = item.outcome;
  return { error: new WeftError(errorCodeOf(code), message, requestId === '' ? {} : { requestId }) };
}
