// One stream inside a worker: its requests decoded one by one, answered by the task's method or the decoupled model, and the
// responses encoded as they come.
import { invalidArgument, toWeftError, WeftError } from '@weft/errors';
import type { RpcMethod } from '@weft/rpc/protos';
import { finalResponseEntry, type RawTensor, streamInferPath, writeInferResponse } from '@weft/rpc/wire';
import { encodeRaw, type TensorMap } from '@weft/tensor';
import { inferBatch } from '../infer/infer-batch.ts';
import { checkedRequest } from '../infer/checked-request.ts';
import { decodeInferRequest } from '../infer/infer-request.ts';
import type { StreamContext, TensorInterface } from '../task.ts';
import type { Instance } from '../worker/load-instance.ts';

export interface StreamWork {
  /** Full path of the method. */
  readonly method: string;
  readonly messages: AsyncIterable<Buffer>;
  readonly context: StreamContext;
}

export async function* answerStream(instance: Instance, work: StreamWork): AsyncGenerator<Buffer, void, undefined> {
  const { method, messages, context } = work;
  if (method === streamInferPath && instance.loaded.streamMethods.includes(method)) {
    for await (const message of messages) yield* answerDecoupled(instance, message, context);
    return;
  }
  const { model, version: modelVersion } = instance.spec;
  const streamed = instance.task?.streams?.find(({ path }) => path === method);
  const codec = instance.codecs.get(method);
  if (streamed === undefined || codec === undefined)
    throw invalidArgument(`model '${model}' does not serve ${method} as a stream`);
  for await (const response of streamed.infer(decoded(codec, messages), context))
    yield codec.encodeResponse({ ...response, model, modelVersion });
}

async function* decoded(codec: RpcMethod, messages: AsyncIterable<Buffer>): AsyncGenerator<object, void, undefined> {
  for await (const message of messages) {
    let request: object;
    try {
      request = codec.decodeRequest(message);
    } catch (cause) {
      throw new WeftError('INVALID_ARGUMENT', 'malformed request message', { cause });
    }
    yield request;
  }
}

/** Every request of a decoupled model has any number of responses. */
async function* answerDecoupled(
  instance: Instance,
  payload: Buffer,
  context: StreamContext,
): AsyncGenerator<Buffer, void, undefined> {
  const { tensors, target, spec } = instance;
  context.throwIfGone();
  if (tensors.stream === undefined) {
    // One response to each request: nothing follows, and it says so.
    const work = { method: streamInferPath, items: [{ payload, context }], onDecoded() {}, onExecuted() {} };
    const [outcome] = await inferBatch(instance, work);
    if (!Buffer.isBuffer(outcome)) throw toWeftError(outcome);
    yield Buffer.concat([outcome, finalResponseEntry.yes]);
    return;
  }
  const request = checkedRequest(decodeInferRequest(payload), target);
  const { model, version } = spec;
  for await (const given of tensors.stream(request.inputs, context))
    yield writeInferResponse({ model, version, id: request.id, outputs: chosen(tensors, given, request.outputs) });
}

/** In the model's order; a response need not have every output. */
function chosen({ outputs }: TensorInterface, given: TensorMap, wanted: readonly string[]): RawTensor[] {
  const names = wanted.length > 0 ? wanted : outputs.map(({ name }) => name);
  return names.flatMap((name) => {
    const tensor = given[name];
    if (tensor === undefined) return [];
    return [{ name, datatype: tensor.datatype, shape: tensor.shape, raw: encodeRaw(tensor) }];
  });
}
