// The backend `tensorflowjs`: graph models and layers models of TensorFlow.js, on the best engine that is there
// (engines.ts). The engines block the thread that calls them, so it belongs into a worker. Nothing stays behind a run:
// TensorFlow.js frees no tensor by itself, so run-in-turn.ts frees whatever a run has made.
import { enableProdMode } from '@tensorflow/tfjs-core';
import { WeftError } from '@weft/errors';
import type { Backend } from '@weft/runtime';
import { chooseEngine } from './choose-engine.ts';
import { readModelArtifacts } from './read-model-artifacts.ts';
import { takeTurn } from './run-in-turn.ts';

// Otherwise the library prints advice and warnings to the console of whoever runs a server.
enableProdMode();

export const tfjsBackend: Backend = {
  name: 'tensorflowjs',
  async load(path, options) {
    const { format, artifacts, needs } = await readModelArtifacts(path);
    const open = await openers[format]();
    return takeTurn(async () => {
      const placed = await chooseEngine(options, needs);
      await placed.engine.activate();
      try {
        return await open(artifacts, placed);
      } catch (cause) {
        if (cause instanceof WeftError) throw cause;
        const message = `TensorFlow.js cannot load the model: ${firstSentence(cause)}`;
        throw new WeftError('INVALID_ARGUMENT', message, { cause });
      }
    });
  },
};

/** Imported when they are needed: each brings a library that takes a fifth of a second to load. */
const openers = {
  graph: async () => (await import('./open-graph-model.ts')).openGraphModel,
  layers: async () => (await import('./open-layers-model.ts')).openLayersModel,
};

/** The library's messages go on with advice for programmers. */
function firstSentence(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message.split(/\.\s|\n/, 1)[0] as string;
}
