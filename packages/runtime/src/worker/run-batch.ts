// Answers one batch inside a worker: bytes in, bytes out. Every item succeeds or fails on its own; what nobody waits for
// any more is left out before it costs anything.
import { toWeftError, WeftError } from '@weft/errors';
import { type BatchItem, encodeResult, grpcStatusOf, type ItemResult, type RpcMethod, readBatch, rpcMethod } from '@weft/rpc/wire';
import type { ItemContext } from '../task.ts';
import { inferBatch } from '../infer/infer-batch.ts';
import type { Instance } from './load-instance.ts';

export interface BatchRun {
  /** Encoded ReplicaMessages, each a Result of some items. */
  readonly messages: readonly Buffer[];
  readonly rows: number;
  readonly computeMs: number;
  /** Unexpected failures, for the log. */
  readonly incidents: readonly { readonly requestId: string; readonly method: string; readonly cause: unknown }[];
}

export interface BatchTimes {
  /** When the batch came to the replica, and now: milliseconds since the epoch. */
  readonly receivedMs: number;
  readonly nowMs: () => number;
}

const inferPath = '/inference.GRPCInferenceService/ModelInfer';

type Outcome = Buffer | WeftError;

/** `cancelled` holds the positions of items that nobody waits for; it may grow while the batch runs. */
export async function runBatch(instance: Instance, body: Buffer, cancelled: ReadonlySet<number>, times: BatchTimes): Promise<BatchRun> {
  const { id, method, items } = readBatch(body);
  const started = times.nowMs();
  instance.takeInferMs();
  const contexts = items.map((item, index) => itemContext(item, index, cancelled, times));
  const phases = { inputEndMs: started, inferEndMs: started };
  const outcomes = await answer(instance, method, items, contexts, () => {
    phases.inputEndMs = times.nowMs();
  });
  const computeMs = times.nowMs() - started;
  const inferUs = instance.takeInferMs() * 1000;
  const inputUs = (phases.inputEndMs - started) * 1000;
  const itemTimes = {
    queueUs: microseconds((started - times.receivedMs) * 1000),
    computeInputUs: microseconds(inputUs),
    computeInferUs: microseconds(inferUs),
    computeOutputUs: microseconds(computeMs * 1000 - inputUs - inferUs),
  };
  const incidents: { requestId: string; method: string; cause: unknown }[] = [];
  const { maxMessageBytes } = instance.spec;
  const results = outcomes.map((full, index): ItemResult => {
    const outcome = full instanceof WeftError || full.length <= maxMessageBytes ? full : tooLarge(full.length, maxMessageBytes);
    if (!(outcome instanceof WeftError)) return { index, outcome, ...itemTimes };
    const { code, message, requestId = '', cause } = outcome;
    if (requestId !== '') incidents.push({ requestId, method, cause });
    return { index, outcome: { code: grpcStatusOf(code), message, requestId }, ...itemTimes };
  });
  const rows = items.reduce((sum, item) => sum + item.rows, 0);
  return { messages: encodeResults(id, results), rows, computeMs, incidents };
}

/** Responses can be much larger than their requests: beyond this much, one message carries no more of them. */
const resultBytes = 4 * 1024 * 1024;

function encodeResults(batchId: number, results: readonly ItemResult[]): Buffer[] {
  const messages: Buffer[] = [];
  let items: ItemResult[] = [];
  let bytes = 0;
  for (const result of results) {
    const size = result.outcome instanceof Uint8Array ? result.outcome.length : 0;
    if (items.length > 0 && bytes + size > resultBytes) {
      messages.push(encodeResult({ batchId, items, undelivered: false, last: false }));
      items = [];
      bytes = 0;
    }
    items.push(result);
    bytes += size;
  }
  return [...messages, encodeResult({ batchId, items, undelivered: false, last: true })];
}

function tooLarge(bytes: number, limit: number): WeftError {
  return new WeftError('RESOURCE_EXHAUSTED', `the response has ${bytes} bytes, more than the limit of ${limit} for a message`);
}

function microseconds(value: number): number {
  return Math.max(0, Math.round(value));
}

async function answer(
  instance: Instance,
  method: string,
  items: readonly BatchItem[],
  contexts: readonly ItemContext[],
  onDecoded: () => void,
): Promise<Outcome[]> {
  const outcomes: (Outcome | undefined)[] = contexts.map(goneOrUndefined);
  const waiting = [...outcomes.keys()].filter((index) => outcomes[index] === undefined);
  const payloads = waiting.map((index) => (items[index] as BatchItem).payload);
  const waitingContexts = waiting.map((index) => contexts[index] as ItemContext);
  let answers: readonly Outcome[];
  try {
    answers =
      method === inferPath
        ? await inferBatch(instance, payloads, onDecoded)
        : await answerTyped(instance, rpcMethod(method), payloads, waitingContexts, onDecoded);
  } catch (thrown) {
    answers = waiting.map(() => toWeftError(thrown));
  }
  for (const [position, index] of waiting.entries()) outcomes[index] = answers[position];
  return outcomes.map((outcome) => outcome ?? toWeftError(new Error('a task returned fewer outcomes than requests')));
}

function goneOrUndefined(context: ItemContext): WeftError | undefined {
  try {
    context.throwIfGone();
    return undefined;
  } catch (thrown) {
    return toWeftError(thrown);
  }
}

async function answerTyped(
  instance: Instance,
  method: RpcMethod,
  payloads: readonly Buffer[],
  contexts: readonly ItemContext[],
  onDecoded: () => void,
): Promise<Outcome[]> {
  const { model, version: modelVersion } = instance.spec;
  const taskMethod = instance.task?.methods.find((candidate) => candidate.path === method.path);
  if (taskMethod === undefined) throw new WeftError('INVALID_ARGUMENT', `model '${model}' does not serve ${method.path}`);
  const decoded = payloads.map((payload) => decode(method, payload));
  onDecoded();
  const valid = [...decoded.keys()].filter((index) => !(decoded[index] instanceof WeftError));
  const answers = await taskMethod.infer(valid.map((index) => decoded[index]), valid.map((index) => contexts[index] as ItemContext));
  const outcomes = decoded as Outcome[];
  for (const [position, index] of valid.entries()) {
    const given = answers[position] ?? toWeftError(new Error('a task returned fewer outcomes than requests'));
    outcomes[index] = given instanceof WeftError ? given : encode(method, { ...given, model, modelVersion });
  }
  return outcomes;
}

function decode(method: RpcMethod, payload: Buffer): object {
  try {
    return method.decodeRequest(payload);
  } catch (cause) {
    return new WeftError('INVALID_ARGUMENT', 'malformed request message', { cause });
  }
}

function encode(method: RpcMethod, response: object): Outcome {
  try {
    return method.encodeResponse(response);
  } catch (thrown) {
    return toWeftError(thrown);
  }
}

function itemContext(item: BatchItem, index: number, cancelled: ReadonlySet<number>, times: BatchTimes): ItemContext {
  const deadlineMs = item.timeoutUs === 0 ? Number.POSITIVE_INFINITY : times.receivedMs + item.timeoutUs / 1000;
  return {
    throwIfGone() {
      if (cancelled.has(index)) throw new WeftError('CANCELLED', 'the client cancelled');
      const lateMs = times.nowMs() - deadlineMs;
      if (lateMs < 0) return;
      const waitedMs = (times.nowMs() - times.receivedMs).toFixed(0);
      throw new WeftError('DEADLINE_EXCEEDED', `the deadline passed ${waitedMs} ms after the request came to its replica`);
    },
  };
}
