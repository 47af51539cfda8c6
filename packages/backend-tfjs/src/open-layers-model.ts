// A layers model (Keras) as a backend model. Inputs and outputs go by the names of the layers that give them.
import { type io, type Tensor as TfjsTensor, tidy } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel, Sequential, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { invalidArgument } from '@weft/errors';
import type { BackendModel } from '@weft/runtime';
import { checkFeeds, chooseOutputs } from '@weft/runtime/check-feeds';
import type { Tensor, TensorSpec } from '@weft/tensor';
import type { PlacedEngine } from './choose-engine.ts';
import { registerCustomLayers } from './custom-layers.ts';
import { runInTurn, takeTurn } from './run-in-turn.ts';
import { datatypeOf, fromTfjs, toTfjs } from './tfjs-tensor.ts';

registerCustomLayers();

export async function openLayersModel(
  artifacts: io.ModelArtifacts,
  { engine, placement }: PlacedEngine,
): Promise<BackendModel> {
  const model = await loadLayersModel({ load: async () => artifacts });
  // Until then a sequential model has inputs, but no names for them.
  if (model instanceof Sequential) model.build();
  const inputs = specsOf(model.inputNames, model.inputs);
  const outputs = specsOf(model.outputNames, model.outputs);
  let loaded = true;

  return {
    inputs,
    outputs,
    placement,
    async run(feeds, outputNames) {
      if (!loaded) throw new Error('the model is unloaded');
      checkFeeds(inputs, feeds);
      const names = chooseOutputs(outputs, outputNames);
      return runInTurn(engine, async () => {
        const tensors = inputs.map(({ name }) => toTfjs(feeds[name] as Tensor));
        const results = apply(model, tensors);
        const read: Record<string, Tensor> = {};
        for (const name of names) {
          const index = outputs.findIndex((output) => output.name === name);
          read[name] = await fromTfjs(results[index] as TfjsTensor, engine.sharesResults);
        }
        return read;
      });
    },
    async unload() {
      if (!loaded) return;
      loaded = false;
      await takeTurn(async () => {
        await engine.activate();
        model.dispose();
      });
    },
  };
}

/** Applied as a layer: unlike predict(), that does not cut the rows into batches of 32. */
function apply(model: LayersModel, tensors: TfjsTensor[]): TfjsTensor[] {
  return tidy(() => {
    const results = model.apply(tensors, { training: false }) as TfjsTensor | TfjsTensor[];
    return Array.isArray(results) ? results : [results];
  });
}

/** A layer with several outputs gives them all its name; the second and later ones then get a number, as in a graph. */
function specsOf(names: readonly string[], tensors: readonly SymbolicTensor[]): readonly TensorSpec[] {
  return tensors.map(({ dtype, shape }, index) => {
    const layer = names[index] as string;
    const before = names.slice(0, index).filter((name) => name === layer).length;
    const name = before === 0 ? layer : `${layer}:${before}`;
    const datatype = datatypeOf(dtype);
    if (datatype === undefined) throw invalidArgument(`the model's tensor '${name}' is of a type that cannot be sent`);
    return { name, datatype, shape: shape.map((size) => size ?? -1) };
  });
}
