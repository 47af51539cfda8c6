// Pushes over real gRPC, from real files.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect, type WeftClient } from '../connect.ts';
import { FakeAdmin } from '../testing/fake-admin.ts';
import { Refusal, startFakeRouter } from '../testing/fake-router.ts';
import type { PushProgress } from './push-request.ts';

describe('a push', { timeout: 60_000 }, () => {
  const cleanUps: (() => void)[] = [];
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'weft-push-'));
  });
  after(() => {
    for (const cleanUp of cleanUps) cleanUp();
    rmSync(folder, { recursive: true });
  });

  async function start(): Promise<{ admin: FakeAdmin; client: WeftClient }> {
    const admin = new FakeAdmin();
    const router = await startFakeRouter({}, undefined, admin);
    const retry = { maxRetries: 3, initialBackoffMs: 1, maxBackoffMs: 2 };
    const client = connect({ router: router.address, retry });
    cleanUps.push(
      () => client.close(),
      () => router.stop(),
    );
    return { admin, client };
  }

  function file(path: string, bytes: number, seed = 1) {
    const content = Buffer.alloc(bytes);
    for (let at = 0; at < bytes; at += 64) content.writeUInt32LE((at + seed) >>> 0, at);
    const name = join(folder, `${path.replace('/', '-')}-${bytes}-${seed}`);
    writeFileSync(name, content);
    return { path, file: name, content };
  }

  test('sends every file whole, and tells version, revision and what the replicas made of it', async () => {
    const { admin, client } = await start();
    const model = file('model.onnx', 3_000_000);
    const labels = file('labels/coco.txt', 128 * 3);
    const stages: PushProgress[] = [];
    const result = await client.admin.push(
      { name: 'fraud', service: 'custom', files: [model, labels], canaryShare: 0.1 },
      { onProgress: (progress) => stages.push(progress) },
    );
    assert.equal(result.version, '1');
    assert.equal(result.revision, 1);
    assert.equal(result.uploadedBytes, 3_000_384);
    assert.deepEqual(
      result.outcome.replicas.map(({ replicaId, settled, problem }) => [replicaId, settled, problem]),
      [
        ['r1', true, ''],
        ['r2', true, ''],
      ],
    );
    const digest = createHash('sha256').update(model.content).digest('hex');
    assert.deepEqual(admin.stored.get(digest), model.content);
    assert.equal(admin.models.get('fraud')?.desired.versions[0]?.files[1]?.path, 'labels/coco.txt');
    assert.equal(admin.models.get('fraud')?.desired.rollout?.canaryShare, 0.1);
    assert.deepEqual([...new Set(stages.map(({ stage }) => stage))], ['digest', 'upload', 'published', 'replicas']);
  });

  test('does not send again what the router has', async () => {
    const { client } = await start();
    const shared = file('weights.bin', 200_000);
    await client.admin.push({ name: 'a', files: [shared] });
    const { uploadedBytes, version } = await client.admin.push({ name: 'a', files: [shared, file('x', 64)] });
    assert.deepEqual({ uploadedBytes, version }, { uploadedBytes: 64, version: '2' });
  });

  test('goes on after a lost connection with what is missing, and publishes one version', async () => {
    const { admin, client } = await start();
    let losses = 0;
    admin.onPiece = (storedBytes) => {
      if (storedBytes > 1_100_000 && losses++ === 0) throw new Refusal('UNAVAILABLE', 'the router is stopping');
    };
    const files = [file('first', 1_000_000), file('second', 1_000_000, 7)];
    const { version, uploadedBytes } = await client.admin.push({ name: 'fraud', files });
    assert.equal(losses > 0, true);
    assert.equal(version, '1');
    // The first file once; of the second one a piece, and then all of it.
    assert.ok(uploadedBytes < 3_000_000, String(uploadedBytes));
    assert.equal(admin.models.get('fraud')?.desired.versions.length, 1);
  });

  test('that lost its connection after it was published is not published twice', async () => {
    const { admin, client } = await start();
    let losses = 0;
    admin.onPublished = () => {
      if (losses++ === 0) throw new Refusal('UNAVAILABLE', 'the router is stopping');
    };
    const { version, revision } = await client.admin.push({ name: 'fraud', files: [file('model.onnx', 6400)] });
    assert.deepEqual({ version, revision, losses }, { version: '1', revision: 1, losses: 2 });
    assert.equal(admin.revision, 1);
  });

  test('a file that shrank meanwhile ends it, and nothing is published', async () => {
    const { admin, client } = await start();
    const model = file('model.onnx', 2_000_000);
    const outcome = client.admin.push(
      { name: 'fraud', files: [model] },
      { onProgress: ({ stage }) => stage === 'upload' && truncateSync(model.file, 1_000) },
    );
    await assert.rejects(outcome, { code: 'FAILED_PRECONDITION', message: /has changed while it was pushed/ });
    assert.equal(admin.models.size, 0);
  });

  test('a file that is not there sends nothing', async () => {
    const { admin, client } = await start();
    const files = [{ path: 'model.onnx', file: join(folder, 'nowhere') }];
    await assert.rejects(client.admin.push({ name: 'fraud', files }), { code: 'NOT_FOUND', message: /no such file/ });
    assert.equal(admin.requests.length, 0);
  });

  test('an abort in mid-upload cancels it, and nothing is published', async () => {
    const { admin, client } = await start();
    const controller = new AbortController();
    admin.onPiece = () => controller.abort();
    const files = [file('model.onnx', 5_000_000)];
    const outcome = client.admin.push({ name: 'fraud', files }, { signal: controller.signal });
    await assert.rejects(outcome, { code: 'CANCELLED' });
    assert.equal(admin.models.size, 0);
  });

  test('an abort while the files are read sends nothing', async () => {
    const { admin, client } = await start();
    const controller = new AbortController();
    const outcome = client.admin.push(
      { name: 'fraud', files: [file('model.onnx', 5_000_000)] },
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    await assert.rejects(outcome, { code: 'CANCELLED' });
    assert.equal(admin.requests.length, 0);
  });

  test('a deadline that passes while the replicas act says that the version is published', async () => {
    const { admin, client } = await start();
    admin.onPublished = () => new Promise(() => {});
    const outcome = client.admin.push({ name: 'fraud', files: [file('model.onnx', 64)] }, { timeoutMs: 300 });
    await assert.rejects(outcome, { code: 'DEADLINE_EXCEEDED', message: /^version 1 is published, but not how far/ });
  });

  test('another content under the same version is refused with the words of the router, once', async () => {
    const { admin, client } = await start();
    await client.admin.push({ name: 'fraud', version: '3', files: [file('model.onnx', 64)] });
    const again = client.admin.push({ name: 'fraud', version: '3', files: [file('model.onnx', 640)] });
    await assert.rejects(again, { code: 'ALREADY_EXISTS', message: /other content/ });
    assert.equal(admin.requests.length, 2);
  });
});
