// The tensors that the server makes for a request of a sequence: its controls, and what the sequence begins with.
import { readFileSync } from 'node:fs';
import { invalidArgument } from '@weft/errors';
import type { Artifact } from '@weft/models';
import type { SequenceBatching, SequenceControl, SequenceState } from '@weft/models/config';
import type { ItemSequence, SequenceId } from '@weft/rpc/wire';
import {
  type Datatype,
  datatypes,
  decodeRaw,
  elementCount,
  RawSizeError,
  type Tensor,
  type TensorSpec,
} from '@weft/tensor';

/** Throws INVALID_ARGUMENT when the model has not the tensors that its configuration names for sequences. */
export function checkSequenceTensors(
  { controls, states }: Pick<SequenceBatching, 'controls' | 'states'>,
  model: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] },
): void {
  for (const { name, datatype } of controls) requireTensor('input', model.inputs, { name, datatype });
  for (const { input, output, datatype } of states) {
    requireTensor('input', model.inputs, { name: input, datatype });
    requireTensor('output', model.outputs, { name: output, datatype });
  }
}

function requireTensor(
  kind: string,
  specs: readonly TensorSpec[],
  { name, datatype }: { readonly name: string; readonly datatype: Datatype },
): void {
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec === undefined) {
    const names = specs.map((each) => `'${each.name}'`).join(', ');
    throw invalidArgument(`sequence_batching names the ${kind} '${name}'; the model has ${names}`);
  }
  if (spec.datatype !== datatype)
    throw invalidArgument(
      `sequence_batching has ${datatype} for the ${kind} '${name}'; the model has ${spec.datatype}`,
    );
}

/** The shape of a control for one request: of as many dimensions as the model's input, each of size 1. */
export function controlShape({ shape }: Pick<TensorSpec, 'shape'>, batches: boolean): number[] {
  const rank = shape.length > 0 ? shape.length : batches ? 2 : 1;
  return new Array<number>(rank).fill(1);
}

/** `begins`: no request of the sequence was computed before. Throws INVALID_ARGUMENT for an id that the model cannot take. */
export function controlTensor(
  control: SequenceControl,
  shape: readonly number[],
  { sequence, begins }: { readonly sequence: ItemSequence; readonly begins: boolean },
): Tensor {
  const { datatype } = control;
  if (control.kind === 'id') return idTensor(control, shape, sequence.id);
  const flag = { start: begins, ready: true, end: sequence.end }[control.kind];
  const value = control.values[flag ? 1 : 0];
  return { datatype, shape, elements: datatypes[control.datatype].array.from([value]) };
}

function idTensor({ name, datatype }: SequenceControl, shape: readonly number[], id: SequenceId): Tensor {
  if (datatype === 'BYTES') return { datatype, shape, elements: [Buffer.from(String(id))] };
  if (typeof id === 'string')
    throw invalidArgument(`sequence_id '${id}' must be a number: the model's input '${name}' is ${datatype}`);
  switch (datatype) {
    case 'INT32':
      return { datatype, shape, elements: Int32Array.of(Number(BigInt.asIntN(32, id))) };
    case 'UINT32':
      return { datatype, shape, elements: Uint32Array.of(Number(BigInt.asUintN(32, id))) };
    case 'INT64':
      return { datatype, shape, elements: BigInt64Array.of(BigInt.asIntN(64, id)) };
    default:
      return { datatype, shape, elements: BigUint64Array.of(id) };
  }
}

/** What the first request of a sequence gets. Throws INVALID_ARGUMENT for a file of another size. */
export function initialState(
  { input, datatype, initial }: SequenceState,
  batches: boolean,
  { initialStates = {} }: Pick<Artifact, 'initialStates'>,
): Tensor {
  const shape = batches ? [1, ...initial.dims] : initial.dims;
  if (initial.file === undefined) return zeros(datatype, shape);
  const path = initialStates[initial.file];
  if (path === undefined) throw invalidArgument(`the initial state '${initial.file}' of '${input}' has not been found`);
  try {
    return decodeRaw(datatype, shape, readFileSync(path));
  } catch (thrown) {
    if (!(thrown instanceof RawSizeError)) throw thrown;
    const { expected, got } = thrown;
    throw invalidArgument(
      `the initial state '${initial.file}' of '${input}' should have ${expected} bytes, it has ${got}`,
    );
  }
}

function zeros(datatype: Datatype, shape: readonly number[]): Tensor {
  const count = elementCount(shape);
  const elements =
    datatype === 'BYTES'
      ? Array.from({ length: count }, () => new Uint8Array(0))
      : new datatypes[datatype].array(count);
  return { datatype, shape, elements };
}

/** A tensor that holds on to nothing but its own elements: a part of a batch holds on to all of it. */
export function ownTensor({ datatype, shape, elements }: Tensor): Tensor {
  const own = Array.isArray(elements) ? elements.map((bytes: Uint8Array) => bytes.slice()) : elements.slice();
  return { datatype, shape, elements: own };
}
