// A model repository as it is written for Triton: its settings are obeyed, or refused with a reason while the other models serve.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { encodeModel, type OnnxGraph, onnxNode, onnxTensor, onnxValue } from '@weft/convert';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { ModelMetadataResponse__Output } from '@weft/rpc/messages/inference/ModelMetadataResponse';
import type { ModelStatisticsResponse__Output } from '@weft/rpc/messages/inference/ModelStatisticsResponse';
import type { RepositoryIndexResponse__Output } from '@weft/rpc/messages/inference/RepositoryIndexResponse';
import { arithmetic, identity, plus, squares, temporaryFolder, writeModel } from './testing/author-models.ts';
import { floatsOf, inferFloats, inferPath } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh } from './testing/local-mesh.ts';
import { scrape } from './testing/scrape.ts';

const protocol = '/inference.GRPCInferenceService';
const folder = temporaryFolder();
let mesh: LocalMesh;

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(folder.path, path, '..'), { recursive: true });
  await writeFile(join(folder.path, path), content);
}

/** y = x + 1 of one number a row, without a dimension for it. */
function numbers(): OnnxGraph {
  return {
    inputs: [onnxValue('x', 'FP32', ['rows'])],
    outputs: [onnxValue('y', 'FP32', ['rows'])],
    initializers: [onnxTensor('one', { datatype: 'FP32', shape: [], elements: [1] })],
    nodes: [onnxNode('Add', { inputs: ['x', 'one'], outputs: ['y'] })],
  };
}

/** The sum of each row of a ragged batch, from where the rows end. */
function raggedSums(): OnnxGraph {
  return {
    inputs: [onnxValue('x', 'FP32', [-1]), onnxValue('ends', 'FP32', [-1])],
    outputs: [onnxValue('y', 'FP32', ['rows', 1])],
    initializers: [
      onnxTensor('axis', { datatype: 'INT64', shape: [], elements: [0n] }),
      onnxTensor('one', { datatype: 'FP32', shape: [], elements: [1] }),
      onnxTensor('last', { datatype: 'INT64', shape: [1], elements: [1n] }),
    ],
    nodes: [
      onnxNode('CumSum', { inputs: ['x', 'axis'], outputs: ['sums'] }),
      onnxNode('Sub', { inputs: ['ends', 'one'], outputs: ['positions'] }),
      onnxNode('Cast', { inputs: ['positions'], outputs: ['indexes'], attributes: { to: { int: 7 } } }),
      onnxNode('Gather', { inputs: ['sums', 'indexes'], outputs: ['prefixes'] }),
      onnxNode('Unsqueeze', { inputs: ['prefixes', 'last'], outputs: ['y'] }),
    ],
  };
}

const model = (name: string, graph: OnnxGraph, config: string) => writeModel(folder.path, name, { graph, config });

before(async () => {
  // Triton's "simple": sums and differences, with all that its example says of it.
  await model(
    'simple',
    arithmetic(),
    `name: "simple"
     platform: "onnxruntime_onnx"  # or backend: "onnxruntime"
     max_batch_size: 8
     input [ { name: "a" data_type: TYPE_FP32 dims: [ 3 ] }, { name: "b" data_type: TYPE_FP32 dims: [ 3 ] } ]
     output [ { name: "sum" data_type: TYPE_FP32 dims: [ 3 ] }, { name: "difference" data_type: TYPE_FP32 dims: [ 3 ] } ]
     version_policy: { latest { num_versions: 1 } }
     instance_group [ { name: "two" count: 2 kind: KIND_CPU rate_limiter { resources [ { name: "R1" count: 4 } ] priority: 2 } } ]
     optimization { graph: { level: 1 } execution_accelerators { cpu_execution_accelerator : [ { name : "openvino" } ] } }
     parameters { key: "intra_op_thread_count" value: { string_value: "1" } }
     parameters { key: "execution_mode" value: { string_value: "1" } }
     parameters { key: "enable_mem_arena" value: { string_value: "0" } }
     metric_tags { key: "team" value: "ranking" }
     dynamic_batching { }`,
  );
  await model(
    'densenet',
    identity('FP32', [1, 4, 1, 1]),
    `platform: "onnxruntime_onnx" max_batch_size : 0
     input [ { name: "x" data_type: TYPE_FP32 format: FORMAT_NCHW dims: [ 4, 1, 1 ] reshape { shape: [ 1, 4, 1, 1 ] } } ]
     output [ { name: "y" data_type: TYPE_FP32 dims: [ 4 ] reshape { shape: [ 1, 4, 1, 1 ] } label_filename: "labels.txt" } ]`,
  );
  await write('densenet/labels.txt', 'TABBY\r\nTIGER CAT\r\n\r\nLYNX');
  await model(
    'numbers',
    numbers(),
    `max_batch_size: 4 input { name: "x" data_type: TYPE_FP32 dims: [ 1 ] reshape: { shape: [ ] } }
     output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] reshape: { shape: [ ] } }`,
  );
  await model('partial', arithmetic(), 'max_batch_size: 4 input { name: "b" } output { name: "difference" }');
  await model('rows', arithmetic(), 'input { name: "a" data_type: TYPE_FP32 dims: [ 3 ] }');
  await writeModel(folder.path, 'json', { graph: plus(1) });
  await write('json/config.json', '\uFEFF{"max_batch_size": 2, "dynamicBatching": {"preferred_batch_size": [2]}}');
  await model(
    'optional',
    arithmetic(),
    `max_batch_size: 8 input [ { name: "a" data_type: TYPE_FP32 dims: 3 },
                               { name: "b" data_type: TYPE_FP32 dims: 3 optional: true } ]
     parameters { key: "weft.default.b" value { string_value: "0.5" } }`,
  );
  const sample = (name: string, input: string) =>
    `{ name: "${name}" batch_size: 1 inputs { key: "x" value: { data_type: TYPE_INT64 dims: [ 1 ] ${input} } } }`;
  await model(
    'warmed',
    squares(),
    `max_batch_size: 4 model_warmup [ ${sample('zeros', 'zero_data: true')}, ${sample('random', 'random_data: true')},
       ${sample('file', 'input_data_file: "nine"')} ]`,
  );
  await model(
    'burnt',
    squares(),
    `max_batch_size: 4 model_warmup [ ${sample('twelve', 'input_data_file: "twelve"')} ]`,
  );
  await write('warmed/warmup/nine', Buffer.from(BigInt64Array.of(9n).buffer));
  await write('burnt/warmup/twelve', Buffer.from(BigInt64Array.of(12n).buffer));
  await model('unfit', squares(), `max_batch_size: 4 model_warmup [ ${sample('two', 'input_data_file: "two"')} ]`);
  await write('unfit/warmup/two', Buffer.from(BigInt64Array.of(1n, 2n).buffer));
  await model(
    'ragged',
    raggedSums(),
    `max_batch_size: 16 input [ { name: "x" data_type: TYPE_FP32 dims: [ -1 ] allow_ragged_batch: true } ]
     output [ { name: "y" data_type: TYPE_FP32 dims: [ 1 ] } ]
     batch_input [ { kind: BATCH_ACCUMULATED_ELEMENT_COUNT target_name: "ends" data_type: TYPE_FP32 source_input: "x" } ]
     dynamic_batching { max_queue_delay_microseconds: 20000 }`,
  );
  await model('cached', plus(1), 'max_batch_size: 4 response_cache { enable: true }');
  const agent = (md5: string) =>
    `model_repository_agents { agents [ { name: "checksum", parameters [ { key: "MD5:1/model.onnx", value: "${md5}" } ] } ] }`;
  const md5 = createHash('md5')
    .update(encodeModel(plus(1)))
    .digest('hex');
  await model('checked', plus(1), agent(md5));
  await model('tampered', plus(2), agent(md5));
  await write('python/config.pbtxt', 'backend: "python"');
  await write('python/1/model.py', '');
  await write('plan/config.pbtxt', 'platform: "tensorrt_plan"');
  await write('plan/1/model.plan', '');
  await model('operators', plus(1), 'model_operations { op_library_filename: "libcustom.so" }');
  await model('agents', plus(1), 'model_repository_agents { agents { name: "relocation" } }');
  await model('devices', plus(1), 'cc_model_filenames { key: "7.5" value: "turing.onnx" }');
  await model('type', plus(1), 'max_batch_size: 4 input { name: "x" data_type: TYPE_INT64 dims: 2 }');
  await model('dims', plus(1), 'max_batch_size: 4 input { name: "x" data_type: TYPE_FP32 dims: 16 }');
  await model(
    'format',
    plus(1),
    'max_batch_size: 4 input { name: "x" data_type: TYPE_FP32 format: FORMAT_NHWC dims: 2 }',
  );
  await model('misspelt', plus(1), '\nmax_batch: 4');
  await writeModel(folder.path, 'misspelt-json', { graph: plus(1) });
  await write('misspelt-json/config.json', '{"input": [{"name": "x", "data_typ": "TYPE_FP32"}]}');
  // What lies about.
  await write('README.md', '');
  await write('.ipynb_checkpoints/1/model.onnx', '');
  for (const version of ['0', '01', 'draft', '99999999999999999999']) await write(`json/${version}/model.onnx`, '');
  await writeModel(folder.path, 'elsewhere/.original', { graph: plus(5) });
  await symlink(join(folder.path, 'elsewhere', '.original'), join(folder.path, 'linked'));
  // A model of several files may lie in a folder called like the file.
  await write('foldered/1/model.onnx/model.onnx', encodeModel(plus(3)));
  mesh = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

const infer = (request: ModelInferRequest) => mesh.client.ask<ModelInferResponse__Output>(inferPath, request);
const resultOf = async (request: ModelInferRequest) => (await mesh.client.call(inferPath, request)).result;
const metadataOf = (name: string) =>
  mesh.client.ask<ModelMetadataResponse__Output>(`${protocol}/ModelMetadata`, { name });

/** Rows of three of `a`, and of `b` where it is given. */
function pair(modelName: string, a: readonly number[], b?: readonly number[]): ModelInferRequest {
  const given = b === undefined ? [a] : [a, b];
  const inputs = given.map((_, index) => ({ name: 'ab'[index] as string, datatype: 'FP32', shape: [1, 3] }));
  return { modelName, inputs, rawInputContents: given.map((values) => Buffer.from(Float32Array.from(values).buffer)) };
}

function texts(response: ModelInferResponse__Output): string[] {
  const found: string[] = [];
  const [raw = Buffer.alloc(0)] = response.rawOutputContents;
  for (let at = 0; at < raw.length; at += 4 + raw.readUInt32LE(at))
    found.push(raw.toString('utf8', at + 4, at + 4 + raw.readUInt32LE(at)));
  return found;
}

async function rows(): Promise<Map<string, string>> {
  const { models } = await mesh.client.ask<RepositoryIndexResponse__Output>(`${protocol}/RepositoryIndex`, {});
  return new Map(models.map(({ name, version, state, reason }) => [name, `${version} ${state} ${reason}`]));
}

test("Triton's example of a simple model serves as it is", async () => {
  const response = await infer(pair('simple', [1, 2, 3], [10, 20, 30]));
  assert.deepEqual(
    [floatsOf(response, 0), floatsOf(response, 1)],
    [
      [11, 22, 33],
      [-9, -18, -27],
    ],
  );
  const { platform, inputs } = await metadataOf('simple');
  assert.deepEqual(
    [platform, inputs.map(({ shape }) => shape)],
    [
      'onnxruntime_onnx',
      [
        [-1, 3],
        [-1, 3],
      ],
    ],
  );
});

describe('reshape', () => {
  test('clients see dims, the model sees another shape', async () => {
    const { inputs, outputs } = await metadataOf('densenet');
    assert.deepEqual([inputs[0]?.shape, outputs[0]?.shape], [[4, 1, 1], [4]]);
    const { outputs: answered, ...response } = await infer(inferFloats('densenet', [1, 2, 3, 4], { shape: [4, 1, 1] }));
    assert.deepEqual(answered[0]?.shape, [4]);
    assert.deepEqual(floatsOf(response), [1, 2, 3, 4]);
    assert.equal(
      await resultOf(inferFloats('densenet', [1, 2, 3, 4], { shape: [1, 4, 1, 1] })),
      "INVALID_ARGUMENT unexpected shape for input 'x' for model 'densenet'. Expected [4,1,1], got [1,4,1,1]",
    );
  });

  test('an empty shape leaves the rows alone, of a request that is split too', async () => {
    const response = await infer(inferFloats('numbers', [1, 2, 3, 4, 5, 6], { shape: [6, 1] }));
    assert.deepEqual(
      [response.outputs[0]?.shape, floatsOf(response)],
      [
        [6, 1],
        [2, 3, 4, 5, 6, 7],
      ],
    );
  });
});

describe('classification', () => {
  const classes = (
    modelName: string,
    values: readonly number[],
    { count, shape }: { count: number; shape: number[] },
  ) =>
    inferFloats(modelName, values, {
      shape,
      outputs: [{ name: 'y', parameters: { classification: { int64Param: count } } }],
    });

  test('gives the largest values as value, index and label', async () => {
    const response = await infer(classes('densenet', [0.1, 15.34623, -2, 3], { count: 3, shape: [4, 1, 1] }));
    assert.deepEqual(response.outputs[0], { name: 'y', datatype: 'BYTES', shape: [3], parameters: {}, contents: null });
    assert.deepEqual(texts(response), ['15.346230:1:TIGER CAT', '3.000000:3:LYNX', '0.100000:0:TABBY']);
  });

  test('gives no more than there are, and no label where there is none', async () => {
    assert.deepEqual(texts(await infer(classes('densenet', [4, 3, 2, 1], { count: 9, shape: [4, 1, 1] }))), [
      '4.000000:0:TABBY',
      '3.000000:1:TIGER CAT',
      '2.000000:2',
      '1.000000:3:LYNX',
    ]);
  });

  test('of rows is made for each', async () => {
    const response = await infer(classes('json', [1, 2, 4, 3, 5, 6], { count: 1, shape: [3, 2] }));
    assert.deepEqual(response.outputs[0]?.shape, [3, 1]);
    assert.deepEqual(texts(response), ['3.000000:1', '5.000000:0', '7.000000:1']);
  });
});

describe('what a configuration leaves out is completed', () => {
  test('tensors of which only names are given, and those that are not listed', async () => {
    const { inputs, outputs } = await metadataOf('partial');
    const spec = (name: string) => ({ name, datatype: 'FP32', shape: [-1, 3] });
    assert.deepEqual([inputs, outputs], [[spec('b'), spec('a')], [spec('difference')]]);
    const response = await infer(pair('partial', [1, 2, 3], [1, 1, 1]));
    assert.deepEqual([response.outputs.map(({ name }) => name), floatsOf(response)], [['difference'], [0, 1, 2]]);
  });

  test('the batch size of a model whose dims leave room for rows', async () => {
    assert.deepEqual((await metadataOf('rows')).inputs[0]?.shape, [-1, 3]);
  });
});

test('an input that may be left out has a default, and shares a batch with those that give it', async () => {
  const sums = await Promise.all(
    [pair('optional', [1, 2, 3]), pair('optional', [1, 2, 3], [1, 1, 1])].map(async (each) =>
      floatsOf(await infer(each)),
    ),
  );
  assert.deepEqual(sums, [
    [1.5, 2.5, 3.5],
    [2, 3, 4],
  ]);
  const { inputs = [], rawInputContents = [] } = pair('optional', [1, 2, 3], [4, 5, 6]);
  const request = { modelName: 'optional', inputs: inputs.slice(1), rawInputContents: rawInputContents.slice(1) };
  assert.equal(
    await resultOf(request),
    "INVALID_ARGUMENT expected number of inputs between 1 and 2 but got 1 inputs for model 'optional'",
  );
});

test('rows of different lengths share a ragged batch, and the model is told where they end', async () => {
  assert.deepEqual((await metadataOf('ragged')).inputs, [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }]);
  const prefixes = await Promise.all(
    [[1], [2, 3], [4, 5, 6]].map(async (values) => floatsOf(await infer(inferFloats('ragged', values)))),
  );
  // Each sees the sum over what came before it in its batch: together they are the sums of one batch, in some order.
  assert.equal(Math.max(...prefixes.flat()), 21);
  const two = await infer(inferFloats('ragged', [1, 2, 3, 4], { shape: [2, 2] }));
  assert.deepEqual(
    [two.outputs[0]?.shape, floatsOf(two)],
    [
      [2, 1],
      [3, 10],
    ],
  );
});

test('answers are kept of a model that asks for it, and the metrics tell', async () => {
  const ask = (id: string, modelVersion = '') => infer(inferFloats('cached', [1, 2], { id, modelVersion }));
  const answers = [await ask('one'), await ask('two'), await ask('', '1')];
  assert.deepEqual(
    answers.map(({ id }) => id),
    ['one', 'two', ''],
  );
  assert.deepEqual(
    answers.map((answer) => floatsOf(answer)),
    [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
  );
  const metrics = await scrape(mesh.router.service.metricsAddress ?? '');
  const counted = ['weft_cache_hits_total', 'weft_cache_misses_total'].map((name) =>
    metrics.sum(name, { model: 'cached' }),
  );
  assert.deepEqual(counted, [2, 1]);
  const { modelStats } = await mesh.client.ask<ModelStatisticsResponse__Output>(`${protocol}/ModelStatistics`, {
    name: 'cached',
  });
  const { success, cacheHit, cacheMiss } = modelStats[0]?.inferenceStats ?? {};
  assert.deepEqual(
    [success, cacheHit, cacheMiss].map((duration) => Number(duration?.count)),
    [3, 2, 1],
  );
});

test('what lies about is passed over, links to folders are followed', async () => {
  const index = await rows();
  assert.deepEqual(
    ['.ipynb_checkpoints', 'README.md', 'json', 'linked', 'foldered'].map((name) => index.get(name)),
    [undefined, undefined, '1 READY ', '1 READY ', '1 READY '],
  );
  assert.deepEqual(floatsOf(await infer(inferFloats('linked', [0, 0]))), [5, 5]);
  assert.deepEqual(floatsOf(await infer(inferFloats('foldered', [0, 0]))), [3, 3]);
});

describe('the index says', () => {
  const expected: Readonly<Record<string, string | RegExp>> = {
    simple: '1 READY ',
    warmed: '1 READY ',
    checked: '1 READY ',
    burnt: /^1 UNAVAILABLE failed to load 'burnt' version 1: the warm-up sample 'twelve' failed: /,
    unfit: /the warm-up sample 'two' failed: its file has 16 bytes or elements, but its dims ask for 8$/,
    tampered: /MD5 of '1\/model\.onnx' is [0-9a-f]{32}, but the configuration demands [0-9a-f]{32}$/,
    python: /backend 'python' is not supported: weft serves onnxruntime and tensorflowjs/,
    plan: /platform 'tensorrt_plan' is not supported/,
    operators: /model_operations is not supported: /,
    agents: /the model repository agent 'relocation' is not supported/,
    devices: /cc_model_filenames is not supported: /,
    type: /model 'type', tensor 'x': the model configuration specifies datatype TYPE_INT64, but the model has TYPE_FP32$/,
    dims: /model 'dims', tensor 'x': the model expects 2 dimensions \(shape \[-1,2\]\) but the model configuration specifies 2 dimensions \(an initial batch dimension because max_batch_size > 0 followed by the explicit tensor shape, making complete shape \[-1,16\]\)$/,
    format: /input 'x': FORMAT_NHWC requires 3 dims, got \[2\]$/,
    misspelt: /misspelt\/config\.pbtxt: .*unknown field 'max_batch' \(line 2\)$/,
    'misspelt-json': /config\.json: unknown field 'input\[0\]\.data_typ': did you mean data_type\?$/,
  };
  for (const [name, row] of Object.entries(expected)) {
    test(`of '${name}' ${typeof row === 'string' ? row : 'why it is not served'}`, async () => {
      const actual = (await rows()).get(name) ?? '';
      assert.match(actual, typeof row === 'string' ? new RegExp(`^${row}$`) : row);
    });
  }
});

test('nothing in the repository was changed', async () => {
  assert.equal(await readFile(join(folder.path, 'misspelt', 'config.pbtxt'), 'utf8'), '\nmax_batch: 4');
});
