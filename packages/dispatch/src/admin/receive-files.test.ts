import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { WeftError } from '@weft/errors';
import type { ArtifactDepot, StoredFile } from '@weft/models';
import type { PushRequest__Output } from '@weft/rpc/messages/weft/router/v1/PushRequest';
import { turns } from '../testing/start-engine.ts';
import { receiveFiles } from './receive-files.ts';

/** A depot that stores a piece only when the test lets it. */
function slowDepot() {
  let store: () => void = () => {};
  let ended: string | undefined;
  const put = async (_file: StoredFile, content: AsyncIterable<Uint8Array>): Promise<void> => {
    try {
      for await (const _piece of content) await new Promise<void>((resolve) => (store = resolve));
      ended = 'whole';
    } catch (thrown) {
      ended = (thrown as WeftError).code;
      throw thrown;
    }
  };
  const unused = () => Promise.reject(new Error('nobody asks for that'));
  const depot: ArtifactDepot = { put, has: unused, get: async function* () {} };
  return { depot, store: () => store(), ended: () => ended };
}

async function* piecesOf(content: Buffer, size: number): AsyncGenerator<PushRequest__Output> {
  for (let at = 0; at < content.length; at += size)
    yield { piece: content.subarray(at, at + size), kind: 'piece' } as PushRequest__Output;
}

const content = Buffer.alloc(30);
const file = {
  ...{ path: 'model.onnx', source: '', size: content.length },
  sha256: createHash('sha256').update(content).digest('hex'),
};

test('a push whose client goes while the depot is slow ends its upload', async () => {
  const { depot, store, ended } = slowDepot();
  const stored = receiveFiles(depot, [file], piecesOf(content, 10));
  await stored.next();
  const second = stored.next();
  await turns();
  store();
  assert.deepEqual(await second, { done: false, value: 20 });
  // Nobody asks for the third figure.
  const left = stored.return();
  await turns();
  store();
  await left;
  assert.equal(ended(), 'CANCELLED');
});

test('a push is read no faster than the depot stores it, and is over when it has stored all', async () => {
  const { depot, store, ended } = slowDepot();
  const figures: number[] = [];
  const all = (async () => {
    for await (const bytes of receiveFiles(depot, [file], piecesOf(content, 10))) figures.push(bytes);
  })();
  for (const expected of [[10], [10, 20], [10, 20, 30]]) {
    await turns();
    assert.deepEqual([figures, ended()], [expected, undefined]);
    store();
  }
  await all;
  assert.equal(ended(), 'whole');
});
