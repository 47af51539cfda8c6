import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type WeftClient } from './connect.ts';
import { type FakeRouter, Refusal, startFakeRouter } from './testing/fake-router.ts';

const png = Buffer.from([0x89, 0x50]);
/** Everything that a stream gives. */
async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const given: T[] = [];
  for await (const one of stream) given.push(one);
  return given;
}

const pixels = { width: 1, height: 1, channels: 3, pixels: Buffer.from([1, 2, 3]) };

/** What a router answers, and with it what the client must make of it. */
const answers = {
  '/weft.nlp.v1.NlpService/Rank': { model: 'm', modelVersion: '1', results: [{ index: 1, score: 0.5 }] },
  '/weft.nlp.v1.NlpService/Classify': {
    model: 'm',
    modelVersion: '1',
    results: [{ labels: [{ name: 'ts', score: 1 }] }],
  },
  '/weft.nlp.v1.NlpService/Summarize': { model: 'm', modelVersion: '1', summary: 's', sentenceIndexes: [0] },
  '/weft.nlp.v1.NlpService/Tokenize': { model: 'm', modelVersion: '1', results: [{ ids: [7], pieces: ['a'] }] },
  '/weft.vision.v1.VisionService/Classify': { model: 'm', modelVersion: '1', labels: [{ name: 'x', score: 1 }] },
  '/weft.vision.v1.VisionService/Detect': { model: 'm', modelVersion: '1', detections: [{ label: 'cat', score: 0.5 }] },
  '/weft.vision.v1.VisionService/ReadText': {
    model: 'm',
    modelVersion: '1',
    lines: [{ text: 'hi', score: 1, polygon: [] }],
  },
  '/weft.generator.v1.GeneratorService/Upscale': { model: 'm', modelVersion: '1', image: { encoded: png }, scale: 4 },
  '/inference.GRPCInferenceService/ModelMetadata': {
    name: 'm',
    versions: ['1'],
    platform: 'onnxruntime_onnx',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [],
  },
  '/inference.GRPCInferenceService/ModelConfig': { config: { name: 'm', modelTransactionPolicy: { decoupled: true } } },
  '/inference.GRPCInferenceService/ModelReady': { ready: true },
  '/inference.GRPCInferenceService/RepositoryIndex': {
    models: [{ name: 'm', version: '1', state: 'READY', reason: '' }],
  },
  '/inference.GRPCInferenceService/ServerLive': { live: true },
  '/inference.GRPCInferenceService/ServerReady': { ready: false },
  '/inference.GRPCInferenceService/ServerMetadata': { name: 'weft', version: '0.1.0', extensions: [] },
};

describe('typed calls', { timeout: 30_000 }, () => {
  let router: FakeRouter;
  let client: WeftClient;
  before(async () => {
    router = await startFakeRouter({
      ...Object.fromEntries(Object.entries(answers).map(([path, answer]) => [path, () => answer])),
      '/inference.GRPCInferenceService/ModelStreamInfer': ({ request }) => [
        { inferResponse: { modelName: request['modelName'], id: request['id'] } },
      ],
      '/weft.generator.v1.GeneratorService/UpscaleStream': () =>
        [0, 4].map((x) => ({ x, image: { raw: pixels }, progress: (x + 4) / 8, width: 8, height: 4, scale: 2 })),
      '/weft.generator.v1.GeneratorService/Generate': ({ request }) => {
        if (request['label'] === 'cow') throw new Refusal('INVALID_ARGUMENT', 'no cow');
        return Array.from({ length: request['count'] as number }, (_, index) => ({
          index,
          image: { encoded: png },
          seed: Number(request['seed'] ?? 0) + index,
          label: request['label'],
        }));
      },
      '/weft.generator.v1.GeneratorService/Interpolate': () => [{ index: 0, image: { encoded: png } }],
      // Echoes every tensor.
      '/inference.GRPCInferenceService/ModelInfer': ({ request }) => ({
        modelName: request['modelName'],
        modelVersion: '3',
        id: request['id'],
        outputs: request['inputs'],
        rawOutputContents: request['rawInputContents'],
      }),
    });
    client = connect({ router: router.address });
  });
  after(() => {
    client.close();
    router.stop();
  });

  function lastRequest() {
    return router.calls.at(-1)?.request ?? {};
  }

  test('nlp: every call carries its fields and returns its message', async () => {
    assert.deepEqual(
      await client.nlp.rank({ query: 'q', documents: ['a', 'b'], topK: 1 }),
      answers['/weft.nlp.v1.NlpService/Rank'],
    );
    assert.deepEqual(lastRequest(), { model: '', modelVersion: '', query: 'q', documents: ['a', 'b'], topK: 1 });
    assert.deepEqual(
      await client.nlp.classify({ texts: ['t'], topK: undefined }),
      answers['/weft.nlp.v1.NlpService/Classify'],
    );
    assert.deepEqual(
      await client.nlp.summarize({ text: 't', maxSentences: 2 }),
      answers['/weft.nlp.v1.NlpService/Summarize'],
    );
    assert.deepEqual(await client.nlp.tokenize({ texts: ['a'] }), answers['/weft.nlp.v1.NlpService/Tokenize']);
  });

  test('vision: files and bare pixels both travel', async () => {
    assert.deepEqual(await client.vision.classify({ image: png }), answers['/weft.vision.v1.VisionService/Classify']);
    assert.deepEqual((lastRequest()['image'] as { encoded: Buffer }).encoded, png);
    assert.deepEqual(
      await client.vision.readText({ image: pixels }),
      answers['/weft.vision.v1.VisionService/ReadText'],
    );
    assert.deepEqual((lastRequest()['image'] as { raw: object }).raw, pixels);
  });

  test('vision: a detection without a box has one of zeros', async () => {
    const { detections } = await client.vision.detect({ image: png, minScore: 0.25, maxResults: 3 });
    const box = { x: 0, y: 0, width: 0, height: 0 };
    assert.deepEqual(detections, [{ label: 'cat', score: 0.5, box, keypoints: [], trackId: 0 }]);
    assert.equal(lastRequest()['minScore'], 0.25);
  });

  test('generator: the answer is the image itself', async () => {
    const response = await client.generator.upscale({ image: png, format: 'webp' }, { model: 'm' });
    assert.deepEqual(response, { model: 'm', modelVersion: '1', scale: 4, image: png });
    assert.equal(lastRequest()['format'], 'IMAGE_FORMAT_WEBP');
    assert.equal(lastRequest()['model'], 'm');
  });

  test('generator: tiles and images come one after the other, each the image itself', async () => {
    const tiles = client.generator.upscaleStream({ image: pixels, format: 'raw' }, { model: 'm' });
    const [first, second, ...others] = await all(tiles);
    assert.deepEqual(others, []);
    assert.deepEqual([first?.x, second?.x, second?.progress, second?.width], [0, 4, 1, 8]);
    assert.deepEqual(second?.image, pixels);
    assert.deepEqual([lastRequest()['format'], lastRequest()['model']], ['IMAGE_FORMAT_RAW', 'm']);

    const images = await all(client.generator.generate({ label: '7', count: 2, seed: 5 }));
    assert.deepEqual(
      images.map(({ index, label, seed, image }) => [index, label, seed, image]),
      [
        [0, '7', 5, png],
        [1, '7', 6, png],
      ],
    );
    assert.deepEqual([lastRequest()['count'], lastRequest()['truncation']], [2, 0]);

    assert.equal((await all(client.generator.interpolate({ seedFrom: 1, seedTo: 2 }))).length, 1);
    assert.deepEqual([lastRequest()['seedFrom'], lastRequest()['seedTo']], [1, 2]);
  });

  test('a stream that is refused rejects with the reason, and one that is left early is cancelled', async () => {
    await assert.rejects(all(client.generator.generate({ label: 'cow' })), {
      code: 'INVALID_ARGUMENT',
      message: 'no cow',
    });
    for await (const { index } of client.generator.generate({ count: 2 })) {
      assert.equal(index, 0);
      break;
    }
  });

  test('streamInfer: lasts as long as its requests come, unless it is given a deadline', async () => {
    for (const [options, least, most] of [
      [{}, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      [{ timeoutMs: 90_000 }, 60_000, 90_000],
    ] as const) {
      const [answer] = await all(client.streamInfer([{ model: 'm', id: 'a', inputs: {} }], options));
      assert.equal(answer?.id, 'a');
      const { timeoutMs = 0 } = router.calls.at(-1) ?? {};
      assert.ok(timeoutMs >= least && timeoutMs <= most, String(timeoutMs));
    }
  });

  test('a conversation without a message is refused before it is sent', () => {
    assert.throws(() => client.nlp.generate({ messages: [] }), {
      code: 'INVALID_ARGUMENT',
      message: /^messages: must/,
    });
  });

  test('infer: tensors go and come by name', async () => {
    const response = await client.infer({
      model: 'echo',
      version: '3',
      id: 'r1',
      inputs: {
        x: { datatype: 'FP32', shape: [2], elements: [1.5, -2] },
        t: { datatype: 'BYTES', shape: [1], elements: ['grüße'] },
      },
      outputs: ['x', 't'],
      parameters: { priority: 1, scale: 0.5, note: 'n', exact: true },
    });
    assert.deepEqual(response, {
      model: 'echo',
      modelVersion: '3',
      id: 'r1',
      outputs: {
        x: { datatype: 'FP32', shape: [2], elements: new Float32Array([1.5, -2]) },
        t: { datatype: 'BYTES', shape: [1], elements: [Uint8Array.from(Buffer.from('grüße'))] },
      },
    });
    const parameters = lastRequest()['parameters'] as Record<string, { parameterChoice: string }>;
    const choices = Object.entries(parameters).map(([name, value]) => [name, value.parameterChoice]);
    assert.deepEqual(Object.fromEntries(choices), {
      priority: 'int64Param',
      scale: 'doubleParam',
      note: 'stringParam',
      exact: 'boolParam',
    });
    assert.deepEqual(
      (lastRequest()['outputs'] as { name: string }[]).map((output) => output.name),
      ['x', 't'],
    );
  });

  test('infer: a tensor that does not fit is refused before anything is sent', async () => {
    const before = router.calls.length;
    const inputs = { x: { datatype: 'FP32', shape: [3], elements: [1] } } as const;
    await assert.rejects(client.infer({ model: 'echo', inputs }), { code: 'INVALID_ARGUMENT' });
    assert.equal(router.calls.length, before);
  });

  test('models and server: metadata, configuration, readiness and the index', async () => {
    assert.deepEqual(
      await client.models.metadata('m', { modelVersion: '1' }),
      answers['/inference.GRPCInferenceService/ModelMetadata'],
    );
    assert.deepEqual(lastRequest(), { name: 'm', version: '1' });
    const { name, modelTransactionPolicy } = await client.models.config('m', { modelVersion: '2' });
    assert.deepEqual([name, modelTransactionPolicy?.decoupled], ['m', true]);
    assert.deepEqual(lastRequest(), { name: 'm', version: '2' });
    assert.equal(await client.models.ready('m'), true);
    assert.deepEqual(
      await client.models.index({ readyOnly: true }),
      answers['/inference.GRPCInferenceService/RepositoryIndex'].models,
    );
    assert.deepEqual(lastRequest(), { repositoryName: '', ready: true });
    assert.equal(await client.server.live(), true);
    assert.equal(await client.server.ready(), false);
    assert.deepEqual(await client.server.metadata(), answers['/inference.GRPCInferenceService/ServerMetadata']);
  });
});

test('the generated types hold the calls to the wire contract', () => {
  const client: WeftClient = connect({ router: 'localhost' });
  // @ts-expect-error an Embed request without texts says nothing
  const incomplete = () => client.nlp.embed({});
  // @ts-expect-error a field that the message does not have
  const unknown = () => client.nlp.rank({ query: '', documents: [], topN: 1 });
  // @ts-expect-error a text follows a prompt or answers messages
  const both = () => client.nlp.generate({ prompt: 'a', messages: [{ role: 'user', content: 'b' }] });
  // @ts-expect-error one of them there must be
  const neither = () => client.nlp.generate({ maxTokens: 1 });
  assert.equal(typeof incomplete, typeof unknown);
  assert.equal(typeof both, typeof neither);
  client.close();
});
