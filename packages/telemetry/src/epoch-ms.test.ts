import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { epochMs } from './epoch-ms.ts';

test('an instant is near the wall clock, with fractions', () => {
  const instants = Array.from({ length: 20 }, epochMs);
  assert.ok(Math.abs((instants[0] ?? 0) - Date.now()) < 25);
  assert.ok(instants.some((instant) => instant % 1 !== 0));
  assert.ok(instants.every((instant, index) => index === 0 || instant >= (instants[index - 1] ?? 0)));
});

test('instants of two threads are comparable', async () => {
  const url = JSON.stringify(new URL('./epoch-ms.js', import.meta.url).href);
  const code = `import(${url}).then((module) => require('node:worker_threads').parentPort.postMessage(module.epochMs()))`;
  const before = epochMs();
  const worker = new Worker(code, { eval: true });
  const there = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  // Each thread's clock may part from the wall clock by the tolerance before it is set again.
  assert.ok(there >= before - 40 && there <= epochMs() + 40);
});
