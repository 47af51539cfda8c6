// Requests of sequences for the accumulator of author-models.ts, and what its answers say.
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { Dialled } from './dial.ts';
import { floatsOf, inferFloats, inferPath } from './infer-request.ts';

export interface SequenceStep {
  readonly id?: number | string;
  readonly start?: boolean;
  readonly end?: boolean;
  readonly x: number;
  readonly shape?: number[];
  readonly version?: string;
  readonly outputs?: readonly string[];
}

export function sequenceRequest(model: string, step: SequenceStep): ModelInferRequest {
  const { id, start = false, end = false, x, shape = [1, 1], version = '', outputs = ['sum'] } = step;
  const parameters: NonNullable<ModelInferRequest['parameters']> = {};
  if (id !== undefined) parameters['sequence_id'] = typeof id === 'string' ? { stringParam: id } : { int64Param: id };
  if (start) parameters['sequence_start'] = { boolParam: true };
  if (end) parameters['sequence_end'] = { boolParam: true };
  return inferFloats(model, new Array<number>(shape[0] ?? 1).fill(x), {
    shape,
    modelVersion: version,
    outputs: outputs.map((name) => ({ name })),
    parameters,
  });
}

/** The running sum, or code and text of the error. */
export async function sumOf(client: Dialled, model: string, step: SequenceStep): Promise<number | string | undefined> {
  const { result, response } = await client.call(inferPath, sequenceRequest(model, step));
  return result === 'OK' ? floatsOf(response as ModelInferResponse__Output)[0] : result;
}

/** The sums that a whole sequence of these numbers is answered with. */
export async function sumsOf(
  client: Dialled,
  model: string,
  { id, numbers }: { readonly id: number | string; readonly numbers: readonly number[] },
): Promise<(number | string | undefined)[]> {
  const sums: (number | string | undefined)[] = [];
  for (const [at, x] of numbers.entries())
    sums.push(await sumOf(client, model, { id, x, start: at === 0, end: at === numbers.length - 1 }));
  return sums;
}

export function runningSums(numbers: readonly number[]): number[] {
  let sum = 0;
  return numbers.map((number) => (sum += number));
}
