// For tests: an engine on a clock that the test moves, fed with calls whose answers are kept.
import { ManualClock } from '@weft/flow';
import { type DispatchedBatch, DispatchEngine, type EngineOptions } from '../engine.ts';
import type { Answer, Call, PendingCall } from '../pending-call.ts';

export interface SubmittedCall {
  readonly pending: PendingCall;
  /** The payload as text, or code and message of the error; undefined until there is an answer. */
  readonly answer: () => string | undefined;
  /** How often it was settled: never more than once. */
  readonly settled: () => number;
}

export function startEngine(options: Partial<EngineOptions> = {}) {
  const clock = new ManualClock();
  const dispatched: DispatchedBatch[] = [];
  const detached: string[] = [];
  const engine = new DispatchEngine({
    clock,
    maxQueueSize: 100,
    maxQueueBytes: 1000,
    maxBatchBytes: 1000,
    maxMessageBytes: 1000,
    observer: {
      onDispatched: (batch) => void dispatched.push(batch),
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
      traceparent: '',
      tenant: '',
      settle: (answer) => void answers.push(answer),
      ...fields,
    });
    return { pending, answer: () => textOf(answers[0]), settled: () => answers.length };
  };
  return { clock, engine, dispatched, detached, submit };
}

function textOf(answer: Answer | undefined): string | undefined {
  if (answer === undefined) return undefined;
  return 'error' in answer ? `${answer.error.code} ${answer.error.message}` : Buffer.from(answer.payload).toString();
}

/** Lets the engine do what it does in the following turns of the event loop: dispatching, and messages in memory. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
}
