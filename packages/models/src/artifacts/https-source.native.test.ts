import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test, type TestContext } from 'node:test';
import type { ArtifactSettings } from '@weft/config';
import { type FileServer, lookupTo, serve, startFileServer } from './testing/file-server.ts';
import { filesBelow, never, pushed, storeIn, temporaryFolder } from './testing/store-folder.ts';

const text = 'the weights of a model';

interface Placed {
  readonly settings?: Partial<ArtifactSettings>;
  readonly host?: string;
  readonly source?: string;
  readonly addresses?: string[];
}

/** Places a version whose one file the server has; resolves to the paths on disk, and rejects like `place`. */
async function place(t: TestContext, { port, ca }: FileServer, options: Placed = {}): Promise<string[]> {
  const { settings, host = 'models.example', addresses = ['127.0.0.1'] } = options;
  const folder = temporaryFolder(t);
  const store = storeIn(t, folder, {
    network: { lookup: lookupTo(...addresses), ...(ca === undefined ? {} : { ca }) },
    settings: { artifactHosts: ['models.example'], artifactPrivateHosts: ['models.example'], ...settings },
  });
  const source = options.source ?? `https://${host}:${port}/model.onnx?secret=1`;
  try {
    await store.place(pushed({ 'model.onnx': { text, source } }), { signal: never });
  } finally {
    assert.deepEqual(
      filesBelow(folder).filter((path) => path.includes('/partial/')),
      [],
    );
  }
  return filesBelow(folder);
}

const answer: RequestListener = (request, response) => serve(request, response, { content: text, etag: '"1"' });

test('a file is fetched by TLS from an allowed host, and only when the certificate is right', async (t) => {
  const server = await startFileServer(t, answer);
  assert.equal((await place(t, server)).length, 2);
  assert.equal(server.requests[0]?.headers['authorization'], undefined);
  const unknown = place(t, { ...server, ca: undefined });
  await assert.rejects(unknown, {
    code: 'UNAVAILABLE',
    message: /^file 'model.onnx': https:\/\/models.example:\d+ cannot be read/,
  });
});

test('a connection that breaks goes on from where it broke, while the ETag is the same', async (t) => {
  const server = await startFileServer(t, (request, response) =>
    serve(request, response, { content: text, etag: '"1"', ...(server.requests.length < 3 ? { breakAfter: 5 } : {}) }),
  );
  await place(t, server);
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.range),
    [undefined, 'bytes=5-', 'bytes=10-'],
  );
  assert.equal(server.requests[2]?.headers['if-range'], '"1"');
});

test('a file that changes between two attempts is read from its beginning', async (t) => {
  const server = await startFileServer(t, (request, response) => {
    if (server.requests.length > 1) return serve(request, response, { content: text, etag: '"2"' });
    return serve(request, response, { content: 'x'.repeat(text.length), etag: '"1"', breakAfter: 5 });
  });
  assert.equal((await place(t, server)).length, 2);
});

test('a host that has but a shorter file is refused at once', async (t) => {
  const server = await startFileServer(t, (request, response) => serve(request, response, { content: text.slice(1) }));
  await assert.rejects(place(t, server), { code: 'DATA_LOSS', message: /its source has 21 bytes, not 22/ });
  assert.equal(server.requests.length, 1);
});

test('a host in trouble is asked again, one that says no is not', async (t) => {
  const cases = [
    [503, 'UNAVAILABLE', 4],
    [429, 'UNAVAILABLE', 4],
    [404, 'NOT_FOUND', 1],
    [403, 'PERMISSION_DENIED', 1],
  ] as const;
  for (const [status, code, times] of cases) {
    const server = await startFileServer(t, (_request, response) => response.writeHead(status).end());
    const message = `file 'model.onnx': https://models.example:${server.port}/model.onnx answers with status ${status}`;
    await assert.rejects(place(t, server), { code, message });
    assert.equal(server.requests.length, times);
  }
});

test('a host that is not allowed is never asked, nor is plain HTTP where it was not said', async (t) => {
  const server = await startFileServer(t, answer);
  await assert.rejects(place(t, server, { host: 'other.example' }), {
    code: 'PERMISSION_DENIED',
    message: /other.example:\d+ is not among --artifact-hosts/,
  });
  const plain = await startFileServer(t, answer, false);
  const source = `http://models.example:${plain.port}/model.onnx`;
  await assert.rejects(place(t, plain, { source }), { code: 'PERMISSION_DENIED' });
  await place(t, plain, { source, settings: { artifactHosts: ['http://models.example'] } });
  const credentials = place(t, server, { source: `https://user:secret@models.example:${server.port}/x` });
  await assert.rejects(credentials, { code: 'INVALID_ARGUMENT', message: /^(?!.*secret)/ });
  assert.deepEqual([server.requests.length, plain.requests.length], [0, 1]);
});

test('a private address is refused where it is connected to, however the name is written', async (t) => {
  const server = await startFileServer(t, answer);
  const hosts = ['models.example', '127.0.0.1', '[::ffff:127.0.0.1]', '[::1]', '2130706433', '169.254.169.254'];
  for (const host of hosts) {
    const refused = place(t, server, { host, settings: { artifactHosts: hosts, artifactPrivateHosts: [] } });
    await assert.rejects(refused, { code: 'PERMISSION_DENIED', message: /has a private address/ });
  }
  const mapped = place(t, server, {
    addresses: ['::ffff:127.0.0.1', '10.0.0.1'],
    settings: { artifactPrivateHosts: [] },
  });
  await assert.rejects(mapped, { code: 'PERMISSION_DENIED', message: /models.example has a private address/ });
  assert.equal(server.requests.length, 0);
});

test('a redirect is followed to allowed hosts only, and not for ever', async (t) => {
  const target = await startFileServer(t, answer);
  let location = '';
  const server = await startFileServer(t, (_request, response) => response.writeHead(302, { location }).end());
  const settings = {
    artifactHosts: ['models.example', 'cdn.example'],
    artifactPrivateHosts: ['models.example', 'cdn.example'],
  };
  location = `https://cdn.example:${target.port}/x`;
  await place(t, server, { settings });
  assert.equal(target.requests.length, 1);
  await assert.rejects(place(t, server), { code: 'PERMISSION_DENIED', message: /cdn.example:\d+ is not among/ });
  const guarded = place(t, server, { settings: { ...settings, artifactPrivateHosts: ['models.example'] } });
  await assert.rejects(guarded, { code: 'PERMISSION_DENIED', message: /cdn.example has a private address/ });
  location = `http://cdn.example:${target.port}/x`;
  await assert.rejects(place(t, server, { settings }), { code: 'PERMISSION_DENIED' });
  location = 'file:///etc/passwd';
  await assert.rejects(place(t, server, { settings }), { code: 'PERMISSION_DENIED' });
  assert.equal(target.requests.length, 1);
  location = '/again';
  const before = server.requests.length;
  await assert.rejects(place(t, server), { code: 'PERMISSION_DENIED', message: /redirects too often/ });
  assert.equal(server.requests.length - before, 6);
});

test('a file that never ends is cut off at its size', async (t) => {
  const server = await startFileServer(t, (_request, response) => {
    const more = (): boolean => response.write('x'.repeat(1000)) && !response.destroyed && more();
    response.on('drain', more);
    more();
  });
  await assert.rejects(place(t, server), { code: 'DATA_LOSS', message: /longer than the 22 bytes/ });
});

test('a compressed answer is not taken for the file', async (t) => {
  const server = await startFileServer(t, (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
  );
  await assert.rejects(place(t, server), { code: 'DATA_LOSS', message: /in the encoding gzip/ });
});
