// The backend `tensorflowjs`: graph models and layers models of TensorFlow.js, on the best engine that is there
// (engines.ts). The engines block the thread that calls them, so it belongs into a worker. Nothing stays behind a run:
// TensorFlow.js frees no tensor by itself, so run-in-turn.ts frees whatever a run has made.
import { enableProdMode } from '@tensorflow/tfjs-core';
import { WeftError } from '@weft/errors';
import type { Backend } from '@weft/runtime';
import { chooseEngine } from './choose-engine.ts';
import { openGraphModel } from './open-graph-model.ts';
import { openLayersModel } from './open-layers-model.ts';
import { readModelArtifacts } from './read-model-artifacts.ts';
import { inTurn } from './run-in-turn.ts';

// Otherwise the library prints advice and warnings to the console of whoever runs a server.
enableProdMode();

export const tfjsBackend: Backend = {
  name: 'tensorflowjs',
  async load(path, options) {
    const { format, artifacts, needs } = await readModelArtifacts(path);
    const placed = await chooseEngine(options, needs);
    const open = format === 'graph' ? openGraphModel : openLayersModel;
    try {
      return await inTurn(placed.engine, () => open(artifacts, placed));
    } catch (cause) {
      if (cause instanceof WeftError) throw cause;
      throw new WeftError('INVALID_ARGUMENT', `TensorFlow.js cannot load the model: ${firstSentence(cause)}`, {
        cause,
      });
    }
  },
};

/** The library's messages go on with advice for programmers. */
function firstSentence(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message.split(/\.\s|\n/, 1)[0] as string;
}
