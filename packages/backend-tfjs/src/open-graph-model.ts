// A graph model (a TensorFlow graph, node by node) as a backend model. Its tensors go by the names of the signature,
// where it has one, else of the nodes. Beyond its declared outputs a graph gives the result of any node that is asked
// for by name, as TensorFlow does: pretrained models often hide the interesting tensor inside.
import type { io, Tensor as TfjsTensor } from '@tensorflow/tfjs-core';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import type { BackendModel } from '@weft/runtime';
import { checkFeeds, unexpectedOutput } from '@weft/runtime/check-feeds';
import type { Tensor, TensorMap } from '@weft/tensor';
import type { PlacedEngine } from './choose-engine.ts';
import { readGraphInterface } from './read-graph-interface.ts';
import { runInTurn, takeTurn } from './run-in-turn.ts';
import { fromTfjs, toTfjs } from './tfjs-tensor.ts';

export async function openGraphModel(
  artifacts: io.ModelArtifacts,
  { engine, placement }: PlacedEngine,
): Promise<BackendModel> {
  const { inputs, outputs, nodeNames, inputNames } = readGraphInterface(artifacts);
  const model = await loadGraphModel({ load: async () => artifacts });
  const asynchronous = new Set<string>();
  let loaded = true;

  /** Executes what can be at once; control flow and tensors of a size that depends on values need the other way. */
  const execute = async (feeds: Record<string, TfjsTensor>, names: string[]): Promise<TfjsTensor[]> => {
    const key = names.join('\n');
    if (!asynchronous.has(key)) {
      try {
        return listed(model.execute(feeds, names));
      } catch (error) {
        if (!isAsynchronous(error)) throw error;
        asynchronous.add(key);
      }
    }
    return listed(await model.executeAsync(feeds, names));
  };

  return {
    inputs,
    outputs,
    placement,
    async run(feeds, outputNames) {
      if (!loaded) throw new Error('the model is unloaded');
      const named = renameFeeds(feeds, inputNames);
      checkFeeds(inputs, named);
      const names = [...(outputNames ?? outputs.map((output) => output.name))];
      for (const name of names) {
        if (!outputs.some((output) => output.name === name) && !nodeNames.has(nodeOf(name)))
          throw unexpectedOutput(name);
      }
      if (names.length === 0) return {};
      return runInTurn(engine, async () => {
        const tensors = Object.fromEntries(inputs.map(({ name }) => [name, toTfjs(named[name] as Tensor)]));
        const results = await execute(tensors, names);
        const read: Record<string, Tensor> = {};
        for (const [index, name] of names.entries()) {
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

function listed(results: TfjsTensor | TfjsTensor[]): TfjsTensor[] {
  return Array.isArray(results) ? results : [results];
}

/** The library finds out by itself which operators need it, and says so before it computes anything. */
function isAsynchronous(error: unknown): boolean {
  return error instanceof Error && /Please use model\.executeAsync\(\)/.test(error.message);
}

/** Feeds by node name are taken too: documentation of a model often gives those. */
function renameFeeds(feeds: TensorMap, inputNames: ReadonlyMap<string, string>): TensorMap {
  return Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [inputNames.get(name) ?? name, tensor]));
}

function nodeOf(name: string): string {
  return name.replace(/:\d+$/, '');
}
