// Every row of the API's table of limits and errors, through the router. What concerns credentials is in
// credentials.native.test.ts; the rows about texts and images meet the real services with one real model each.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { ReplicaState } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import sharp from 'sharp';
import { copyDefaultModel, fragile, identity, temporaryFolder, writeModel } from './testing/author-models.ts';
import { type Dialled, dial } from './testing/dial.ts';
import { inferFloats, inferPath } from './testing/infer-request.ts';
import { startModelService, startRouterOver, type StartedService } from './testing/local-mesh.ts';
import { type PlayedReplica, playReplica } from './testing/played-replica.ts';

const embed = '/weft.nlp.v1.NlpService/Embed';
const detect = '/weft.vision.v1.VisionService/Detect';
const analyzeVideo = '/weft.vision.v1.VisionService/AnalyzeVideo';
const folder = temporaryFolder();
const started: StartedService[] = [];
let router: StartedService;
let custom: StartedService;
let client: Dialled;

before(async () => {
  await copyDefaultModel(folder.path, 'nlp/use-lite');
  await copyDefaultModel(folder.path, 'vision/blazeface');
  await writeModel(folder.path, 'rows', { graph: identity('FP32', ['rows', 2]) });
  await writeModel(folder.path, 'fragile', { graph: fragile() });
  const services = await Promise.all(
    (['custom', 'nlp', 'vision'] as const).map((name) => startModelService(name, folder.path)),
  );
  started.push(...services);
  await Promise.all(services.map(({ service }) => service.ready));
  custom = services[0] as StartedService;
  router = await startRouterOver(services.map(({ address }) => address));
  client = dial(router.address);
});

after(async () => {
  client.close();
  await router.stop();
  await Promise.all(started.map((service) => service.stop()));
  folder.remove();
});

/** A black PNG. */
function png(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: 'black' } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

async function result(path: string, request: object): Promise<string> {
  return (await client.call(path, request)).result;
}

/** A router over a replica that the test plays. */
async function played(
  t: TestContext,
  state: ReplicaState,
  ...args: string[]
): Promise<{ replica: PlayedReplica; to: Dialled; over: StartedService }> {
  const replica = await playReplica(state);
  const over = await startRouterOver([replica.address], { args });
  const to = dial(over.address);
  t.after(async () => {
    to.close();
    await replica.stop();
    await over.stop();
  });
  return { replica, to, over };
}

const serving = { name: 'm', version: '1', state: 'MODEL_STATE_READY', maxBatchSize: 1, instances: 1 } as const;

describe('texts', () => {
  const cases: Readonly<Record<string, readonly [object, string]>> = {
    none: [{ texts: [] }, 'texts: must hold at least one text'],
    'one over the byte limit': [
      { texts: ['ok', 'x'.repeat(2 ** 20 + 1)] },
      'texts[1]: 1048577 bytes, the limit is 1048576 bytes',
    ],
    'more than the limit': [{ texts: new Array(1025).fill('x') }, 'texts: holds 1025 texts, the limit is 1024'],
  };
  for (const [what, [request, message]] of Object.entries(cases)) {
    test(`${what}: INVALID_ARGUMENT, naming the field and the limit`, async () => {
      assert.equal(await result(embed, { model: 'use-lite', ...request }), `INVALID_ARGUMENT ${message}`);
    });
  }

  test('that are in order are embedded by the model that was asked for', async () => {
    const response = await client.ask<{ model: string; modelVersion: string; embeddings: { values: number[] }[] }>(
      embed,
      {
        model: 'use-lite',
        texts: ['a', 'b'],
      },
    );
    assert.deepEqual([response.model, response.modelVersion], ['use-lite', '1']);
    assert.deepEqual(
      response.embeddings.map(({ values }) => values.length),
      [512, 512],
    );
  });
});

describe('an image', () => {
  const raw = { width: 2, height: 2, channels: 3, pixels: Buffer.alloc(12) };
  const cases: Readonly<Record<string, readonly [object | (() => Promise<object>), RegExp]>> = {
    'that is missing': [{}, /^image: empty image$/],
    'that is empty': [{ image: { encoded: Buffer.alloc(0) } }, /^image: empty image$/],
    'of an unknown format': [{ image: { encoded: Buffer.from('no image at all') } }, /^image: unknown image format/],
    'that is truncated': [
      async () => ({ image: { encoded: (await png(64, 64)).subarray(0, 80) } }),
      /^image: PNG image is truncated or damaged$/,
    ],
    'without a width': [
      { image: { raw: { ...raw, width: 0 } } },
      /^image\.raw: width and height must be at least 1, got 0×2$/,
    ],
    'of a negative height': [{ image: { raw: { ...raw, height: -1 } } }, /^image\.raw: /],
    'of another size than it says': [
      { image: { raw: { ...raw, height: 3 } } },
      /^image\.raw\.pixels: expected 18 bytes .* got 12$/,
    ],
    'over the pixel limit': [
      async () => ({ image: { encoded: await png(10_000, 5_001) } }),
      /^image: 10000×5001 is 50010000 pixels, over the limit of 50000000$/,
    ],
  };
  for (const [what, [request, message]] of Object.entries(cases)) {
    test(`${what}: INVALID_ARGUMENT, naming the field and the limit`, async () => {
      const made = typeof request === 'function' ? await request() : request;
      const answer = await result(detect, { model: 'blazeface', ...made });
      assert.match(answer, /^INVALID_ARGUMENT /);
      assert.match(answer.slice('INVALID_ARGUMENT '.length), message);
    });
  }

  test('that is in order is answered', async () => {
    const { detections } = await client.ask<{ detections: unknown[] }>(detect, {
      model: 'blazeface',
      image: { encoded: await png(64, 64) },
    });
    assert.deepEqual(detections, []);
  });
});

describe('a model', () => {
  const request = { texts: ['a'] };

  test('nobody knows: NOT_FOUND, naming it, for typed and Open Inference calls alike', async () => {
    const expected = "NOT_FOUND Request for unknown model: 'nope' is not found";
    assert.equal(await result(embed, { ...request, model: 'nope' }), expected);
    assert.equal(await result(inferPath, inferFloats('nope', [1, 2])), expected);
  });

  test('of a version nobody knows: NOT_FOUND, naming both', async () => {
    const expected = (name: string) => `NOT_FOUND Request for unknown model: '${name}' version 7 is not found`;
    assert.equal(await result(embed, { ...request, model: 'use-lite', modelVersion: '7' }), expected('use-lite'));
    assert.equal(await result(inferPath, inferFloats('rows', [1, 2], { modelVersion: '7' })), expected('rows'));
  });

  test('without a name in an Open Inference call: INVALID_ARGUMENT', async () => {
    assert.equal(await result(inferPath, inferFloats('', [1, 2])), 'INVALID_ARGUMENT Model name cannot be empty');
  });

  test('that does not serve the method: INVALID_ARGUMENT, saying what it serves', async () => {
    const answer = await result(embed, { ...request, model: 'blazeface' });
    assert.equal(
      answer,
      `INVALID_ARGUMENT model 'blazeface' does not serve ${embed}; it serves ${detect}, ${analyzeVideo}`,
    );
  });

  test('that is not ready: UNAVAILABLE, saying why', async (t) => {
    const models = [
      { ...serving, name: 'loading', state: 'MODEL_STATE_LOADING' as const },
      { ...serving, name: 'failed', state: 'MODEL_STATE_UNAVAILABLE' as const, reason: 'no such operator' },
    ];
    const { to } = await played(t, { replicaId: 'r', service: 'custom', models });
    const prefix = (name: string) => `UNAVAILABLE model '${name}' version 1 is not at ready state: `;
    assert.equal((await to.call(inferPath, inferFloats('loading', [1]))).result, `${prefix('loading')}LOADING`);
    assert.equal(
      (await to.call(inferPath, inferFloats('failed', [1]))).result,
      `${prefix('failed')}UNAVAILABLE: no such operator`,
    );
  });

  test('whose replica drains, or is gone: UNAVAILABLE, saying which', async (t) => {
    const state = { replicaId: 'r', service: 'custom', models: [serving] };
    const { to, replica, over } = await played(t, { ...state, draining: true });
    const prefix = "UNAVAILABLE model 'm' version 1 is not at ready state: its replica is ";
    assert.equal((await to.call(inferPath, inferFloats('m', [1]))).result, `${prefix}draining`);
    await replica.stop();
    await over.logged('replica.lost');
    assert.equal((await to.call(inferPath, inferFloats('m', [1]))).result, `${prefix}not connected`);
  });

  test('of a method that no replica serves: UNAVAILABLE, not UNIMPLEMENTED', async (t) => {
    const { to } = await played(t, { replicaId: 'r', service: 'custom', models: [] });
    assert.equal((await to.call(embed, request)).result, `UNAVAILABLE no replica serves ${embed}`);
  });
});

describe('a queue', () => {
  const state = { replicaId: 'r', service: 'custom', models: [serving] };

  test('that is full: RESOURCE_EXHAUSTED with retry pushback, and what waits is answered', async (t) => {
    const { to, replica } = await played(t, state, '--max-queue-size', '2');
    const waiting = [to.call(inferPath, inferFloats('m', [1])), to.call(inferPath, inferFloats('m', [2]))];
    const shed = await Promise.race([...waiting, to.call(inferPath, inferFloats('m', [3]))]);
    assert.equal(shed.result, 'RESOURCE_EXHAUSTED Exceeds maximum queue size');
    // The two that wait take a millisecond each, as far as is known: the least that is ever asked for.
    assert.equal(shed.trailers['grpc-retry-pushback-ms'], '10');
    for (const count of [1, 2]) {
      await replica.grant();
      await replica.until(() => replica.batches.length === count);
      replica.batches[count - 1]?.answer([Buffer.alloc(0)]);
    }
    assert.deepEqual(
      (await Promise.all(waiting)).map((outcome) => outcome.result),
      ['OK', 'OK'],
    );
  });

  test('in which the timeout of the request passes: DEADLINE_EXCEEDED, saying how long it queued', async (t) => {
    const { to } = await played(t, state);
    const parameters = { timeout: { int64Param: 30_000 } };
    const { result: answer } = await to.call(inferPath, inferFloats('m', [1], { parameters }));
    const [, queuedMs] =
      /^DEADLINE_EXCEEDED Request timeout expired: it may wait no longer after (\d+) ms in the queue of model 'm'$/.exec(
        answer,
      ) ?? [];
    assert.ok(Number(queuedMs) >= 27, answer);
  });

  test('in which the deadline of the call passes: DEADLINE_EXCEEDED, and nothing is sent to the replica later', async (t) => {
    const { to, replica } = await played(t, state);
    const { result: answer } = await to.call(inferPath, inferFloats('m', [1]), { deadline: Date.now() + 50 });
    assert.match(answer, /^DEADLINE_EXCEEDED /);
    const next = to.call(inferPath, inferFloats('m', [2]));
    await replica.grant();
    await replica.until(() => replica.batches.length === 1);
    const [batch] = replica.batches;
    batch?.answer([Buffer.alloc(0)]);
    await next;
    assert.equal(batch?.items.length, 1);
    assert.deepEqual(batch.items[0]?.payload.subarray(-4), Buffer.from(Float32Array.of(2).buffer));
  });
});

describe('an unexpected failure', () => {
  test('is INTERNAL "internal error"; its cause stands in the log of the service under the id of the trailer', async () => {
    const { result: answer, trailers } = await client.call(
      inferPath,
      inferFloats('fragile', [1, 2, 3], { shape: [3] }),
    );
    assert.equal(answer, 'INTERNAL internal error');
    assert.deepEqual(
      Object.keys(trailers).filter((key) => !['x-request-id', 'content-type', 'date'].includes(key)),
      [],
    );
    const requestId = trailers['x-request-id'];
    assert.match(String(requestId), /^[0-9a-f-]{36}$/);
    const [incident] = custom.lines.filter(
      (line) => line['requestId'] === requestId && line['event'] === 'infer.failed',
    );
    assert.match(String(incident?.['cause']), /reshape/i);
    const [failure] = router.lines.filter((line) => line['requestId'] === requestId);
    assert.deepEqual(
      [failure?.['event'], failure?.['code'], failure?.['message']],
      ['rpc.failed', 'INTERNAL', 'internal error'],
    );
    assert.equal(JSON.stringify(failure).toLowerCase().includes('reshape'), false);
  });

  test('leaves the model serving', async () => {
    assert.equal(await result(inferPath, inferFloats('fragile', [1, 2, 3, 4], { shape: [4] })), 'OK');
  });
});
