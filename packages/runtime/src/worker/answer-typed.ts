// A batch of one typed method: decoded, answered by the task, encoded. A request that cannot be decoded fails alone.
import { toWeftError, WeftError } from '@weft/errors';
import type { RpcMethod } from '@weft/rpc/protos';
import type { BatchWork } from './batch-work.ts';
import type { Outcome } from './encode-results.ts';
import type { Instance } from './load-instance.ts';

export async function answerTyped(instance: Instance, work: BatchWork): Promise<Outcome[]> {
  const { model, version: modelVersion } = instance.spec;
  const taskMethod = instance.task?.methods.find((candidate) => candidate.path === work.method);
  const method = instance.codecs.get(work.method);
  if (taskMethod === undefined || method === undefined)
    throw new WeftError('INVALID_ARGUMENT', `model '${model}' does not serve ${work.method}`);
  const decoded = work.items.map(({ payload }) => decode(method, payload));
  work.onDecoded();
  const valid = [...decoded.keys()].filter((index) => !(decoded[index] instanceof WeftError));
  const requests = valid.map((index) => decoded[index]);
  const contexts = valid.map((index) => (work.items[index] as BatchWork['items'][number]).context);
  const answers = await taskMethod.infer(requests, contexts);
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
