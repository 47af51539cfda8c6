import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEngine } from './engines.ts';

test('an engine that does not start once is tried again by the model that comes next, and leaves no listener', async () => {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const listeners = () => events.flatMap((event) => process.listeners(event as 'uncaughtException'));
  const wasm = (globalThis as unknown as { WebAssembly: { instantiate: unknown } }).WebAssembly;
  const before = listeners();
  const { instantiate } = wasm;
  wasm.instantiate = async () => Promise.reject(new RangeError('no memory'));
  await assert.rejects(openEngine('wasm'));
  assert.deepEqual(listeners(), before);
  wasm.instantiate = instantiate;
  const engine = await openEngine('wasm');
  assert.equal(engine?.name, 'wasm');
  assert.equal(await openEngine('wasm'), engine);
});
