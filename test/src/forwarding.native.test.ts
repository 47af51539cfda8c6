// What the router does with a call on its way: bytes unchanged, deadlines and cancellation carried through, messages up to
// the limit.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { Client, credentials, status } from '@grpc/grpc-js';
import { rpcMethod } from '@weft/rpc';
import { busyLoop, eightfold, identity, temporaryFolder, writeModel } from './testing/author-models.ts';
import { type Dialled, dial } from './testing/dial.ts';
import { inferFloats, inferPath, inferRounds } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh, startRouterOver } from './testing/local-mesh.ts';
import { type PlayedReplica, playReplica } from './testing/played-replica.ts';

const embed = '/weft.nlp.v1.NlpService/Embed';
const mebibyte = 2 ** 20;
const folder = temporaryFolder();
let mesh: LocalMesh;

before(async () => {
  await writeModel(folder.path, 'large', { graph: identity() });
  await writeModel(folder.path, 'eightfold', { graph: eightfold() });
  await writeModel(folder.path, 'busy', { graph: busyLoop() });
  mesh = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

/** A router over a played replica with the model `m`, which takes up to four rows. */
async function played(t: TestContext, ...args: string[]): Promise<{ replica: PlayedReplica; to: Dialled }> {
  const served = { name: 'm', version: '1', state: 'MODEL_STATE_READY' as const, maxBatchSize: 4, instances: 1 };
  const models = [{ ...served, config: { name: 'm', maxBatchSize: 4 }, methods: [embed] }];
  const methods = [{ path: embed, defaultModel: 'm' }];
  const replica = await playReplica({ replicaId: 'r', service: 'nlp', models, methods });
  const router = await startRouterOver([replica.address], { args });
  const to = dial(router.address);
  t.after(async () => {
    to.close();
    await replica.stop();
    await router.stop();
  });
  return { replica, to };
}

describe('a request', () => {
  test('reaches the replica byte for byte, unknown fields, order and repetitions included', async (t) => {
    const { replica, to } = await played(t);
    await replica.grant();
    // texts, then an unknown field, the model twice (the last one counts), and a group that no schema has.
    const text = Buffer.from([0x1a, 0x01, 0x61]);
    const unknown = Buffer.from([0xfa, 0x3f, 0x03, 0x01, 0x02, 0x03]);
    const request = Buffer.concat([text, unknown, Buffer.from([0x0a, 0x01, 0x7a, 0x0a, 0x01, 0x6d]), text]);
    const answer = to.call(embed, request);
    await replica.until(() => replica.batches.length === 1);
    const [batch] = replica.batches;
    assert.deepEqual(
      batch?.items.map(({ payload, rows }) => [payload.toString('hex'), rows]),
      [[request.toString('hex'), 2]],
    );
    assert.equal(batch?.method, embed);
    batch?.answer([Buffer.alloc(0)]);
    assert.equal((await answer).result, 'OK');
  });

  test('gets the bytes that the replica answered, unknown fields included', async (t) => {
    const { replica, to } = await played(t);
    await replica.grant();
    const answer = new Promise<Buffer>((resolve, reject) => {
      const bytes = (message: Buffer) => message;
      to.client.makeUnaryRequest(embed, bytes, bytes, Buffer.alloc(0), (error, response) =>
        error === null && response !== undefined ? resolve(response) : reject(error ?? new Error('no response')),
      );
    });
    await replica.until(() => replica.batches.length === 1);
    const response = Buffer.from([0xfa, 0x3f, 0x02, 0x09, 0x08]);
    replica.batches[0]?.answer([response]);
    assert.deepEqual(await answer, response);
  });

  test('tells the replica what is left of its deadline, and whose it is', async (t) => {
    const { replica, to } = await played(t);
    await replica.grant();
    const headers = { 'weft-tenant': 'team-a' };
    const answer = to.call(embed, {}, { deadline: Date.now() + 20_000, headers });
    await replica.until(() => replica.batches.length === 1);
    const [item] = replica.batches[0]?.items ?? [];
    assert.ok(item !== undefined && item.timeoutUs > 15_000_000 && item.timeoutUs <= 20_000_000, `${item?.timeoutUs}`);
    assert.equal(item.tenant, 'team-a');
    replica.batches[0]?.answer([Buffer.alloc(0)]);
    await answer;
  });

  test('has its deadline, whatever its timeout parameter: that bounds its wait at the router', async (t) => {
    const { replica, to } = await played(t);
    await replica.grant();
    const request = inferFloats('m', [1], { parameters: { timeout: { int64Param: 2_000_000 } } });
    const answer = to.call(inferPath, request, { deadline: Date.now() + 20_000 });
    await replica.until(() => replica.batches.length === 1);
    const timeoutUs = replica.batches[0]?.items[0]?.timeoutUs ?? 0;
    assert.ok(timeoutUs > 15_000_000 && timeoutUs <= 20_000_000, `${timeoutUs}`);
    replica.batches[0]?.answer([Buffer.alloc(0)]);
    await answer;
  });
});

describe('a client that cancels', () => {
  test('while its call waits takes it out of the queue', async (t) => {
    const { replica, to } = await played(t);
    const [gone, stays] = [to.call(inferPath, inferFloats('m', [1])), to.call(inferPath, inferFloats('m', [2]))];
    // The third arrives when the first two have: they are one connection's streams, in order.
    const third = to.call('/inference.GRPCInferenceService/ServerLive', {});
    await third;
    gone.cancel();
    assert.match((await gone).result, /^CANCELLED/);
    await to.call('/inference.GRPCInferenceService/ServerLive', {});
    await replica.grant();
    await replica.until(() => replica.batches.length === 1);
    assert.equal(replica.batches[0]?.items.length, 1);
    replica.batches[0]?.answer([Buffer.alloc(0)]);
    assert.equal((await stays).result, 'OK');
  });

  test('while its batch is at the replica is cancelled there, and its batch-mates are answered', async (t) => {
    const { replica, to } = await played(t);
    // The order in a batch is that of the deadlines.
    const calls = [1, 2, 3].map((value) =>
      to.call(inferPath, inferFloats('m', [value]), { deadline: Date.now() + 10_000 * value }),
    );
    await to.call('/inference.GRPCInferenceService/ServerLive', {});
    await replica.grant();
    await replica.until(() => replica.batches.length === 1);
    calls[1]?.cancel();
    await replica.until(() => replica.cancels.length === 1);
    assert.deepEqual(
      replica.cancels.map(({ items }) => items),
      [[1]],
    );
    replica.batches[0]?.answer([
      Buffer.alloc(0),
      { code: 1, message: 'the client cancelled', requestId: '' },
      Buffer.alloc(0),
    ]);
    assert.deepEqual(
      (await Promise.all(calls)).map(({ result }) => result.split(' ')[0]),
      ['OK', 'CANCELLED', 'OK'],
    );
  });

  test('or whose deadline passes, while a worker is busy with another, is not computed there', {
    timeout: 30_000,
  }, async () => {
    // The first keeps the only instance busy; those behind it would take minutes if anything computed them.
    const first = mesh.client.call(inferPath, inferRounds('busy', 200_000));
    await mesh.client.call('/inference.GRPCInferenceService/ServerLive', {});
    const forgotten = [
      mesh.client.call(inferPath, inferRounds('busy', 1e9)),
      mesh.client.call(inferPath, inferRounds('busy', 1e9)),
    ];
    const late = mesh.client.call(inferPath, inferRounds('busy', 1e9), { deadline: Date.now() + 50 });
    await mesh.client.call('/inference.GRPCInferenceService/ServerLive', {});
    for (const call of forgotten) call.cancel();
    assert.equal((await first).result, 'OK');
    assert.match((await late).result, /^DEADLINE_EXCEEDED/);
    assert.equal((await mesh.client.call(inferPath, inferRounds('busy', 1))).result, 'OK');
  });
});

describe('a message', () => {
  const floats = (count: number) => Buffer.alloc(count * 4, 0x3f);
  const large = (count: number) => ({
    modelName: 'large',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, count] }],
    rawInputContents: [floats(count)],
  });

  test('of 40 MiB goes through and comes back whole', async () => {
    const count = 10 * mebibyte;
    const response = await mesh.client.ask<{ rawOutputContents: Buffer[] }>(inferPath, large(count));
    assert.ok(response.rawOutputContents[0]?.equals(floats(count)));
  });

  test('of just the limit of 64 MiB goes through, and one byte more is RESOURCE_EXHAUSTED', async (t) => {
    const { replica, to } = await played(t);
    await replica.grant();
    const limit = 64 * mebibyte;
    const request = (id: string, contents: Buffer) => ({
      modelName: 'm',
      id,
      inputs: [{ name: 'x' }],
      rawInputContents: [contents],
    });
    const around = encode(request('i', Buffer.alloc(mebibyte * 60))).length - mebibyte * 60;
    const contents = Buffer.alloc(limit - around);
    const whole = to.call(inferPath, request('i', contents));
    await replica.until(() => replica.batches.length === 1);
    assert.equal(replica.batches[0]?.items[0]?.payload.length, limit);
    replica.batches[0]?.answer([Buffer.alloc(0)]);
    assert.equal((await whole).result, 'OK');
    const { result } = await to.call(inferPath, request('ii', contents));
    assert.match(result, /^RESOURCE_EXHAUSTED .*67108865.*67108864/);
  });

  test('over the limit leaves the connection and other calls alone', async (t) => {
    const { replica, to } = await played(t, '--max-message-bytes', '1MiB');
    await replica.grant();
    const [small, over] = [to.call(embed, { texts: ['a'] }), to.call(embed, { texts: ['x'.repeat(mebibyte)] })];
    assert.match((await over).result, /^RESOURCE_EXHAUSTED/);
    await replica.until(() => replica.batches.length === 1);
    replica.batches[0]?.answer([Buffer.alloc(0)]);
    assert.equal((await small).result, 'OK');
  });

  test('that is compressed counts by what it unpacks to', async (t) => {
    const { replica, to } = await played(t, '--max-message-bytes', '1MiB');
    await replica.grant();
    const compressing = new Client(to.address, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': 2,
    });
    t.after(() => compressing.close());
    const bytes = (message: Buffer) => message;
    const embedding = (text: string) =>
      new Promise<string>((resolve) => {
        const request = rpcMethod(embed).encodeRequest({ texts: [text] });
        compressing.makeUnaryRequest(embed, bytes, bytes, request, (error) =>
          resolve(error === null ? 'OK' : (status[error.code] as string)),
        );
      });
    const [bomb, sound] = [embedding('x'.repeat(50 * mebibyte)), embedding('x'.repeat(mebibyte / 2))];
    await replica.until(() => replica.batches.length === 1);
    assert.equal(replica.batches[0]?.items[0]?.payload.toString().slice(-1000), 'x'.repeat(1000));
    replica.batches[0]?.answer([Buffer.alloc(0)]);
    assert.deepEqual([await bomb, await sound], ['RESOURCE_EXHAUSTED', 'OK']);
  });

  test('that answers one of a batch counts alone, however large the answers are together', async (t) => {
    const router = await startRouterOver([mesh.custom.address], { args: ['--max-message-bytes', '10MiB'] });
    const to = dial(router.address);
    t.after(async () => {
      to.close();
      await router.stop();
    });
    const request = inferFloats('eightfold', new Array<number>(mebibyte / 4).fill(1));
    const infer = () => to.ask<{ rawOutputContents: Buffer[] }>(inferPath, request);
    const responses = await Promise.all(Array.from({ length: 12 }, infer));
    const sizes = responses.map(({ rawOutputContents }) => rawOutputContents[0]?.length);
    assert.deepEqual(sizes, new Array(12).fill(8 * mebibyte));
  });

  test('that would answer over the limit is RESOURCE_EXHAUSTED, and says so', async () => {
    const { result } = await mesh.client.call(
      inferPath,
      inferFloats('eightfold', new Array<number>(3 * mebibyte).fill(1)),
    );
    assert.match(
      result,
      /^RESOURCE_EXHAUSTED the response has 1006\d{5} bytes, more than the limit of 67108864 for a message$/,
    );
  });
});

function encode(request: object): Buffer {
  return rpcMethod(inferPath).encodeRequest(request);
}
