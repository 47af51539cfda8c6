import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { parseConfigJson } from '../config-file.ts';
import { fetchReferences } from './fetch-references.ts';
import { lookupTo, startFileServer } from './testing/file-server.ts';
import { never, storeIn, temporaryFolder } from './testing/store-folder.ts';

const mib = 2 ** 20;
const size = 320 * mib;

test('a large file passes through memory piece by piece, and is never there as a whole', async (t) => {
  const piece = Buffer.alloc(mib, 7);
  let most = 0;
  function* pieces(): Iterable<Buffer> {
    for (let made = 0; made < size; made += piece.length) {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
      yield piece;
    }
  }
  const server = await startFileServer(
    t,
    (_request, response) => {
      response.setHeader('content-length', size);
      Readable.from(pieces()).pipe(response);
    },
    false,
  );
  const host = 'http://models.example';
  const store = storeIn(t, temporaryFolder(t), {
    network: { lookup: lookupTo('127.0.0.1') },
    settings: { artifactHosts: [host], artifactPrivateHosts: ['models.example'] },
  });
  const source = `${host}:${server.port}/model.onnx`;
  const config = parseConfigJson(JSON.stringify({ parameters: { 'weft.source': { stringValue: source } } }));
  const before = process.memoryUsage().arrayBuffers;
  const { fetched = {} } = await fetchReferences({ directory: '/nowhere', config }, store, never);
  assert.equal(statSync(fetched[source] ?? '').size, size);
  const grownMiB = Math.round((most - before) / mib);
  assert.ok(grownMiB < 128, `${grownMiB} MiB of ${size / mib} were in memory at once`);
});
