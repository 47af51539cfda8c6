// For tests: an engine on a clock that the test moves, fed with calls whose answers are kept.
import { ManualClock } from '@weft/flow';
import { DispatchEngine } from '../engine/engine.ts';
import type { EngineObserver, EngineOptions } from '../engine/engine-options.ts';
import type { LaneBatch } from '../lanes/lane-observer.ts';
import { StatisticsBook } from '../statistics/statistics-book.ts';
import type { Answer, Call, PendingCall } from '../lanes/pending-call.ts';

export interface SubmittedCall {
  readonly pending: PendingCall;
  /** The payload as text, or code and message of the error; undefined until there is an answer. */
  readonly answer: () => string | undefined;
  /** How often it was settled: never more than once. */
  readonly settled: () => number;
}

const bookOfNobody = new StatisticsBook(0, 0);

/** For tests that do not look at what is observed. */
export const silentObserver: EngineObserver = {
  lane: () => ({
    onDispatched: () => {},
    onShed: () => {},
    onSentAgain: () => {},
    onEjected: () => {},
    onReadmitted: () => {},
  }),
  counts: bookOfNobody.of.bind(bookOfNobody),
  onInventory: () => {},
  onDetached: () => {},
};

export function startEngine(options: Partial<EngineOptions> = {}) {
  const clock = new ManualClock();
  const dispatched: (LaneBatch & { readonly version: string })[] = [];
  const detached: string[] = [];
  /** What else the lanes tell, as words. */
  const events: string[] = [];
  const statistics = new StatisticsBook(0, 1_700_000_000_000);
  const engine = new DispatchEngine({
    clock,
    maxQueueSize: 100,
    maxQueueBytes: 1000,
    maxBatchBytes: 1000,
    observer: {
      lane: (_model, version) => ({
        onDispatched: (batch) => void dispatched.push({ ...batch, version }),
        onShed: (reason) => void events.push(`shed ${reason}`),
        onSentAgain: (reason) => void events.push(`again ${reason}`),
        onEjected: (endpoint, reason) => void events.push(`ejected ${endpoint}: ${reason}`),
        onReadmitted: (endpoint) => void events.push(`readmitted ${endpoint}`),
      }),
      counts: (model, version) => statistics.of(model, version),
      onInventory: () => {},
      onDetached: (model, reason) => void detached.push(`${model}: ${reason}`),
    },
    ...options,
  });
  const submit = (payload: string, fields: Partial<Call> = {}): SubmittedCall => {
    const answers: Answer[] = [];
    const pending = engine.submit({
      model: 'm',
      version: '',
      method: '/inference.GRPCInferenceService/ModelInfer',
      payload: Buffer.from(payload),
      rows: 1,
      deadlineMs: Number.POSITIVE_INFINITY,
      timeoutMs: Number.POSITIVE_INFINITY,
      traceparent: '',
      tenant: '',
      priority: 0,
      settle: (answer) => void answers.push(answer),
      ...fields,
    });
    return { pending, answer: () => textOf(answers[0]), settled: () => answers.length };
  };
  return { clock, engine, statistics, dispatched, detached, events, submit };
}

function textOf(answer: Answer | undefined): string | undefined {
  if (answer === undefined) return undefined;
  return 'error' in answer ? `${answer.error.code} ${answer.error.message}` : Buffer.from(answer.payload).toString();
}

/** Lets the engine do what it does in the following turns of the event loop: dispatching, and messages in memory. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
}
