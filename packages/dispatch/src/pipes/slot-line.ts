// The line for a slot: by priority class, then by the tenants' shares, then first come first served. How long a stream lasts nobody
// knows, and its deadline says when it has to end, not when it has to begin: so there is nothing to estimate, and deadlines order
// nothing. The shares are of what tenants hold, not only of what they are given (SlotShares). What waits keeps its messages: the
// line is bounded in length and in bytes, and when it is full, lower classes and tenants with more than their share make room.
import { refusal, WeftError } from '@weft/errors';
import { type Clock, FairQueue, SlotShares, type Waiting } from '@weft/flow';
import type { Scheduling } from '@weft/models';
import type { LaneObserver } from '../lanes/lane-observer.ts';
import { makeRoom } from '../lanes/make-room.ts';
import { levelOf, usualScheduling } from '../lanes/queueing-terms.ts';

export interface SlotLineOptions {
  readonly clock: Clock;
  readonly model: string;
  readonly maxWaiting: number;
  readonly maxWaitingBytes?: number;
  readonly scheduling?: Scheduling;
  readonly observer?: SlotObserver;
}

/** Hears what becomes of those who ask for a slot. */
export type SlotObserver = Pick<LaneObserver, 'onShed' | 'onStreamBegun'>;

export interface Applicant<Key> {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** A place to take only if there is no other one. */
  readonly avoid?: Key | undefined;
  /** Since when it has asked, here or before; since now unless said. */
  readonly sinceMs?: number;
  readonly tenant?: string;
  /** 1 is the highest, 0 the model's default. */
  readonly priority?: number;
  /** Of what it keeps while it waits. */
  readonly byteSize?: number;
}

export interface WaitingStream<Key, Lease> extends Waiting {
  readonly avoid: Key | undefined;
  readonly asked: number;
  priority: number;
  /** Undefined: there is no place any more. */
  settle(lease: Lease | undefined): void;
  fail(reason: unknown): void;
}

export class SlotLine<Key, Lease> {
  readonly #options: SlotLineOptions;
  #scheduling: Scheduling;
  #queue: FairQueue<WaitingStream<Key, Lease>>;
  readonly shares = new SlotShares((tenant) => this.#weightOf(tenant));

  constructor(options: SlotLineOptions) {
    this.#options = options;
    this.#scheduling = options.scheduling ?? usualScheduling();
    this.#queue = this.#newQueue();
  }

  get size(): number {
    return this.#queue.size;
  }

  reschedule(scheduling: Scheduling): void {
    this.#scheduling = scheduling;
    const waiting = this.#queue.takeAll();
    this.#queue = this.#newQueue();
    for (const stream of waiting) {
      stream.priority = this.#classOf(stream.asked);
      this.#queue.append(stream);
    }
  }

  /** It got a slot at once. */
  pass({ sinceMs }: Applicant<Key>): void {
    const nowMs = this.#options.clock.now();
    this.#options.observer?.onStreamBegun?.(nowMs - (sinceMs ?? nowMs));
  }

  /** Whose turn it is, where there are so many slots; to be settled by the caller. */
  take(slots: number): WaitingStream<Key, Lease> | undefined {
    const stream = this.#queue.take(this.shares.excessOf(slots));
    if (stream !== undefined) this.#options.observer?.onStreamBegun?.(this.#options.clock.now() - stream.sinceMs);
    return stream;
  }

  /** There is nothing to wait for. */
  dissolve(): void {
    for (const stream of this.#queue.takeAll()) stream.settle(undefined);
  }

  wait(applicant: Applicant<Key>): Promise<Lease | undefined> {
    const { clock, observer } = this.#options;
    const { deadlineMs, signal, avoid, tenant = '', priority: asked = 0, byteSize = 0 } = applicant;
    const nowMs = clock.now();
    const { sinceMs = nowMs } = applicant;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#queue.remove(waiting);
        this.shares.leave(tenant);
        cancelTimer();
        signal.removeEventListener('abort', onAbort);
      };
      const waiting: WaitingStream<Key, Lease> = {
        ...{ rows: 1, byteSize, deadlineMs, dueMs: sinceMs, sinceMs, tenant },
        ...{ priority: this.#classOf(asked), asked, avoid },
        settle(lease) {
          leave();
          resolve(lease);
        },
        fail(reason) {
          leave();
          reject(reason as Error);
        },
      };
      const onAbort = (): void => waiting.fail(signal.reason);
      const expire = (): void => {
        observer?.onShed('deadline');
        waiting.fail(this.#expired(clock.now() - nowMs));
      };
      this.#makeRoom(waiting);
      const cancelTimer = Number.isFinite(deadlineMs) ? clock.setTimer(deadlineMs - nowMs, expire) : () => {};
      signal.addEventListener('abort', onAbort, { once: true });
      this.shares.wait(tenant);
      this.#queue.append(waiting);
    });
  }

  #makeRoom(newcomer: WaitingStream<Key, Lease>): void {
    const { maxWaiting: maxQueueSize, maxWaitingBytes: maxQueueBytes = Number.POSITIVE_INFINITY } = this.#options;
    const maxOfClass = this.#scheduling.queuePolicy(newcomer.priority + 1).maxQueueSize;
    const displaced = makeRoom(this.#queue, newcomer, { maxQueueSize, maxQueueBytes, maxOfClass });
    for (const yielding of displaced ?? []) yielding.fail(this.#full());
    if (displaced === undefined) throw this.#full();
  }

  #full(): WeftError {
    this.#options.observer?.onShed('full');
    const text = `Exceeds maximum queue size: all streams of ${this.#model} are taken`;
    return refusal('RESOURCE_EXHAUSTED', text, { retryAfterMs: pushbackMs });
  }

  #expired(waitedMs: number): WeftError {
    const waited = `${waitedMs.toFixed(0)} ms in the line for a stream of ${this.#model}`;
    return new WeftError('DEADLINE_EXCEEDED', `Request timeout expired: the deadline passed after ${waited}`);
  }

  get #model(): string {
    return `model '${this.#options.model}'`;
  }

  #newQueue(): FairQueue<WaitingStream<Key, Lease>> {
    return new FairQueue((tenant) => this.#weightOf(tenant));
  }

  #weightOf(tenant: string): number {
    return this.#scheduling.tenantWeights.get(tenant) ?? 1;
  }

  #classOf(priority: number): number {
    return levelOf(priority, this.#scheduling) - 1;
  }
}

/** How long a stream lasts nobody knows. */
const pushbackMs = 1000;
