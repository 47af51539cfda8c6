import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whileWanted } from './while-wanted.ts';

test('a sequence ends with its source, and by the signal also where the source has nothing to give', async () => {
  const stopping = new AbortController();
  async function* camera(pauses: boolean): AsyncGenerator<number> {
    yield* [1, 2];
    if (!pauses) return;
    setImmediate(() => stopping.abort());
    await new Promise(() => {});
  }
  const all = async (pauses: boolean): Promise<number[]> => {
    const given: number[] = [];
    for await (const item of whileWanted(camera(pauses), stopping.signal)) given.push(item);
    return given;
  };
  assert.deepEqual(await all(false), [1, 2]);
  assert.deepEqual(await all(true), [1, 2]);
});

test('what a source throws is thrown, but for what it throws when nobody wants it any more', async () => {
  const stopping = new AbortController();
  async function* broken(): AsyncGenerator<number> {
    yield 1;
    throw new TypeError('torn');
  }
  const items = whileWanted(broken(), stopping.signal);
  await items.next();
  await assert.rejects(items.next(), /torn/);
  const stopped = whileWanted(broken(), stopping.signal);
  await stopped.next();
  stopping.abort();
  assert.equal((await stopped.next()).done, true);
});
