// Answers one batch inside a worker: bytes in, bytes out. Every item succeeds or fails on its own; what nobody waits for
// any more is left out before it costs anything.
import { toWeftError, WeftError } from '@weft/errors';
import { inferPath, readBatch } from '@weft/rpc/wire';
import { inferBatch } from '../infer/infer-batch.ts';
import type { ComputedBatch } from './messages.ts';
import type { ItemContext } from '../task.ts';
import { answerTyped } from './answer-typed.ts';
import { batchExecutions, microseconds, type Ran } from './batch-executions.ts';
import { type BatchTimes, type BatchWork, itemContext } from './batch-work.ts';
import { encodeResults, type Incident, type Outcome, overLimit } from './encode-results.ts';
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
  /** For the statistics of this replica. */
  readonly computed: ComputedBatch;
  readonly incidents: readonly Incident[];
}

export async function runBatch(instance: Instance, { body, cancelled, times }: BatchInput): Promise<BatchRun> {
  const { id: batchId, method, items, released } = readBatch(body);
  const started = times.nowMs();
  let decodedMs = started;
  const onDecoded = (): void => {
    decodedMs = times.nowMs();
  };
  instance.takeInferMs();
  const contexts = items.map((item, index) => itemContext(item, () => cancelled.has(index), times));
  const work = items.map(({ payload, sequence }, index) => ({
    payload,
    context: contexts[index] as ItemContext,
    sequence,
  }));
  instance.sequences?.release(released);
  const runs: Ran[] = [];
  let inferMs = 0;
  const onExecuted = (rows: number): void => {
    const ran = instance.takeInferMs();
    inferMs += ran;
    runs.push({ rows, inferMs: ran });
  };
  const outcomes = await answerWaiting(instance, { method, items: work, onDecoded, onExecuted });
  for (const [index, { sequence }] of items.entries())
    if (sequence !== undefined && outcomes[index] instanceof WeftError) instance.sequences?.failed(sequence);
  const computeMs = times.nowMs() - started;
  const inputMs = decodedMs - started;
  inferMs += instance.takeInferMs();
  const itemTimes = {
    queueUs: microseconds(started - times.receivedMs),
    computeInputUs: microseconds(inputMs),
    computeInferUs: microseconds(inferMs),
    computeOutputUs: microseconds(computeMs - inputMs - inferMs),
  };
  const { maxMessageBytes } = instance.spec;
  const rows = items.reduce((sum, item) => sum + item.rows, 0);
  const failures = outcomes.flatMap((outcome) => (outcome instanceof WeftError ? [outcome.code] : []));
  const answeredRows = items.reduce((sum, item, at) => (outcomes[at] instanceof WeftError ? sum : sum + item.rows), 0);
  if (runs.length === 0 && answeredRows > 0) runs.push({ rows: answeredRows, inferMs });
  const executions = batchExecutions(runs, itemTimes);
  const computed: ComputedBatch = {
    succeeded: items.length - failures.length,
    rows: answeredRows,
    failures,
    queueMs: itemTimes.queueUs / 1000,
    inputMs: itemTimes.computeInputUs / 1000,
    inferMs: itemTimes.computeInferUs / 1000,
    outputMs: itemTimes.computeOutputUs / 1000,
    executions,
  };
  const encoded = encodeResults({ batchId, method, outcomes, times: itemTimes, maxMessageBytes, executions });
  return { ...encoded, rows, computeMs, computed };
}

async function answerWaiting(instance: Instance, work: BatchWork): Promise<Outcome[]> {
  const { maxMessageBytes } = instance.spec;
  const outcomes: (Outcome | undefined)[] = work.items.map(
    ({ payload, context }) => whyGone(context) ?? overLimit('request', payload.length, maxMessageBytes),
  );
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
