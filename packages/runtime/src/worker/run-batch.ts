// Answers one batch inside a worker: bytes in, bytes out. Every item succeeds or fails on its own; what nobody waits for
// any more is left out before it costs anything.
import { toWeftError, type WeftError } from '@weft/errors';
import { readBatch } from '@weft/rpc/wire';
import { inferBatch } from '../infer/infer-batch.ts';
import type { ItemContext } from '../task.ts';
import { answerTyped } from './answer-typed.ts';
import { type BatchTimes, type BatchWork, itemContext } from './batch-work.ts';
import { encodeResults, type Incident, type Outcome } from './encode-results.ts';
import type { Instance } from './load-instance.ts';

export interface BatchInput {
  /** An encoded Batch. */
  readonly body: Buffer;
  /** Positions of items that nobody waits for; it may grow while the batch runs. */
  readonly cancelled: ReadonlySet<number>;
  readonly times: BatchTimes;
}

export interface BatchRun {
  /** Encoded ReplicaMessages with the results of the batch; the last of them says so. */
  readonly messages: readonly Buffer[];
  readonly rows: number;
  readonly computeMs: number;
  readonly incidents: readonly Incident[];
}

const inferPath = '/inference.GRPCInferenceService/ModelInfer';

export async function runBatch(instance: Instance, { body, cancelled, times }: BatchInput): Promise<BatchRun> {
  const { id: batchId, method, items } = readBatch(body);
  const started = times.nowMs();
  let decodedMs = started;
  const onDecoded = (): void => {
    decodedMs = times.nowMs();
  };
  instance.takeInferMs();
  const contexts = items.map((item, index) => itemContext(item, () => cancelled.has(index), times));
  const work = items.map(({ payload }, index) => ({ payload, context: contexts[index] as ItemContext }));
  const outcomes = await answerWaiting(instance, { method, items: work, onDecoded });
  const computeMs = times.nowMs() - started;
  const inputMs = decodedMs - started;
  const inferMs = instance.takeInferMs();
  const itemTimes = {
    queueUs: microseconds(started - times.receivedMs),
    computeInputUs: microseconds(inputMs),
    computeInferUs: microseconds(inferMs),
    computeOutputUs: microseconds(computeMs - inputMs - inferMs),
  };
  const { maxMessageBytes } = instance.spec;
  const rows = items.reduce((sum, item) => sum + item.rows, 0);
  return { ...encodeResults({ batchId, method, outcomes, times: itemTimes, maxMessageBytes }), rows, computeMs };
}

function microseconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 1000));
}

async function answerWaiting(instance: Instance, work: BatchWork): Promise<Outcome[]> {
  const outcomes: (Outcome | undefined)[] = work.items.map(({ context }) => whyGone(context));
  const waiting = [...outcomes.keys()].filter((index) => outcomes[index] === undefined);
  const items = waiting.map((index) => work.items[index] as BatchWork['items'][number]);
  const answers = await answer(instance, { ...work, items });
  for (const [position, index] of waiting.entries()) outcomes[index] = answers[position];
  return outcomes.map((outcome) => outcome ?? toWeftError(new Error('a task returned fewer outcomes than requests')));
}

async function answer(instance: Instance, work: BatchWork): Promise<readonly Outcome[]> {
  try {
    return work.method === inferPath ? await inferBatch(instance, work) : await answerTyped(instance, work);
  } catch (thrown) {
    return work.items.map(() => toWeftError(thrown));
  }
}

function whyGone(context: ItemContext): WeftError | undefined {
  try {
    context.throwIfGone();
    return undefined;
  } catch (thrown) {
    return toWeftError(thrown);
  }
}
