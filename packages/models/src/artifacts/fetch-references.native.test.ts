import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Artifact, resolveArtifact } from '../artifact.ts';
import { parseConfigJson } from '../config-file.ts';
import { fetchReferences } from './fetch-references.ts';
import { type FileServer, lookupTo, serve, startFileServer } from './testing/file-server.ts';
import { depotOf, filesBelow, keeping, never, sha256Of, storeIn, temporaryFolder } from './testing/store-folder.ts';
import type { VersionStore } from './version-store.ts';

type Parameters = Readonly<Record<string, string>>;

function folderOf(parameters: Parameters) {
  const entries = Object.entries(parameters).map(([key, stringValue]) => [`weft.${key}`, { stringValue }]);
  return {
    directory: '/nowhere',
    config: parseConfigJson(JSON.stringify({ parameters: Object.fromEntries(entries) })),
  };
}

async function prepare(store: VersionStore, parameters: Parameters): Promise<Artifact> {
  return resolveArtifact(await fetchReferences(folderOf(parameters), store, never), '1', []);
}

const read = (file: string | undefined): string => readFileSync(file ?? '', 'utf8');

function storeFor(t: TestContext, folder: string, server?: FileServer): VersionStore {
  const network = { lookup: lookupTo('127.0.0.1'), ...(server?.ca === undefined ? {} : { ca: server.ca }) };
  const settings = { artifactHosts: ['models.example'], artifactPrivateHosts: ['models.example'] };
  return storeIn(t, folder, { network, settings });
}

/** Serves whatever is in `files`, by path. */
async function startStorage(t: TestContext, files: Record<string, { content: string; etag?: string }>) {
  const server = await startFileServer(t, (request, response) => {
    const file = files[request.url ?? ''];
    if (file === undefined) response.writeHead(404).end();
    else serve(request, response, file);
  });
  return { server, base: `https://models.example:${server.port}` };
}

test('a model, its parts and its files are fetched into one folder under their own names', async (t) => {
  const { server, base } = await startStorage(t, {
    '/a/model.onnx': { content: 'model' },
    '/a/model.onnx_data': { content: 'weights' },
    '/b/model.onnx': { content: 'part' },
  });
  const artifact = await prepare(storeFor(t, temporaryFolder(t), server), {
    source: `${base}/a/model.onnx`,
    'file.data': `${base}/a/model.onnx_data`,
    'part.other': `${base}/b/model.onnx`,
  });
  assert.deepEqual([artifact.model, artifact.files['data'], artifact.parts['other']].map(read), [
    'model',
    'weights',
    'part',
  ]);
  const folder = dirname(artifact.model ?? '');
  assert.deepEqual(filesBelow(folder), ['1/model.onnx', 'model.onnx', 'model.onnx_data']);
});

test('what was not fetched is not found by resolveArtifact, and local references need no fetching', async (t) => {
  const store = storeFor(t, temporaryFolder(t));
  assert.throws(() => resolveArtifact(folderOf({ source: 'https://x/y' }), '1', []), { code: 'FAILED_PRECONDITION' });
  const local = folderOf({ source: 'file:model.onnx' });
  assert.deepEqual(await fetchReferences(local, store, never), local);
});

test('a digest pins a reference: other bytes are refused, and those that are here need no host', async (t) => {
  const folder = temporaryFolder(t);
  const { server, base } = await startStorage(t, { '/model.onnx': { content: 'model' } });
  const source = `${base}/model.onnx`;
  const store = storeFor(t, folder, server);
  await assert.rejects(prepare(store, { source, sha256: sha256Of('other') }), { code: 'DATA_LOSS' });
  assert.deepEqual(filesBelow(folder), []);
  for (let times = 0; times < 3; times++) await prepare(store, { source, sha256: sha256Of('model') });
  assert.equal(server.requests.length, 2);
  await assert.rejects(prepare(store, { source, sha256: 'abc' }), { code: 'INVALID_ARGUMENT' });
});

test('without a digest the ETag tells whether a file has changed', async (t) => {
  const file = { content: 'first', etag: '"1"' };
  const { server, base } = await startStorage(t, { '/model.onnx': file });
  const store = storeFor(t, temporaryFolder(t), server);
  const fetched = async (): Promise<string> => read((await prepare(store, { source: `${base}/model.onnx` })).model);
  assert.equal(await fetched(), 'first');
  file.content = 'never read, as the ETag is the same';
  assert.equal(await fetched(), 'first');
  Object.assign(file, { content: 'second', etag: '"2"' });
  assert.equal(await fetched(), 'second');
});

test('a host that cannot be reached leaves what it last had, also after a restart; one that says no does not', async (t) => {
  const folder = temporaryFolder(t);
  const files: Record<string, { content: string; etag: string }> = { '/model.onnx': { content: 'model', etag: '"1"' } };
  const { server, base } = await startStorage(t, files);
  const source = `${base}/model.onnx`;
  const before = storeFor(t, folder, server);
  await prepare(before, { source });
  await before.close();
  const untrusted = storeFor(t, folder);
  assert.equal(read((await prepare(untrusted, { source })).model), 'model');
  await assert.rejects(prepare(untrusted, { source: `${base}/other.onnx` }), { code: 'UNAVAILABLE' });
  delete files['/model.onnx'];
  await assert.rejects(prepare(storeFor(t, folder, server), { source }), { code: 'NOT_FOUND', message: /^'https:/ });
});

test('an artifact of the event log is a model by its digest and size', async (t) => {
  const store = storeIn(t, temporaryFolder(t), { depot: await depotOf('model') });
  const artifact = await prepare(store, { source: `nats:${sha256Of('model')}/5` });
  assert.equal(read(artifact.model), 'model');
  assert.match(artifact.model ?? '', /model\.onnx$/);
  const bare = prepare(store, { source: `nats:${sha256Of('other')}` });
  await assert.rejects(bare, { code: 'INVALID_ARGUMENT', message: /lacks its size/ });
});

test('a sweep removes fetched files that no model in use refers to', async (t) => {
  const folder = temporaryFolder(t);
  const { server, base } = await startStorage(t, {
    '/one.onnx': { content: 'one', etag: '"1"' },
    '/two.onnx': { content: 'two', etag: '"2"' },
  });
  const store = storeFor(t, folder, server);
  await fetchReferences(folderOf({ source: `${base}/one.onnx` }), store, never);
  const used = await fetchReferences(folderOf({ source: `${base}/two.onnx` }), store, never);
  const digests = (): string[] =>
    filesBelow(folder)
      .map((path) => path.replace(/^.*\//, ''))
      .sort();
  const all = digests();
  await store.sweep(keeping([]));
  assert.deepEqual(digests(), all);
  await store.sweep(keeping([], [used]));
  assert.deepEqual(
    filesBelow(folder).filter((path) => path.includes('/files/')),
    [`fetched/custom/files/${sha256Of('two')}`],
  );
  assert.equal(digests().length, 3);
  assert.equal(read(Object.values(used.fetched ?? {})[0]), 'two');
});
