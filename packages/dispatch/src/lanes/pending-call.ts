// One call on its way: waiting in a queue, or part of a batch that a replica computes, or both when it was sent again
// because the first replica kept it too long; or settled.
import type { WeftError } from '@weft/errors';
import type { Offered } from '@weft/flow';
import type { ItemSequence, ItemTimes, RequestSequence } from '@weft/rpc';

/** What a front submits. Everything but the payload was read from the call and its payload by a scan. */
export interface Call {
  readonly model: string;
  /** Empty: one of those that serve such calls. */
  readonly version: string;
  /** Of a call that names no version: the one that was drawn for it before. Where that serves no more another one is drawn. */
  readonly drawn?: string;
  /** Full path of the method. */
  readonly method: string;
  readonly payload: Buffer;
  /** Rows of a typed request; of an Open Inference request the size of the first dimension of its first input. */
  readonly rows: number;
  /** An instant of the engine's clock; Infinity without a deadline. */
  readonly deadlineMs: number;
  /** The request's own limit to its wait, which the model's configuration may overrule; Infinity without one. */
  readonly timeoutMs: number;
  readonly traceparent: string;
  readonly tenant: string;
  /** 1 is the highest, 0 the model's default. */
  readonly priority: number;
  /** What an Open Inference request says of its sequence. */
  readonly sequence?: RequestSequence | undefined;
  /** It is sent to one replica only, whatever becomes of it there. */
  readonly once?: boolean;
  /** Called once. */
  settle(answer: Answer): void;
}

/** Who counts what becomes of calls. */
export interface Tally {
  settled(pending: PendingCall, answer: Answer): void;
  cancelled(pending: PendingCall): void;
}

export type Answer = { readonly payload: Uint8Array; readonly times: ItemTimes } | { readonly error: WeftError };

/** Where a call is: it can be taken out of there. */
export interface Place {
  readonly where: 'queued' | 'sent';
  /** It is only a copy that is there: nobody counts on its answer. */
  readonly probe: boolean;
  withdraw(pending: PendingCall): void;
}

/** Which calls may share a batch with this one. */
export interface Company {
  /** The same for all that may. */
  readonly key: string;
  readonly method: string;
  /** It travels by itself: it may be what crashed a replica. */
  readonly alone: boolean;
  /** A replica that it has been sent to in vain, and that it should not be sent to again. */
  readonly avoid: object | undefined;
}

/** What the model's configuration makes of a call. */
export interface Terms {
  /** More than the largest batch has: its replica computes it in several runs. */
  readonly rows: number;
  /** 0 is served first. */
  readonly priority: number;
  readonly deadlineMs: number;
  /** Until when it should have left the queue; Infinity without such a limit. */
  readonly startByMs: number;
  /** Whether it is refused when it has not. */
  readonly refusedLate: boolean;
  readonly objectiveMs: number | undefined;
}

export class PendingCall implements Offered {
  readonly call: Call;
  readonly byteSize: number;
  readonly enqueuedMs: number;
  readonly tenant: string;
  readonly priority: number;
  readonly deadlineMs: number;
  readonly startByMs: number;
  readonly refusedLate: boolean;
  readonly objectiveMs: number | undefined;
  readonly rows: number;
  company: Company;
  /** How many replicas were lost while they had this call. */
  losses = 0;
  /** It was sent a second time while the first replica still had it, or after that failed. */
  sentAgain: boolean;
  settled = false;
  /** When it left the queue last; undefined when it never did. */
  sentMs: number | undefined;
  /** What it is to its sequence, once that has an instance; undefined in a model without sequences. */
  sequence: ItemSequence | undefined;
  /** Of the version that it waits for or was sent to. */
  tally: Tally | undefined;
  readonly #places: Place[] = [];
  #cancelWait: () => void = () => {};

  constructor(call: Call, terms: Terms, nowMs: number) {
    const { rows, priority, deadlineMs, startByMs, refusedLate, objectiveMs } = terms;
    this.call = call;
    this.byteSize = call.payload.length;
    this.enqueuedMs = nowMs;
    this.tenant = call.tenant;
    this.priority = priority;
    this.deadlineMs = deadlineMs;
    this.startByMs = startByMs;
    this.refusedLate = refusedLate;
    this.objectiveMs = objectiveMs;
    this.rows = rows;
    this.company = ordinaryCompany(call.method);
    this.sentAgain = call.once === true;
  }

  /** It is nowhere but where a copy of it probes a replica: whoever has it must put it somewhere or settle it. */
  get adrift(): boolean {
    return !this.settled && this.#places.every(({ probe }) => probe);
  }

  enter(place: Place): void {
    this.#places.push(place);
    if (place.where === 'sent') this.#cancelWait();
  }

  leave(place: Place): void {
    const at = this.#places.indexOf(place);
    if (at !== -1) this.#places.splice(at, 1);
  }

  /** The first answer counts; whoever else has the call need not go on. */
  settle(answer: Answer): void {
    if (this.settled) return;
    this.settled = true;
    this.#withdraw();
    this.tally?.settled(this, answer);
    this.call.settle(answer);
  }

  /** Nobody waits for the answer any more. Tells where the call was; undefined when it was settled. */
  cancel(): Place['where'] | undefined {
    if (this.settled) return undefined;
    this.settled = true;
    const sent = this.#places.some(({ where }) => where === 'sent');
    this.#withdraw();
    this.tally?.cancelled(this);
    return sent ? 'sent' : 'queued';
  }

  /** Owns the timer that ends its wait. */
  waitsUntil(cancelTimer: () => void): void {
    this.#cancelWait = cancelTimer;
  }

  #withdraw(): void {
    this.#cancelWait();
    for (const place of this.#places.splice(0)) place.withdraw(this);
  }
}

const ordinary = new Map<string, Company>();

/** One object for each method: most calls keep it. */
export function ordinaryCompany(method: string): Company {
  let company = ordinary.get(method);
  if (company === undefined) ordinary.set(method, (company = { key: method, method, alone: false, avoid: undefined }));
  return company;
}
