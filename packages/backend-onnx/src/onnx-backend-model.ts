// A loaded ONNX session as a backend model. Outputs that are no tensors (the maps and sequences of converted
// scikit-learn classifiers) are left out: the protocol has no form for them.
import { invalidArgument } from '@weft/errors';
import type { BackendModel } from '@weft/runtime';
import { checkFeeds, chooseOutputs } from '@weft/runtime/check-feeds';
import type { Tensor, TensorSpec } from '@weft/tensor';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { datatypeOf, fromOrt, toOrt } from './ort-tensor.ts';

type ValueMetadata = InferenceSession.ValueMetadata;

/** Throws INVALID_ARGUMENT when the model takes or gives nothing that a tensor can hold. */
export function createOnnxModel(session: InferenceSession, placement: BackendModel['placement']): BackendModel {
  const inputs = session.inputMetadata.map((value) => {
    const spec = specOf(value);
    if (spec === undefined) throw invalidArgument(`the model's input '${value.name}' is of a kind that cannot be sent`);
    return spec;
  });
  const outputs = session.outputMetadata.map(specOf).filter((spec) => spec !== undefined);
  if (outputs.length === 0) throw invalidArgument('none of the outputs of the model is a tensor');

  return {
    inputs,
    outputs,
    placement,
    async run(feeds, outputNames) {
      checkFeeds(inputs, feeds);
      const names = chooseOutputs(outputs, outputNames);
      if (names.length === 0) return {};
      const ortFeeds: Record<string, OrtTensor> = {};
      for (const { name } of inputs) ortFeeds[name] = toOrt(name, feeds[name] as Tensor);
      const results = await session.run(ortFeeds, names);
      return Object.fromEntries(names.map((name) => [name, fromOrt(results[name] as OrtTensor)]));
    },
    unload: () => session.release(),
  };
}

/** Undefined for what is no tensor, or one of a datatype that the protocol does not have. */
function specOf(value: ValueMetadata): TensorSpec | undefined {
  if (!value.isTensor) return undefined;
  const datatype = datatypeOf(value.type);
  if (datatype === undefined) return undefined;
  // A free dimension comes as its name, which may be empty.
  const shape = value.shape.map((size) => (typeof size === 'number' ? size : -1));
  const dimensionNames = value.shape.map((size) => (typeof size === 'number' ? '' : size));
  const spec = { name: value.name, datatype, shape };
  return dimensionNames.some((name) => name !== '') ? { ...spec, dimensionNames } : spec;
}
