// The samples of `model_warmup`: requests that every instance computes before it takes traffic. Their inputs are zeros, random values or
// the content of a file in the model's folder `warmup`: raw elements, in the form of a request's raw contents. A sample that cannot be
// computed keeps the model from being READY: whoever wrote it wants to know.
import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WeftError } from '@weft/errors';
import { datatypeOf } from '@weft/models/config';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import {
  type Datatype,
  datatypes,
  decodeRaw,
  elementCount,
  joinRows,
  RawSizeError,
  type Tensor,
  type TensorMap,
} from '@weft/tensor';
import { checkInputs } from '@weft/rpc/wire';
import type { InferInterface } from '../infer/infer-interface.ts';
import { withOptionalInputs } from '../infer/optional-inputs.ts';
import { type RunPiece, runJoined } from '../infer/run-joined.ts';
import type { TensorInterface } from '../task.ts';
import type { Measured } from './warm-up.ts';

type SampleInput = ModelConfig__Output['modelWarmup'][number]['inputs'][string];

export interface Sample {
  readonly name: string;
  readonly rows: number;
  /** How often it is computed. */
  readonly count: number;
  readonly inputs: TensorMap;
}

/** `files`: where those lie that samples name. Throws INVALID_ARGUMENT naming the sample that does not fit the model. */
export function readSamples(
  { modelWarmup }: Pick<ModelConfig__Output, 'modelWarmup'>,
  target: InferInterface,
  files: Readonly<Record<string, string>>,
): Sample[] {
  return modelWarmup.map((sample) => {
    const rows = Math.max(1, sample.batchSize);
    const batches = target.maxBatchSize > 0;
    try {
      if (rows > Math.max(1, target.maxBatchSize))
        throw new WeftError('INVALID_ARGUMENT', `batch_size is ${rows}, more than the model takes`);
      const inputs: Record<string, Tensor> = {};
      for (const [name, input] of Object.entries(sample.inputs)) {
        const one = sampleTensor(input, files);
        const row = { ...one, shape: batches ? [1, ...one.shape] : one.shape };
        inputs[name] = batches ? joinRows([row, ...Array.from({ length: rows - 1 }, () => row)]) : row;
      }
      checkInputs(target, inputs);
      const { optional } = target;
      const complete = withOptionalInputs(inputs, target.inputs, { optional, batches });
      return { name: sample.name, rows, count: Math.max(1, sample.count), inputs: complete };
    } catch (thrown) {
      throw failed(sample.name, thrown);
    }
  });
}

/** What each took at its last time. Rejects naming the sample that failed. */
export async function warmUpSamples(
  samples: readonly Sample[],
  { target, tensors }: { readonly target: InferInterface; readonly tensors: Pick<TensorInterface, 'run'> },
): Promise<Measured[]> {
  const measured = new Map<number, Measured>();
  for (const { name, rows, count, inputs } of samples) {
    for (let time = 0; time < count; time++) {
      const startedMs = performance.now();
      try {
        if (target.ragged === undefined) await tensors.run(inputs);
        else await runJoined(ofRows(inputs, rows), { target, tensors, outputNames: undefined });
      } catch (thrown) {
        throw failed(name, thrown);
      }
      measured.set(rows, { rows, computeUs: Math.round((performance.now() - startedMs) * 1000) });
    }
  }
  return [...measured.values()].sort((a, b) => a.rows - b.rows);
}

function ofRows(inputs: TensorMap, rows: number): RunPiece[] {
  return Array.from({ length: rows }, (_, from) => ({ inputs, from, rows: 1 }));
}

function sampleTensor({ dataType, dims, ...content }: SampleInput, files: Readonly<Record<string, string>>): Tensor {
  const datatype = datatypeOf(dataType) as Datatype;
  if (content.inputDataFile !== undefined && content.inputDataFile !== '')
    return fileTensor(datatype, dims, files[content.inputDataFile] as string);
  const count = elementCount(dims);
  if (datatype === 'BYTES')
    return { datatype, shape: dims, elements: Array.from({ length: count }, () => new Uint8Array(0)) };
  const elements = new datatypes[datatype].array(count);
  // Floats of random bits would be NaN now and then: random values are numbers from 0 to 1, as whole numbers 0 or 1.
  if (content.randomData === true) fillRandomly(elements, datatype);
  return { datatype, shape: dims, elements };
}

function fillRandomly(elements: Exclude<Tensor['elements'], readonly Uint8Array[]>, datatype: Datatype): void {
  const random = randomFillSync(new Uint16Array(elements.length));
  if (datatype === 'FP16' || datatype === 'BF16') return;
  const wide = datatype === 'INT64' || datatype === 'UINT64';
  for (const [index, bits] of random.entries()) {
    if (wide) (elements as BigInt64Array)[index] = BigInt(bits & 1);
    else (elements as Float32Array)[index] = datatype === 'FP32' || datatype === 'FP64' ? bits / 65536 : bits & 1;
  }
}

function fileTensor(datatype: Datatype, shape: readonly number[], file: string): Tensor {
  try {
    return decodeRaw(datatype, shape, readFileSync(file));
  } catch (thrown) {
    if (!(thrown instanceof RawSizeError)) throw thrown;
    throw new WeftError(
      'INVALID_ARGUMENT',
      `its file has ${thrown.got} bytes or elements, but its dims ask for ${thrown.expected}`,
    );
  }
}

function failed(sample: string, thrown: unknown): WeftError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new WeftError('INVALID_ARGUMENT', `the warm-up sample '${sample}' failed: ${reason}`, { cause: thrown });
}
