// The request of `weft infer`, from a file or from arguments, and its result. Apart from the command because gRPC comes
// with it, which help and wrong usage do not need.
import type { InferRequest, InferResponse } from '@weft/client';
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

/** Local mistakes are found before the router is asked; the model's metadata only when arguments need its datatypes. */
export async function prepareInfer(
  shell: Shell,
  { model, input, output, request: path }: InferArguments,
): Promise<(asking: Asking) => Promise<InferResponse>> {
  const fromFile = path === undefined ? undefined : parseInferJson(path, await readText(shell, path));
  return async ({ client, options: { model: _default, modelVersion: version, ...options } }) => {
    const request: Omit<InferRequest, 'model'> = fromFile ?? {
      inputs: await readTensorArguments(
        input,
        (await client.models.metadata(model, { ...options, modelVersion: version })).inputs,
      ),
    };
    return await client.infer(
      { ...request, model, version, outputs: output.length > 0 ? output : request.outputs },
      options,
    );
  };
}

export function inferResult(response: InferResponse): Result {
  const tensors = Object.entries(response.outputs);
  return { json: toInferJson(response), text: tensors.map(([name, tensor]) => formatTensor(name, tensor)).join('\n') };
}
