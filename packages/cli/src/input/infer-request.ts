// The request of `weft infer`, from a file or from arguments, and its result. Apart from the command because gRPC comes
// with it, which help and wrong usage do not need.
import { type InferRequest, type InferResponse, type WeftClient, WeftError } from '@weft/client';
import { formatTensor } from '../format/format-tensor.ts';
import type { Result } from '../report.ts';
import type { Asking } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { parseInferJson, toInferJson } from './infer-json.ts';
import { readText } from './read-texts.ts';
import { readTensorArguments } from './tensor-argument.ts';

export interface InferArguments {
  readonly model: string;
  /** `name=value`, one for each input; none when `request` is given. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly request?: string;
}

/**
 * Local mistakes are found before the router is asked; the model's metadata only when arguments need its datatypes. The result has one
 * response, and of a decoupled model any number.
 */
export async function prepareInfer(
  shell: Shell,
  { model, input, output, request: path }: InferArguments,
): Promise<(asking: Asking) => AsyncGenerator<InferResponse, void, undefined>> {
  const fromFile = path === undefined ? undefined : parseInferJson(path, await readText(shell, path));
  return async function* infer({ client, options: { modelVersion: version }, timeoutMs }) {
    const asked = async (): Promise<Omit<InferRequest, 'model'>> => ({
      inputs: await readTensorArguments(input, (await client.models.metadata(model, { modelVersion: version })).inputs),
    });
    const [given, { modelTransactionPolicy }] = await Promise.all([
      fromFile ?? asked(),
      client.models.config(model, { modelVersion: version }),
    ]);
    const request = { ...given, model, version, outputs: output.length > 0 ? output : given.outputs };
    if (modelTransactionPolicy?.decoupled === true) yield* inferDecoupled(client, request, timeoutMs);
    else yield await client.infer(request);
  };
}

/** Its failure is asked for as that of the stream, which has only this request: it comes with its code and its request's id. */
async function* inferDecoupled(
  client: WeftClient,
  request: InferRequest,
  timeoutMs: number,
): AsyncGenerator<InferResponse, void, undefined> {
  const metadata = { triton_grpc_error: 'true' };
  for await (const answer of client.streamInfer([request], { timeoutMs, metadata })) {
    if ('error' in answer) throw new WeftError('INTERNAL', answer.error);
    yield answer.response;
  }
}

export function inferResult(response: InferResponse): Result {
  const tensors = Object.entries(response.outputs);
  return { json: toInferJson(response), text: tensors.map(([name, tensor]) => formatTensor(name, tensor)).join('\n') };
}
