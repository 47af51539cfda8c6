// Chooses the engine for one model. The provider `cpu` stands for the best engine on the processor: TensorFlow itself
// where it is installed, else WebAssembly, which is some 20 times faster than plain JavaScript, else that. `cuda`,
// `tensorflow` and `wasm` mean just that engine.
import { WeftError } from '@weft/errors';
import type { BackendModel, BackendOptions } from '@weft/runtime';
import { type Engine, type EngineName, type ModelNeeds, openEngine } from './engines.ts';

export interface PlacedEngine {
  readonly engine: Engine;
  readonly placement: BackendModel['placement'];
}

const enginesOf: ReadonlyMap<string, readonly EngineName[]> = new Map([
  ['cuda', ['cuda']],
  ['tensorflow', ['tensorflow']],
  ['wasm', ['wasm']],
  ['cpu', ['tensorflow', 'wasm', 'cpu']],
]);

const packageOf: Partial<Record<EngineName, string>> = {
  cuda: '@tensorflow/tfjs-node-gpu',
  tensorflow: '@tensorflow/tfjs-node',
};

/**
 * The first engine among those of `providers` that works and serves the model's needs. Rejects with UNAVAILABLE and all
 * reasons when there is none.
 */
export async function chooseEngine(
  { providers, deviceId }: Pick<BackendOptions, 'providers' | 'deviceId'>,
  needs: ModelNeeds,
  open: (name: EngineName) => Promise<Engine | undefined> = openEngine,
): Promise<PlacedEngine> {
  const reasons: string[] = [];
  for (const provider of providers.length > 0 ? providers : ['cpu']) {
    const names = enginesOf.get(provider) ?? [];
    if (names.length === 0) reasons.push(`${provider}: TensorFlow.js has no such provider on Node`);
    for (const name of names) {
      const engine = await open(name).catch(messageOf);
      const obstacle = typeof engine === 'object' ? engine.findObstacle(needs) : engine;
      if (typeof engine === 'object' && obstacle === undefined) {
        if (name === 'cuda' && deviceId > 0) reasons.push(`cuda: it takes the first visible device, not ${deviceId}`);
        return { engine, placement: { provider: name, fallbackReason: reasons.join('; ') } };
      }
      // Nobody misses a package that is one of several ways.
      if (obstacle !== undefined) reasons.push(`${name}: ${obstacle}`);
      else if (names.length === 1) reasons.push(`${name}: ${packageOf[name]} is not installed`);
    }
  }
  throw new WeftError('UNAVAILABLE', `no provider works: ${reasons.join('; ')}`);
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
