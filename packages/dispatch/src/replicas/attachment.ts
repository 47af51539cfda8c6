// The dispatching end of one Attach stream: to one model of one replica. It holds the credits that the replica granted,
// remembers every batch until its last result, and ends them all when the stream is lost.
import {
  type BatchItem,
  decodeReplicaMessage,
  encodeBatch,
  encodeCancel,
  encodeDemand,
  MalformedMessage,
  Reassembler,
  type Result,
  type Sharing,
} from '@weft/rpc';
import type { Link, LinkHandlers } from './link.ts';
import type { PendingCall } from '../lanes/pending-call.ts';
import type { SentBatch } from '../lanes/sent-batch.ts';
import { ToldDemand, type WaitingDemand } from './told-demand.ts';

export interface AttachmentOptions {
  readonly endpoint: string;
  /** Of the process there, which may be another one the next time. */
  readonly replicaId: string;
  readonly open: (handlers: LinkHandlers) => Link;
}

export interface AttachmentEvents {
  /** There are more credits for this version, or fewer though no batch was sent; or others share the replica, or more or less so. */
  onCredits(version: string): void;
  onClosed(reason: string): void;
}

export class Attachment {
  /** Of the replica, for people. */
  readonly endpoint: string;
  /** The same for all streams to one process at one address. */
  readonly identity: string;
  readonly #events: AttachmentEvents;
  readonly #link: Link;
  readonly #credits = new Map<string, number[]>();
  readonly #sent = new Map<number, SentBatch>();
  /** Of the versions for which other routers work with this replica too. */
  readonly #shared = new Map<string, { sharing: Sharing; readonly told: ToldDemand }>();
  readonly #reassembler = new Reassembler();
  #nextBatchId = 1;
  #closed = false;

  constructor({ endpoint, replicaId, open }: AttachmentOptions, events: AttachmentEvents) {
    this.endpoint = endpoint;
    this.identity = `${endpoint}\n${replicaId}`;
    this.#events = events;
    this.#link = open({
      onMessage: (message) => this.#receiveChecked(message),
      onClosed: (reason) => this.#lost(reason),
    });
  }

  creditsFor(version: string): number {
    return this.#credits.get(version)?.length ?? 0;
  }

  /** Instances that have granted a credit which is not spent. */
  creditsOf(version: string): readonly number[] {
    return this.#credits.get(version) ?? [];
  }

  /** How many routers send batches of this version to the replica; undefined when no other does. Those are to tell what waits. */
  sharing(version: string): Sharing | undefined {
    return this.#shared.get(version)?.sharing;
  }

  /** Tells what waits for a version without a credit that could be used; undefined when nothing does. To be called where it is shared. */
  tell(version: string, waiting: WaitingDemand | undefined, nowMs: number): void {
    const demand = this.#shared.get(version)?.told.next(waiting, this.creditsFor(version) > 0, nowMs);
    if (demand === undefined) return;
    const { rows, dueMs, priority } = demand;
    const slackUs = Math.round(Math.max(0, Math.min(dueMs - nowMs, longestSlackMs)) * 1000);
    this.#link.send(encodeDemand({ version, rows, slackUs, priority }));
  }

  /** Spends a credit on a batch of calls of one method, that of its instance where it has one. There must be a credit. */
  /** That were sent and have not ended. */
  get batches(): number {
    return this.#sent.size;
  }

  dispatch(batch: SentBatch): void {
    const { version, company, sentMs, calls, instance: wanted, released } = batch.options;
    const credits = this.#credits.get(version);
    const instance = wanted === undefined ? credits?.shift() : take(credits, wanted);
    if (instance === undefined) throw new Error(`no credit for version ${version}`);
    batch.id = this.#nextBatchId++;
    batch.instance = instance;
    this.#sent.set(batch.id, batch);
    this.#shared.get(version)?.told.sent();
    for (const pending of calls) {
      pending.enter(batch);
      pending.sentMs = sentMs;
    }
    // Of a copy that comes too late for its client the time counts as much.
    const remainingMs = (deadlineMs: number): number => (batch.probe ? Number.POSITIVE_INFINITY : deadlineMs - sentMs);
    const items = calls.map((pending) => batchItem(pending, remainingMs(pending.deadlineMs)));
    this.#link.send(encodeBatch({ id: batch.id, version, method: company.method, instance }, items, released));
  }

  /** Nobody waits for the answer of the call at this position of the batch any more. */
  cancel(batch: SentBatch, position: number): void {
    if (this.#sent.has(batch.id)) this.#link.send(encodeCancel(batch.id, [position]));
  }

  /** Ends the stream from this side; `lost` says that the replica is known to be gone. */
  close(lost: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#link.close();
    this.#endAll(lost ? 'lost' : 'closed');
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
      case 'credit':
      case 'reserved_credit': {
        this.#shared.get(message.version)?.told.credited(message.kind === 'reserved_credit');
        const credits = this.#credits.get(message.version);
        if (credits === undefined) this.#credits.set(message.version, [message.instance]);
        else credits.push(message.instance);
        this.#events.onCredits(message.version);
        break;
      }
      case 'credit_return':
        this.#takeBack(message.version, message.instance);
        break;
      case 'sharing':
        this.#share(message);
        break;
      case 'result':
        this.#settle(message.result);
        break;
      case 'fragment': {
        const whole = this.#reassembler.add(message.piece, message.last);
        if (whole !== undefined) this.#receive(whole);
        break;
      }
      case 'drain': {
        const versions = [...this.#credits.keys()];
        this.#credits.clear();
        for (const version of versions) this.#events.onCredits(version);
        break;
      }
      case 'unknown':
        break;
    }
  }

  #share(sharing: Sharing): void {
    const { version, routers } = sharing;
    const shared = this.#shared.get(version);
    if (routers < 2) this.#shared.delete(version);
    else if (shared === undefined) this.#shared.set(version, { sharing, told: new ToldDemand() });
    else shared.sharing = sharing;
    this.#events.onCredits(version);
  }

  #takeBack(version: string, instance: number): void {
    const credits = this.#credits.get(version) ?? [];
    const at = credits.indexOf(instance);
    if (at === -1) return;
    credits.splice(at, 1);
    this.#shared.get(version)?.told.credited(false);
    this.#events.onCredits(version);
  }

  #settle(result: Result): void {
    const batch = this.#sent.get(result.batchId);
    if (batch === undefined) return;
    if (result.executions !== undefined && result.executions.length > 0) batch.executed(result.executions);
    for (const item of result.items) batch.answer(item);
    if (!result.last) return;
    this.#sent.delete(result.batchId);
    batch.end(result.undelivered ? 'undelivered' : result.crashed ? 'crashed' : 'answered');
  }

  #lost(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#endAll('lost');
    this.#events.onClosed(reason);
  }

  #endAll(end: 'lost' | 'closed'): void {
    this.#credits.clear();
    const batches = [...this.#sent.values()];
    this.#sent.clear();
    for (const batch of batches) batch.end(end);
  }
}

/** A deadline may be infinitely far; a number on the wire may not. */
const longestSlackMs = 24 * 3_600_000;

/** Takes one out, where it is among them. */
function take(credits: number[] = [], instance: number): number | undefined {
  const at = credits.indexOf(instance);
  return at === -1 ? undefined : credits.splice(at, 1)[0];
}

function batchItem({ call, rows, sequence }: PendingCall, remainingMs: number): BatchItem {
  const { payload, traceparent, tenant } = call;
  const timeoutUs = remainingMs === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.round(remainingMs * 1000));
  return { payload, timeoutUs, rows, traceparent, tenant, sequence };
}
