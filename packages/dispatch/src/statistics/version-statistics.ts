// What has been inferred with one model version since this process started: plain numbers that only grow, so that a call costs a few
// additions. Who counts keeps the object; replicas come and go without touching it.
import type { ErrorCode } from '@weft/errors';
import type { Execution, ItemTimes } from '@weft/rpc';
import type { CallCounts } from './call-counts.ts';
import type { CountedCall } from './counted-call.ts';
import type { CountedStream } from './counted-stream.ts';

/** How often, and how long all together. */
export class DurationCount {
  count = 0;
  ms = 0;

  add(ms: number, count = 1): void {
    this.count += count;
    this.ms += ms;
  }
}

/** Why calls fail, in the words of Triton's metrics. */
export const failureReasons = ['REJECTED', 'CANCELED', 'BACKEND', 'OTHER'] as const;
export type FailureReason = (typeof failureReasons)[number];

export class ExecutionStatistics {
  count = 0;
  inputMs = 0;
  inferMs = 0;
  outputMs = 0;
}

/** Of the responses of a decoupled model with one place among those of their requests. */
export class ResponseStatistics {
  readonly computeInfer = new DurationCount();
  readonly computeOutput = new DurationCount();
  readonly success = new DurationCount();
  readonly fail = new DurationCount();
  readonly emptyResponse = new DurationCount();
  readonly cancel = new DurationCount();
}

/** What one batch was to the replica that computed it; times in milliseconds. */
export interface ComputedBatch {
  readonly succeeded: number;
  /** Rows of those. */
  readonly rows: number;
  /** Codes of the others. */
  readonly failures: readonly ErrorCode[];
  /** The same for each of its items. */
  readonly queueMs: number;
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
  readonly executions: readonly Execution[];
}

export class VersionStatistics implements CallCounts {
  readonly success = new DurationCount();
  readonly fail = new DurationCount();
  readonly queue = new DurationCount();
  readonly computeInput = new DurationCount();
  readonly computeInfer = new DurationCount();
  readonly computeOutput = new DurationCount();
  readonly cacheHit = new DurationCount();
  readonly cacheMiss = new DurationCount();
  readonly failures: Record<FailureReason, number> = { REJECTED: 0, CANCELED: 0, BACKEND: 0, OTHER: 0 };
  /** By the rows of the run. */
  readonly batches = new Map<number, ExecutionStatistics>();
  /** By the place of the response, from 0. */
  readonly responses = new Map<number, ResponseStatistics>();
  rows = 0;
  executions = 0;
  /** An instant of the counting clock; undefined before the first answer. */
  lastInferenceMs: number | undefined;

  answered({ rows, enqueuedMs, sentMs }: CountedCall, times: ItemTimes, nowMs: number): void {
    this.success.add(nowMs - enqueuedMs);
    this.queue.add((sentMs ?? enqueuedMs) - enqueuedMs + times.queueUs / 1000);
    this.computeInput.add(times.computeInputUs / 1000);
    this.computeInfer.add(times.computeInferUs / 1000);
    this.computeOutput.add(times.computeOutputUs / 1000);
    this.rows += rows;
    this.lastInferenceMs = nowMs;
  }

  failed({ enqueuedMs }: CountedCall, code: ErrorCode, nowMs: number): void {
    this.fail.add(nowMs - enqueuedMs);
    this.failures[reasonOf(code)] += 1;
  }

  refused(code: ErrorCode): void {
    this.fail.add(0);
    this.failures[reasonOf(code)] += 1;
  }

  executed(executions: readonly Execution[]): void {
    for (const { rows, computeInputUs, computeInferUs, computeOutputUs } of executions) {
      this.executions += 1;
      let batch = this.batches.get(rows);
      if (batch === undefined) this.batches.set(rows, (batch = new ExecutionStatistics()));
      batch.count += 1;
      batch.inputMs += computeInputUs / 1000;
      batch.inferMs += computeInferUs / 1000;
      batch.outputMs += computeOutputUs / 1000;
    }
  }

  /** For who computes itself, and knows no calls but batches. */
  computed(batch: ComputedBatch, nowMs: number): void {
    const { succeeded, rows, failures, queueMs, inputMs, inferMs, outputMs } = batch;
    const totalMs = queueMs + inputMs + inferMs + outputMs;
    if (succeeded > 0) {
      this.success.add(totalMs * succeeded, succeeded);
      this.queue.add(queueMs * succeeded, succeeded);
      this.computeInput.add(inputMs * succeeded, succeeded);
      this.computeInfer.add(inferMs * succeeded, succeeded);
      this.computeOutput.add(outputMs * succeeded, succeeded);
      this.rows += rows;
      this.lastInferenceMs = nowMs;
    }
    for (const code of failures) {
      this.fail.add(totalMs);
      this.failures[reasonOf(code)] += 1;
    }
    this.executed(batch.executions);
  }

  /** A call that the response cache answered: it succeeds, and nothing is inferred. */
  cached(lookupMs: number, nowMs: number): void {
    this.success.add(lookupMs);
    this.cacheHit.add(lookupMs);
    this.lastInferenceMs = nowMs;
  }

  /** A call that the response cache has not got: looking for it, and putting its answer there, took so long. */
  missedCache(lookupAndInsertMs: number): void {
    this.cacheMiss.add(lookupAndInsertMs);
  }

  responded({ place, lastMs }: CountedStream, nowMs: number): void {
    if (place === undefined) return;
    const { success, computeInfer, computeOutput } = this.#response(place);
    success.add(nowMs - lastMs);
    computeInfer.add(nowMs - lastMs);
    computeOutput.add(0);
  }

  /** A stream is one row and one run. */
  streamed(stream: CountedStream, code: ErrorCode | undefined, nowMs: number): void {
    const { rows, sentMs = nowMs, place, lastMs, endsEmpty } = stream;
    if (code === undefined) {
      const times = { computeInputUs: 0, computeInferUs: (nowMs - sentMs) * 1000, computeOutputUs: 0 };
      this.answered(stream, { queueUs: 0, ...times }, nowMs);
      this.executed([{ rows, ...times }]);
    } else this.failed(stream, code, nowMs);
    if (place === undefined || (code === undefined && !endsEmpty)) return;
    const { emptyResponse, cancel, fail } = this.#response(place);
    (code === undefined ? emptyResponse : code === 'CANCELLED' ? cancel : fail).add(nowMs - lastMs);
  }

  #response(place: number): ResponseStatistics {
    let response = this.responses.get(place);
    if (response === undefined) this.responses.set(place, (response = new ResponseStatistics()));
    return response;
  }
}

function reasonOf(code: ErrorCode): FailureReason {
  if (code === 'CANCELLED') return 'CANCELED';
  if (code === 'RESOURCE_EXHAUSTED' || code === 'DEADLINE_EXCEEDED') return 'REJECTED';
  return code === 'INTERNAL' ? 'BACKEND' : 'OTHER';
}
