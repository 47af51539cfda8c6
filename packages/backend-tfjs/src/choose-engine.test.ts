import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseEngine } from './choose-engine.ts';
import type { Engine, EngineName } from './engines.ts';

const needs = { operators: new Set(['MatMul']), strings: false };

function engine(name: EngineName, obstacle?: string): Engine {
  return { name, activate: async () => {}, sharesResults: false, findObstacle: () => obstacle };
}

/** Engines that are there; undefined for one that is not installed, an Error for one that does not work. */
function opener(
  engines: Partial<Record<EngineName, Engine | Error>>,
): (name: EngineName) => Promise<Engine | undefined> {
  return async (name) => {
    const found = engines[name];
    if (found instanceof Error) throw found;
    return found;
  };
}

async function place(
  providers: readonly string[],
  engines: Partial<Record<EngineName, Engine | Error>>,
  deviceId = 0,
): Promise<[string, string]> {
  const { placement } = await chooseEngine({ providers, deviceId }, needs, opener(engines));
  return [placement.provider, placement.fallbackReason];
}

const wasm = engine('wasm');
const cpu = engine('cpu');

test('the processor means TensorFlow where it is installed, else WebAssembly, else plain JavaScript', async () => {
  assert.deepEqual(await place(['cpu'], { tensorflow: engine('tensorflow'), wasm, cpu }), ['tensorflow', '']);
  assert.deepEqual(await place(['cpu'], { wasm, cpu }), ['wasm', '']);
  assert.deepEqual(await place([], { wasm, cpu }), ['wasm', '']);
  assert.deepEqual(await place(['cpu'], { wasm: engine('wasm', 'it has no kernel for FFT'), cpu }), [
    'cpu',
    'wasm: it has no kernel for FFT',
  ]);
});

test('an engine that is installed but does not work is passed over with its reason', async () => {
  const engines = { tensorflow: new Error('libtensorflow.so.2 is missing'), wasm, cpu };
  assert.deepEqual(await place(['cpu'], engines), ['wasm', 'tensorflow: libtensorflow.so.2 is missing']);
});

test('a GPU that is asked for is used, or its absence is reported', async () => {
  assert.deepEqual(await place(['cuda', 'cpu'], { cuda: engine('cuda'), wasm }), ['cuda', '']);
  assert.deepEqual(await place(['cuda', 'cpu'], { wasm }), [
    'wasm',
    'cuda: @tensorflow/tfjs-node-gpu is not installed',
  ]);
  const [provider, reason] = await place(['tensorrt', 'cuda', 'cpu'], { cuda: new Error('no GPU'), wasm });
  assert.deepEqual([provider, reason], ['wasm', 'tensorrt: TensorFlow.js has no such provider on Node; cuda: no GPU']);
});

test('another device than the first is said not to be taken', async () => {
  assert.deepEqual(await place(['cuda'], { cuda: engine('cuda') }, 2), [
    'cuda',
    'cuda: it takes the first visible device, not 2',
  ]);
});

test('one engine by name means that engine only', async () => {
  await assert.rejects(place(['tensorflow'], { wasm, cpu }), {
    code: 'UNAVAILABLE',
    message: 'no provider works: tensorflow: @tensorflow/tfjs-node is not installed',
  });
});
