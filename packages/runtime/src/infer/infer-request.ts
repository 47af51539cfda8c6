// A ModelInferRequest as a worker wants it: its inputs as tensors that share memory with the message where they may.
import { WeftError } from '@weft/errors';
import { type GivenInput, readInferRequest, readTypedContents } from '@weft/rpc/wire';
import { decodeRaw, RawSizeError, type Tensor, type TensorMap } from '@weft/tensor';

export interface InferRequest {
  /** The client's own name for the request. */
  readonly id: string;
  readonly inputs: TensorMap;
  /** Names of the outputs asked for; empty means all. */
  readonly outputs: readonly string[];
  /** Outputs of which so many classes are asked for instead. */
  readonly classes: ReadonlyMap<string, number>;
}

/** Throws INVALID_ARGUMENT for a message that is malformed or whose tensors do not hold what they declare. */
export function decodeInferRequest(message: Buffer): InferRequest {
  const { id, inputs, outputs, classes } = readInferRequest(message);
  const tensors: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;
  for (const input of inputs) tensors[input.name] = tensorOf(input);
  return { id, outputs, classes, inputs: tensors };
}

function tensorOf(input: GivenInput): Tensor {
  const { name, datatype, shape, raw } = input;
  if (raw === undefined) return readTypedContents(input);
  try {
    return decodeRaw(datatype, shape, raw);
  } catch (thrown) {
    if (!(thrown instanceof RawSizeError)) throw thrown;
    const { expected, got } = thrown;
    const what = `input data does not fit the shape for input '${name}'`;
    throw new WeftError('INVALID_ARGUMENT', `${what}. Expected ${expected}, got ${got}`);
  }
}
