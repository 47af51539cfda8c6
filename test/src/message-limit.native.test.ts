// A message limit that is smaller than the pieces in which messages travel between router and replica: clients meet it, the mesh
// does not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rpcMethod } from '@weft/rpc';
import { eightfold, temporaryFolder, writeModel } from './testing/author-models.ts';
import { floatsOf, inferFloats, inferPath } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh } from './testing/local-mesh.ts';

const limit = 2 ** 20;
const folder = temporaryFolder();
let mesh: LocalMesh;

function started(limits: { readonly router: number; readonly custom: number }): Promise<LocalMesh> {
  const args = (bytes: number) => ({ args: [`--max-message-bytes=${bytes}`] });
  return startLocalMesh(folder.path, { custom: args(limits.custom), router: args(limits.router) });
}

before(async () => {
  await writeModel(folder.path, 'eightfold', { graph: eightfold() });
  mesh = await started({ router: limit, custom: limit });
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

/** A request of so many bytes, encoded, for an answer of eight times its floats. */
function requestOf(bytes: number, floats = 1): Buffer {
  const { encodeRequest } = rpcMethod(inferPath);
  const values = new Array<number>(floats).fill(3);
  const padded = (length: number): Buffer =>
    encodeRequest(inferFloats('eightfold', values, { parameters: { note: { stringParam: 'x'.repeat(length) } } }));
  return padded(bytes * 2 - padded(bytes).length);
}

const lost = ({ router, custom }: LocalMesh): number =>
  [...router.lines, ...custom.lines].filter(({ event }) => /attach|replica\.lost/.test(String(event))).length;

test('a request of just the limit is answered, and one byte more is refused to the one who sent it', async () => {
  for (const { call } of [mesh.client, mesh.direct]) {
    assert.equal((await call(inferPath, requestOf(limit))).result, 'OK');
    assert.equal(
      (await call(inferPath, requestOf(limit + 1))).result,
      `RESOURCE_EXHAUSTED Received message larger than max (${limit + 1} vs ${limit})`,
    );
  }
  assert.equal(lost(mesh), 0);
});

test('a batch may be answered with more than the limit, and each of its answers not', async () => {
  const floats = 30_000;
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => mesh.client.call(inferPath, requestOf(130_000, floats))),
  );
  assert.deepEqual(
    answers.map(({ result, response }) => [result, floatsOf(response).length]),
    answers.map(() => ['OK', floats * 8]),
  );
  assert.match(
    (await mesh.client.call(inferPath, requestOf(140_000, 33_000))).result,
    /^RESOURCE_EXHAUSTED the response has 105\d{4} bytes, more than the limit of 1048576 for a message$/,
  );
  assert.equal(lost(mesh), 0);
});

test('what one process lets in and the other does not is refused alone, however large', async (t) => {
  const patient = await started({ router: 16 * limit, custom: limit });
  t.after(() => patient.stop());
  for (const bytes of [limit + 1, 3 * limit, 10 * limit])
    assert.equal(
      (await patient.client.call(inferPath, requestOf(bytes))).result,
      `RESOURCE_EXHAUSTED the request has ${bytes} bytes, more than the limit of ${limit} for a message`,
    );
  assert.equal((await patient.client.call(inferPath, requestOf(limit))).result, 'OK');
  assert.equal(lost(patient), 0);
});

test('an answer that the router does not let out is refused alone, however large', async (t) => {
  const strict = await started({ router: limit, custom: 16 * limit });
  t.after(() => strict.stop());
  for (const floats of [33_000, 200_000])
    assert.match(
      (await strict.client.call(inferPath, requestOf(limit, floats))).result,
      /^RESOURCE_EXHAUSTED Sent message larger than max \(\d+ vs. 1048576\)$/,
    );
  assert.equal((await strict.client.call(inferPath, requestOf(limit))).result, 'OK');
  assert.equal(lost(strict), 0);
});
