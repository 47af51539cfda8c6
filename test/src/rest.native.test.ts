// REST as its clients use it: through the router, on models that a worker really runs, beside gRPC calls that must get the same.
// oxlint-disable id-denylist -- `data` is the protocol's name for the elements of a tensor
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TokenizeResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/TokenizeResponse';
import {
  arithmetic,
  busyLoop,
  copyDefaultModel,
  identity,
  plus,
  temporaryFolder,
  writeModel,
} from './testing/author-models.ts';
import { floatsOf, inferFloats, inferPath } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh, startModelService, startRouterOver } from './testing/local-mesh.ts';
import { scrape } from './testing/scrape.ts';

const folder = temporaryFolder();
let mesh: LocalMesh;

before(async () => {
  await writeModel(folder.path, 'plus', { graph: plus(1), config: 'max_batch_size: 4' });
  await writeModel(folder.path, 'arithmetic', { graph: arithmetic(), config: 'max_batch_size: 4' });
  await writeModel(folder.path, 'wide', { graph: identity('INT64', [-1]) });
  await writeModel(folder.path, 'half', { graph: identity('FP16', [-1]) });
  await writeModel(folder.path, 'texts', { graph: identity('BYTES', [-1]) });
  await writeModel(folder.path, 'floats', { graph: identity('FP32', [-1]) });
  await writeModel(folder.path, 'busy', { graph: busyLoop() });
  await writeModel(folder.path, 'broken', {
    graph: plus(1),
    config: 'input { name: "nonsense" data_type: TYPE_FP32 dims: 1 }',
  });
  mesh = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  readonly json: unknown;
}

async function ask(path: string, init: RequestInit = {}, address = mesh.router.service.httpAddress): Promise<Answered> {
  const response = await fetch(`http://${address}${path}`, init);
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, headers: response.headers, bytes, text, json: isJson ? parsed(text) : undefined };
}

/** Undefined for what JSON.parse cannot read, such as NaN. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const post = (path: string, body: unknown, address?: string): Promise<Answered> =>
  ask(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }, address);

const infer = (model: string, inputs: readonly object[], more: object = {}): Promise<Answered> =>
  post(`/v2/models/${model}/infer`, { inputs, ...more });

const errorOf = ({ status, json }: Answered): [number, unknown] => [status, (json as { error?: unknown }).error];
/** Of a tensor that is named so: `x FP32`. */
const input = (what: string, data: readonly unknown[], shape = [data.length]): object => {
  const [name, datatype] = what.split(' ');
  return { name, datatype, shape, data };
};

describe('what the server says of itself', () => {
  test('health and readiness are a status, and the same in JSON', async () => {
    const { status, text } = await ask('/v2/health/live');
    assert.deepEqual([status, text], [200, '{"live":true}']);
    for (const path of ['/v2/health/ready', '/v2/models/plus/ready', '/v2/models/plus/versions/1/ready']) {
      const { status, text } = await ask(path);
      assert.deepEqual([status, text], [200, '{"ready":true}'], path);
    }
    for (const path of ['/v2/models/none/ready', '/v2/models/plus/versions/9/ready', '/v2/models/broken/ready'])
      assert.equal((await ask(path)).status, 400, path);
  });

  test('metadata of server and model have the names of the protocol', async () => {
    const { name, extensions } = (await ask('/v2')).json as { name: string; extensions: string[] };
    assert.deepEqual([name, Array.isArray(extensions)], ['weft', true]);
    assert.deepEqual((await ask('/v2/models/arithmetic/')).json, {
      name: 'arithmetic',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [
        { name: 'a', datatype: 'FP32', shape: [-1, 3] },
        { name: 'b', datatype: 'FP32', shape: [-1, 3] },
      ],
      outputs: [
        { name: 'sum', datatype: 'FP32', shape: [-1, 3] },
        { name: 'difference', datatype: 'FP32', shape: [-1, 3] },
      ],
    });
  });

  test('the index is an array, without what there is nothing to say of', async () => {
    const rows = (await post('/v2/repository/index', '')).json as { name: string; state: string; reason?: string }[];
    assert.deepEqual(
      rows.find(({ name }) => name === 'plus'),
      { name: 'plus', version: '1', state: 'READY' },
    );
    assert.match(rows.find(({ name }) => name === 'broken')?.reason ?? '', /nonsense/);
    const ready = (await post('/v2/repository/index', { ready: true })).json as object[];
    assert.equal(ready.length, rows.length - 1);
    const { data: list } = (await ask('/v1/models')).json as { data: { id: string }[] };
    assert.deepEqual(
      list.map(({ id }) => id),
      ready.map((row) => (row as { name: string }).name),
    );
  });
});

describe('infer', () => {
  test('gives what gRPC gives, with the id and the version that served', async () => {
    const { status, json } = await infer('plus', [input('x FP32', [1, 2.5, 3, 4], [2, 2])], { id: 'seven' });
    const overGrpc = floatsOf(
      await mesh.client.ask(
        inferPath,
        inferFloats('plus', [1, 2.5, 3, 4], { inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 2] }] }),
      ),
    );
    assert.deepEqual(
      [status, json],
      [
        200,
        {
          id: 'seven',
          model_name: 'plus',
          model_version: '1',
          outputs: [{ name: 'y', datatype: 'FP32', shape: [2, 2], data: overGrpc }],
        },
      ],
    );
  });

  test('answers with the outputs that are asked for, each in its form', async () => {
    const inputs = ['a', 'b'].map((name) => input(`${name} FP32`, [1, 2, 3], [1, 3]));
    const outputs = [{ name: 'difference', parameters: { binary_data: true } }];
    const { headers, bytes } = await infer('arithmetic', inputs, { outputs });
    const head = Number(headers.get('inference-header-content-length'));
    assert.deepEqual(JSON.parse(bytes.toString('utf8', 0, head)), {
      model_name: 'arithmetic',
      model_version: '1',
      outputs: [{ name: 'difference', datatype: 'FP32', shape: [1, 3], parameters: { binary_data_size: 12 } }],
    });
    assert.deepEqual(bytes.subarray(head), Buffer.alloc(12));
  });

  test('keeps 64-bit integers, NaN, infinities and texts of any script', async () => {
    const wide = await infer('wide', [], {});
    assert.equal(wide.status, 400);
    const exact = `{"inputs": [{"name": "x", "datatype": "INT64", "shape": [2], "data": [9007199254740993, -9223372036854775808]}]}`;
    assert.match((await post('/v2/models/wide/infer', exact)).text, /"data":\[9007199254740993,-9223372036854775808\]/);
    const odd = `{"inputs": [{"name": "x", "datatype": "FP32", "shape": [4], "data": [NaN, Infinity, -Infinity, -0.0]}]}`;
    assert.match((await post('/v2/models/floats/infer', odd)).text, /"data":\[NaN,Infinity,-Infinity,-0.0\]/);
    const texts = ['', 'žluťoučký "馬" 🐎\n'];
    const { json } = await infer('texts', [input('x BYTES', texts)]);
    assert.deepEqual((json as { outputs: { data: string[] }[] }).outputs[0]?.data, texts);
  });

  test('half-precision travels as binary data only', async () => {
    const json = JSON.stringify({
      inputs: [{ name: 'x', datatype: 'FP16', shape: [2], parameters: { binary_data_size: 4 } }],
      parameters: { binary_data_output: true },
    });
    const sent = Buffer.of(0x00, 0x3c, 0x00, 0x7e);
    const body = Buffer.concat([Buffer.from(json), sent]);
    const headers = { 'inference-header-content-length': String(json.length) };
    const { status, bytes } = await ask('/v2/models/half/infer', { method: 'POST', body, headers });
    assert.deepEqual([status, bytes.subarray(-4)], [200, sent]);
    assert.match(String(errorOf(await infer('half', [input('x FP16', [1])]))[1]), /via JSON is not supported/);
  });

  test('large tensors in JSON arrive whole', async () => {
    const many = Array.from({ length: 200_000 }, (_, index) => index / 2);
    const { status, json } = await infer('floats', [input('x FP32', many)]);
    assert.deepEqual([status, (json as { outputs: { data: number[] }[] }).outputs[0]?.data], [200, many]);
  });

  test('that is wrong gets the text of gRPC', async () => {
    const wrong: [string, readonly object[], number, RegExp][] = [
      ['none', [], 404, /^Request for unknown model: 'none' is not found$/],
      ['plus', [], 400, /expected 1 inputs but got 0 inputs for model 'plus'/],
      ['plus', [input('z FP32', [1, 2], [1, 2])], 400, /unexpected inference input 'z' for model 'plus'/],
      [
        'plus',
        [input('x FP32', [1, 2, 3], [1, 3])],
        400,
        /unexpected shape for input 'x'.*Expected \[-1,2\], got \[1,3\]/,
      ],
      [
        'plus',
        [input('x FP32', [1, 2, 3], [1, 2])],
        400,
        /input byte size mismatch for input 'x' for model 'plus'. Expected 8, got 12/,
      ],
      ['plus', [input('x INT32', [1, 2], [1, 2])], 400, /data-type is 'INT32', but model 'plus' expects 'FP32'/],
      ['plus', [input('x FP32', [1, 2], [-1, 2])], 400, /negative size/],
      ['broken', [], 503, /is not at ready state/],
    ];
    for (const [model, inputs, status, text] of wrong) {
      const [got, error] = errorOf(await infer(model, inputs));
      assert.equal(got, status, `${model}: ${String(error)}`);
      assert.match(String(error), text);
    }
  });

  test('of names that leave their folder finds no model, and loads none', async () => {
    for (const name of [
      '..%2fetc',
      'a%2f..%2fb',
      '%2e%2e',
      '%2fetc%2fpasswd',
      'model%2fsub',
      'model%2f',
      '%20..',
      '..%20',
      'a%5Cb',
      '%00',
    ]) {
      // %2e%2e is what fetch makes of `..` itself, and leaves the path.
      const status = name === '%2e%2e' ? 404 : 400;
      assert.equal((await post(`/v2/models/${name}/infer`, { inputs: [] })).status, 404, name);
      assert.equal((await post(`/v2/repository/models/${name}/load`, '')).status, status, name);
    }
    for (const name of ['...', '..my_model', 'model..1'])
      assert.equal((await post(`/v2/models/${name}/infer`, { inputs: [] })).status, 404, name);
  });

  test('is counted under its route', async () => {
    await infer('plus', [input('x FP32', [1, 2], [1, 2])]);
    const metrics = await scrape(String(mesh.router.service.metricsAddress));
    const labels = { method: 'POST /v2/models/:model/infer', code: 'OK' };
    assert.ok(metrics.sum('weft_requests_total', labels) > 0);
  });
});

test('a load that cannot be is refused before anything is recorded', async () => {
  const load = (body: object) => post('/v2/repository/models/plus/load', body);
  assert.match(String(errorOf(await load({ parameters: { other: 1 } }))[1]), /unknown parameter 'other'/);
  assert.match(String(errorOf(await load({ parameters: { config: '{' } }))[1]), /'config' is no configuration/);
  assert.equal((await load({ parameters: [] })).status, 400);
});

describe('embeddings', () => {
  test("come in OpenAI's form, with the tokens that the model counts", async (t) => {
    const models = temporaryFolder();
    t.after(() => models.remove());
    await copyDefaultModel(models.path, 'nlp/use-lite');
    const nlp = await startModelService('nlp', models.path);
    t.after(() => nlp.stop());
    await nlp.service.ready;
    const router = await startRouterOver([nlp.address]);
    t.after(() => router.stop());
    const embed = (body: object) => post('/v1/embeddings', { model: 'use-lite', ...body }, router.service.httpAddress);
    const texts = ['a cat sat', 'on a mat'];
    const plain = (await embed({ input: texts })).json as Embeddings;
    assert.deepEqual(
      plain.data.map(({ index, embedding }) => [index, embedding.length]),
      [
        [0, 512],
        [1, 512],
      ],
    );
    assert.deepEqual([plain.object, plain.model], ['list', 'use-lite']);
    const coded = (await embed({ input: texts, encoding_format: 'base64', dimensions: 512 })).json as Embeddings;
    const bytes = Buffer.from(String(coded.data[1]?.embedding), 'base64');
    const floats = new Float32Array(new Uint8Array(bytes).buffer);
    assert.deepEqual([...floats], plain.data[1]?.embedding);
    const { results } = await tokenized(router.address, texts);
    const tokens = results.reduce((sum, { ids }) => sum + ids.length, 0);
    assert.deepEqual(plain.usage, { prompt_tokens: tokens, total_tokens: tokens });
    const refused: [object, number, string][] = [
      [{ input: [] }, 400, 'invalid_argument'],
      [{ input: ['a', 5] }, 400, 'invalid_argument'],
      [{ input: 'a', dimensions: 256 }, 400, 'invalid_argument'],
      [{ input: 'a', encoding_format: 'hex' }, 400, 'invalid_argument'],
      [{ input: 'a', model: 'none' }, 404, 'model_not_found'],
    ];
    for (const [body, status, code] of refused) {
      const [got, error] = errorOf(await embed(body));
      assert.deepEqual([got, (error as { code: string }).code], [status, code], JSON.stringify(body));
    }
  });
});

interface Embeddings {
  readonly object: string;
  readonly model: string;
  readonly data: readonly { readonly index: number; readonly embedding: string | number[] }[];
  readonly usage: object;
}

async function tokenized(address: string, texts: readonly string[]): Promise<TokenizeResponse__Output> {
  const { dial } = await import('./testing/dial.ts');
  const client = dial(address);
  try {
    return await client.ask<TokenizeResponse__Output>('/weft.nlp.v1.NlpService/Tokenize', { model: 'use-lite', texts });
  } finally {
    client.close();
  }
}

test('a router that stops answers what is in flight, and takes no more', async (t) => {
  const router = await startRouterOver([mesh.custom.address]);
  const address = router.service.httpAddress;
  const rounds = [{ name: 'rounds', datatype: 'INT64', shape: [1], data: [300_000] }];
  const running = post('/v2/models/busy/infer', { inputs: rounds }, address);
  const inflight = async () => (await scrape(String(router.service.metricsAddress))).sum('weft_requests_inflight');
  while ((await inflight()) === 0) await ask('/v2/health/live', {}, address);
  const stopped = router.stop();
  t.after(() => stopped);
  const { status, json } = await running;
  assert.deepEqual([status, errorOf({ json } as Answered)[1]], [200, undefined]);
  await stopped;
  await assert.rejects(ask('/v2/health/live', {}, address));
});
