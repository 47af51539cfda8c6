// A model repository as it is written for Triton's example backends, and requests for its models.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { ModelStreamInferResponse__Output } from '@weft/rpc/messages/inference/ModelStreamInferResponse';

export const streamInferPath = '/inference.GRPCInferenceService/ModelStreamInfer';

const repeatConfig = `
name: "repeat_int32"
backend: "repeat"
max_batch_size: 0
model_transaction_policy {
  decoupled: True
}
input [
  { name: "IN" data_type: TYPE_INT32 dims: [ -1 ] },
  { name: "DELAY" data_type: TYPE_UINT32 dims: [ -1 ] },
  { name: "WAIT" data_type: TYPE_UINT32 dims: [ 1 ] }
]
output [
  { name: "OUT" data_type: TYPE_INT32 dims: [ 1 ] },
  { name: "IDX" data_type: TYPE_UINT32 dims: [ 1 ] }
]
instance_group [{ kind: KIND_CPU }]
`;

/** `repeat_int32`, its version folder empty; `more` is put behind its configuration. */
export async function writeRepeatModel(repository: string, more = ''): Promise<void> {
  await mkdir(join(repository, 'repeat_int32', '1'), { recursive: true });
  await writeFile(join(repository, 'repeat_int32', 'config.pbtxt'), repeatConfig + more);
}

/** A response for each value, each after so many milliseconds. */
export function repeatRequest(
  values: readonly number[],
  { delayMs = 0, waitMs = 0, ...fields }: Partial<ModelInferRequest> & { delayMs?: number; waitMs?: number } = {},
): ModelInferRequest {
  const count = [values.length];
  return {
    modelName: 'repeat_int32',
    inputs: [
      { name: 'IN', datatype: 'INT32', shape: count },
      { name: 'DELAY', datatype: 'UINT32', shape: count },
      { name: 'WAIT', datatype: 'UINT32', shape: [1] },
    ],
    rawInputContents: [
      Buffer.from(Int32Array.from(values).buffer),
      Buffer.from(Uint32Array.from(values, () => delayMs).buffer),
      Buffer.from(Uint32Array.of(waitMs).buffer),
    ],
    ...fields,
  };
}

/** In short: the id, the value and the index, `final` where it says so, or the error. */
export function told({ errorMessage, inferResponse }: ModelStreamInferResponse__Output): string {
  const { id, parameters, rawOutputContents } = inferResponse as ModelInferResponse__Output;
  if (errorMessage !== '') return `${id} failed: ${errorMessage}`;
  const numbers = rawOutputContents.map((raw) => raw.readInt32LE(0));
  const final = parameters['triton_final_response']?.boolParam;
  return [id, ...numbers, ...(final === true ? ['final'] : final === false ? [] : ['no flag'])].join(' ');
}
