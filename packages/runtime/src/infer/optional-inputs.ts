// Inputs that a request may leave out (`optional`). The runtimes want every input, so what is left out is fed all the same, with one
// value throughout: that of the parameter `weft.default.<input>`, or zero (BYTES: empty strings). So requests with and without the
// input share a run.
import { invalidArgument } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { datatypes, type Element, elementCount, type Tensor, type TensorMap, type TensorSpec } from '@weft/tensor';
import { parseElement } from './parse-element.ts';

/** By name, what is fed where the input is left out. */
export type OptionalInputs = ReadonlyMap<string, Element>;

const prefix = 'weft.default.';

/** The element that stands where nothing is given. */
export function zeroOf(datatype: TensorSpec['datatype']): Element {
  return parseElement(datatype, datatype === 'BYTES' ? '' : '0') as Element;
}

/** Throws INVALID_ARGUMENT for a default that is no value of its input, or is of one that must be given. */
export function readOptionalInputs(config: ModelConfig__Output, inputs: readonly TensorSpec[]): OptionalInputs {
  const optional = new Map<string, Element>();
  for (const { name } of config.input.filter((input) => input.optional)) {
    const spec = inputs.find((candidate) => candidate.name === name) as TensorSpec;
    const text = config.parameters[prefix + name]?.stringValue;
    const value = text === undefined ? zeroOf(spec.datatype) : parseElement(spec.datatype, text);
    if (value === undefined) throw invalidArgument(`${prefix}${name}: '${text}' is no value of ${spec.datatype}`);
    optional.set(name, value);
  }
  for (const key of Object.keys(config.parameters))
    if (key.startsWith(prefix) && !optional.has(key.slice(prefix.length)))
      throw invalidArgument(`${key}: the configuration has no optional input '${key.slice(prefix.length)}'`);
  return optional;
}

/**
 * The inputs with those that were left out, of as many rows as the others. A dimension of any size is as long as one of the same name
 * in another input, or 1.
 */
export function withOptionalInputs(
  inputs: TensorMap,
  specs: readonly TensorSpec[],
  { optional, batches }: { readonly optional: OptionalInputs; readonly batches: boolean },
): TensorMap {
  const absent = specs.filter(({ name }) => optional.has(name) && inputs[name] === undefined);
  if (absent.length === 0) return inputs;
  const named = new Map<string, number>();
  for (const { name, dimensionNames = [] } of specs) {
    for (const [axis, dimension] of dimensionNames.entries())
      if (dimension !== '' && inputs[name] !== undefined) named.set(dimension, inputs[name].shape[axis] as number);
  }
  const rows = Object.values(inputs)[0]?.shape[0] ?? 1;
  const complete: Record<string, Tensor> = Object.assign(Object.create(null) as Record<string, Tensor>, inputs);
  for (const { name, datatype, shape, dimensionNames = [] } of absent) {
    const sizes = shape.map((size, axis) => {
      if (batches && axis === 0) return rows;
      return size === -1 ? (named.get(dimensionNames[axis] ?? '') ?? 1) : size;
    });
    complete[name] = filledTensor(datatype, sizes, optional.get(name) as Element);
  }
  return complete;
}

function filledTensor(datatype: TensorSpec['datatype'], shape: readonly number[], value: Element): Tensor {
  const count = elementCount(shape);
  const elements =
    datatype === 'BYTES'
      ? Array.from({ length: count }, () => value as Uint8Array)
      : new datatypes[datatype].array(count).fill(value as never);
  return { datatype, shape, elements };
}
