import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { parseConfigJson } from '../config-file.ts';
import { resolveArtifact } from '../artifact.ts';
import { fetchReferences } from './fetch-references.ts';
import { type FileServer, lookupTo, serve, startFileServer } from './testing/file-server.ts';
import { filesBelow, never, sha256Of, storeIn, temporaryFolder } from './testing/store-folder.ts';
import type { VersionStore } from './version-store.ts';

const text = 'the weights of a model';
const commit = 'a'.repeat(40);

/** Like huggingface.co: the endpoint names commit and digest, and redirects to where the bytes lie. */
async function startHub(t: TestContext, storage: RequestListener, digest = sha256Of(text)) {
  const cdn = await startFileServer(t, storage);
  const hub = await startFileServer(t, (_request, response) => {
    const location = `https://cdn.example:${cdn.port}/blob?X-Amz-Signature=secret`;
    const headers = { location, 'x-repo-commit': commit, 'x-linked-etag': `"${digest}"`, 'x-linked-size': text.length };
    response.writeHead(302, headers).end();
  });
  return { cdn, hub };
}

function storeFor(t: TestContext, folder: string, { hub }: { hub: FileServer }): VersionStore {
  writeFileSync(join(folder, 'token'), 'hf_secret\n');
  const hosts = ['models.example', 'cdn.example'];
  return storeIn(t, folder, {
    network: { ca: hub.ca ?? '', lookup: lookupTo('127.0.0.1') },
    settings: {
      artifactHosts: hosts,
      artifactPrivateHosts: hosts,
      hfEndpoint: `https://models.example:${hub.port}`,
      hfTokenFile: join(folder, 'token'),
    },
  });
}

const config = (source: string) =>
  parseConfigJson(JSON.stringify({ parameters: { 'weft.source': { stringValue: source } } }));

async function fetchModel(store: VersionStore, source: string): Promise<string | undefined> {
  const model = await fetchReferences({ directory: '/nowhere', config: config(source) }, store, never);
  return resolveArtifact(model, '1', []).model;
}

test('a model is fetched by its resolve URL, and the token goes to the endpoint alone', async (t) => {
  const servers = await startHub(t, (request, response) => serve(request, response, { content: text }));
  const model = await fetchModel(
    storeFor(t, temporaryFolder(t), servers),
    'hf:org/name@refs%2Fpr%2F1/onnx/model q8.onnx',
  );
  assert.match(model ?? '', /model q8\.onnx$/);
  const { url, headers } = servers.hub.requests[0] ?? {};
  assert.equal(url, '/org/name/resolve/refs%2Fpr%2F1/onnx/model%20q8.onnx');
  assert.equal(headers?.['authorization'], 'Bearer hf_secret');
  assert.equal(servers.cdn.requests[0]?.headers['authorization'], undefined);
});

test('a download that breaks goes on with the commit that it began with', async (t) => {
  const servers = await startHub(t, (request, response) =>
    serve(request, response, { content: text, ...(servers.cdn.requests.length === 1 ? { breakAfter: 4 } : {}) }),
  );
  await fetchModel(storeFor(t, temporaryFolder(t), servers), 'hf:org/name/model.onnx');
  const asked = servers.hub.requests.map(({ url, headers }) => [url, headers.range]);
  assert.deepEqual(asked, [
    ['/org/name/resolve/main/model.onnx', undefined],
    [`/org/name/resolve/${commit}/model.onnx`, 'bytes=4-'],
  ]);
});

test('a commit is fetched once for ever, a branch is asked for its commit', async (t) => {
  const folder = temporaryFolder(t);
  const servers = await startHub(t, (request, response) => serve(request, response, { content: text }));
  for (const source of ['hf:org/name/model.onnx', `hf:org/name@${commit}/model.onnx`]) {
    await fetchModel(storeFor(t, folder, servers), source);
    await fetchModel(storeFor(t, folder, servers), source);
  }
  assert.equal(servers.hub.requests.length, 3);
});

test('what is not what the endpoint says it is, is refused', async (t) => {
  const folder = temporaryFolder(t);
  const servers = await startHub(
    t,
    (request, response) => serve(request, response, { content: text }),
    sha256Of('other'),
  );
  const fetched = fetchModel(storeFor(t, folder, servers), 'hf:org/name/model.onnx');
  await assert.rejects(fetched, { code: 'DATA_LOSS', message: /^'hf:org\/name\/model.onnx': its sha-256 digest is/ });
  assert.deepEqual(filesBelow(folder), ['token']);
});

test('a token file that cannot be read, and references that cannot be meant, are refused', async (t) => {
  const folder = temporaryFolder(t);
  const servers = await startHub(t, (request, response) => serve(request, response, { content: text }));
  const store = storeFor(t, folder, servers);
  for (const source of [
    'hf:name/model.onnx',
    'hf:org/name/../x',
    'hf:org/name@/x',
    'hf:../../x/y',
    'hf:org/name@%zz/x',
    'hf:org/name@../x',
    'hf:org/name@./x',
    'hf:org/name@refs%2F..%2F..%2Fx/x',
  ])
    await assert.rejects(fetchModel(store, source), { code: 'INVALID_ARGUMENT', message: /is no reference/ });
  rmSync(join(folder, 'token'));
  await assert.rejects(fetchModel(store, 'hf:org/name/x'), { code: 'FAILED_PRECONDITION', message: /--hf-token-file/ });
  assert.equal(servers.hub.requests.length, 0);
});
