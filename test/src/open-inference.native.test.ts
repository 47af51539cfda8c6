// The Open Inference Protocol as its clients use it: through the router, on models that a worker really runs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import { arithmetic, identity, temporaryFolder, writeModel } from './testing/author-models.ts';
import { floatsOf, inferFloats, inferPath } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh } from './testing/local-mesh.ts';
import { datatypes, samples } from './testing/tensor-samples.ts';

const protocol = '/inference.GRPCInferenceService';
const folder = temporaryFolder();
let mesh: LocalMesh;

const nameOf = (datatype: string) => `identity-${datatype.toLowerCase()}`;

before(async () => {
  for (const datatype of datatypes)
    await writeModel(folder.path, nameOf(datatype), { graph: identity(datatype, [-1]) });
  await writeModel(folder.path, 'arithmetic', { graph: arithmetic(), config: 'max_batch_size: 4' });
  await writeModel(folder.path, 'rows', { graph: identity('FP32', ['rows', 2]), config: 'max_batch_size: 4' });
  mesh = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

async function infer(request: ModelInferRequest): Promise<ModelInferResponse__Output> {
  return mesh.client.ask<ModelInferResponse__Output>(inferPath, request);
}

async function refusal(request: ModelInferRequest): Promise<string> {
  return (await mesh.client.call(inferPath, request)).result;
}

describe('tensors of every datatype', () => {
  for (const datatype of datatypes) {
    const { raw, typed } = samples[datatype];
    const inputs = [{ name: 'x', datatype, shape: [2] }];

    test(`${datatype} come back raw as they were sent raw`, async () => {
      const response = await infer({ modelName: nameOf(datatype), inputs, rawInputContents: [Buffer.from(raw)] });
      assert.deepEqual(response.outputs, [{ name: 'y', datatype, shape: [2], parameters: {}, contents: null }]);
      assert.deepEqual(
        response.rawOutputContents.map((content) => content.toString('hex')),
        [Buffer.from(raw).toString('hex')],
      );
    });

    test(`${datatype} that are typed come back raw, or are refused where they have no typed form`, async () => {
      const request = {
        modelName: nameOf(datatype),
        inputs: [{ ...inputs[0], contents: typed ?? { fp32Contents: [1, 2] } }],
      };
      const { result, response } = await mesh.client.call(inferPath, request);
      const hex = (response as ModelInferResponse__Output | undefined)?.rawOutputContents[0]?.toString('hex');
      assert.deepEqual(
        [result, hex],
        typed === undefined
          ? [`INVALID_ARGUMENT input 'x': ${datatype} travels in raw_input_contents only`, undefined]
          : ['OK', Buffer.from(raw).toString('hex')],
      );
    });

    test(`${datatype} of no elements come back as one empty entry`, async () => {
      const empty = [{ name: 'x', datatype, shape: [0] }];
      for (const contents of [{ rawInputContents: [Buffer.alloc(0)] }, {}]) {
        const response = await infer({ modelName: nameOf(datatype), inputs: empty, ...contents });
        assert.deepEqual(response.outputs[0]?.shape, [0]);
        assert.deepEqual(
          response.rawOutputContents.map(({ length }) => length),
          [0],
        );
      }
    });
  }
});

test('strings that onnxruntime cannot carry are refused by name, never changed', async () => {
  for (const [element, why] of [
    [Buffer.from('a\0b'), 'holds a NUL'],
    [Buffer.from([0xff, 0xfe]), 'is not UTF-8'],
  ] as const) {
    const inputs = [{ name: 'x', datatype: 'BYTES', shape: [1], contents: { bytesContents: [element] } }];
    assert.match(
      await refusal({ modelName: nameOf('BYTES'), inputs }),
      new RegExp(`^INVALID_ARGUMENT input 'x': element 0 ${why}`),
    );
  }
});

describe('a response', () => {
  test('names the model, the version that really served, and the request', async () => {
    const { modelName, modelVersion, id } = await infer({ ...inferFloats('rows', [1, 2]), id: 'ÿ 7' });
    assert.deepEqual([modelName, modelVersion, id], ['rows', '1', 'ÿ 7']);
  });

  test('has all outputs, or those asked for in the order asked', async () => {
    const raw = [1, 2, 3, 10, 20, 30].map((value) => Buffer.from(Float32Array.of(value).buffer));
    const request: ModelInferRequest = {
      modelName: 'arithmetic',
      inputs: ['a', 'b'].map((name) => ({ name, datatype: 'FP32', shape: [1, 3] })),
      rawInputContents: [Buffer.concat(raw.slice(0, 3)), Buffer.concat(raw.slice(3))],
    };
    const asked = async (...names: string[]) => {
      const response = await infer({ ...request, outputs: names.map((name) => ({ name })) });
      return response.outputs.map(({ name }, index) => [name, floatsOf(response, index)]);
    };
    const sum = ['sum', [11, 22, 33]];
    const difference = ['difference', [-9, -18, -27]];
    assert.deepEqual(await asked(), [sum, difference]);
    assert.deepEqual(await asked('difference'), [difference]);
    assert.deepEqual(await asked('difference', 'sum'), [difference, sum]);
  });

  test('of each of many concurrent requests is its own, whatever rode with it', async () => {
    const sizes = Array.from({ length: 60 }, (_, index) => (index % 3) + 1);
    const answers = await Promise.all(
      sizes.map(async (rows, index) => {
        const values = Array.from({ length: rows * 2 }, (_, element) => index * 10 + element);
        const response = await infer(inferFloats('rows', values, { shape: [rows, 2], id: String(index) }));
        return [response.id, response.outputs[0]?.shape, floatsOf(response)];
      }),
    );
    const expected = sizes.map((rows, index) => {
      const values = Array.from({ length: rows * 2 }, (_, element) => index * 10 + element);
      return [String(index), [rows, 2], values];
    });
    assert.deepEqual(answers, expected);
  });

  test('of a good request is not hurt by bad ones in its batch', async () => {
    const good = Array.from({ length: 8 }, (_, index) => infer(inferFloats('rows', [index, 0])));
    const bad = Array.from({ length: 8 }, () => refusal(inferFloats('rows', [1, 2, 3])));
    assert.deepEqual(
      (await Promise.all(good)).map((response) => floatsOf(response)[0]),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
    assert.equal(new Set(await Promise.all(bad)).size, 1);
  });

  test('of more rows than the model takes at once has them all, in order', async () => {
    const values = Array.from({ length: 2 * 1000 }, (_, index) => index);
    const response = await infer(inferFloats('rows', values, { shape: [1000, 2] }));
    assert.deepEqual(response.outputs[0]?.shape, [1000, 2]);
    assert.deepEqual(floatsOf(response), values);
  });

  test('of the service itself is that of the router', async () => {
    const request = inferFloats('rows', [1, 2]);
    assert.deepEqual(await mesh.direct.ask(inferPath, request), await infer(request));
  });
});

describe('a request that does not fit is INVALID_ARGUMENT and says why', () => {
  const x = { name: 'x', datatype: 'FP32', shape: [1, 2] };
  const raw = Buffer.from(Float32Array.of(1, 2).buffer);
  const fits: ModelInferRequest = { modelName: 'rows', inputs: [x], rawInputContents: [raw] };
  const cases: Readonly<Record<string, readonly [ModelInferRequest, string]>> = {
    'no model': [{ ...fits, modelName: '' }, 'Model name cannot be empty'],
    'no input': [{ modelName: 'rows' }, "expected 1 inputs but got 0 inputs for model 'rows'"],
    'too few inputs': [
      { modelName: 'arithmetic', inputs: [{ ...x, name: 'a', shape: [1, 3] }], rawInputContents: [Buffer.alloc(12)] },
      "expected 2 inputs but got 1 inputs for model 'arithmetic'",
    ],
    'an unknown input': [{ ...fits, inputs: [{ ...x, name: 'z' }] }, "unexpected inference input 'z' for model 'rows'"],
    'an input twice': [{ ...fits, inputs: [x, x], rawInputContents: [raw, raw] }, "input 'x' is given twice"],
    'an unknown output': [{ ...fits, outputs: [{ name: 'z' }] }, "unexpected inference output 'z' for model 'rows'"],
    'another datatype': [
      { ...fits, inputs: [{ ...x, datatype: 'INT32' }] },
      "inference input 'x' data-type is 'INT32', but model 'rows' expects 'FP32'",
    ],
    'an unknown datatype': [
      { ...fits, inputs: [{ ...x, datatype: 'FLOAT' }] },
      "input 'x' has unknown datatype 'FLOAT'",
    ],
    'another shape': [
      { ...fits, inputs: [{ ...x, shape: [1, 3] }], rawInputContents: [Buffer.alloc(12)] },
      "unexpected shape for input 'x' for model 'rows'. Expected [-1,2], got [1,3]",
    ],
    'another rank': [
      { ...fits, inputs: [{ ...x, shape: [2] }] },
      "unexpected shape for input 'x' for model 'rows'. Expected [-1,2], got [2]",
    ],
    'a size of -1': [
      { ...fits, inputs: [{ ...x, shape: [-1, 2] }] },
      "input 'x' has a negative size in its shape [-1,2]",
    ],
    'too few bytes': [
      { ...fits, rawInputContents: [raw.subarray(1)] },
      "input byte size mismatch for input 'x' for model 'rows'. Expected 8, got 7",
    ],
    'strings that do not fill the shape': [
      {
        modelName: nameOf('BYTES'),
        inputs: [{ name: 'x', datatype: 'BYTES', shape: [2] }],
        rawInputContents: [Buffer.alloc(4)],
      },
      "input data does not fit the shape for input 'x'. Expected 2, got 1",
    ],
    'too few typed elements': [
      { modelName: 'rows', inputs: [{ ...x, contents: { fp32Contents: [1] } }] },
      "input 'x' has 1 elements, but its shape [1,2] asks for 2",
    ],
    'typed elements of another datatype': [
      { modelName: 'rows', inputs: [{ ...x, contents: { intContents: [1, 2] } }] },
      "input 'x': contents are not of datatype FP32",
    ],
    'typed and raw elements together': [
      { ...fits, inputs: [{ ...x, contents: { fp32Contents: [1, 2] } }] },
      "contents of input 'x' must not be given together with raw_input_contents",
    ],
    'more raw entries than inputs': [
      { ...fits, rawInputContents: [raw, raw] },
      'expected 1 entries of raw_input_contents, one for each input, but got 2',
    ],
    'a reserved parameter': [
      { ...fits, parameters: { triton_secret: { boolParam: true } } },
      "parameter 'triton_secret' is reserved",
    ],
  };
  for (const [what, [request, message]] of Object.entries(cases)) {
    test(what, async () => assert.equal(await refusal(request), `INVALID_ARGUMENT ${message}`));
  }

  test('and the parameter that every C++ client sends is tolerated', async () => {
    const parameters = { triton_enable_empty_final_response: { boolParam: true } };
    assert.deepEqual(floatsOf(await infer({ ...fits, parameters })), [1, 2]);
  });

  test('bytes that are no message', async () => {
    const { result } = await mesh.client.call(inferPath, Buffer.from([0x0a, 0x7f, 0x61]));
    assert.equal(result, 'INVALID_ARGUMENT malformed request message: truncated field');
  });

  test('bytes that only the model host looks at', async () => {
    const named = Buffer.concat([Buffer.from([0x0a, 0x04]), Buffer.from('rows')]);
    // An input whose shape is cut off: well-formed for the router, which reads the first input's shape only as a whole.
    const { result } = await mesh.client.call(
      inferPath,
      Buffer.concat([named, Buffer.from([0x3a, 0x01, 0x00, 0x2a, 0x02, 0x28, 0x01])]),
    );
    assert.match(result, /^INVALID_ARGUMENT malformed /);
  });
});

describe('what the protocol tells of models', () => {
  test('metadata has names, datatypes and shapes, with -1 for rows', async () => {
    const metadata = await mesh.client.ask(`${protocol}/ModelMetadata`, { name: 'arithmetic' });
    const tensor = (name: string) => ({ name, datatype: 'FP32', shape: [-1, 3] });
    assert.deepEqual(metadata, {
      name: 'arithmetic',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [tensor('a'), tensor('b')],
      outputs: [tensor('sum'), tensor('difference')],
    });
  });

  test('metadata of a version tells that version', async () => {
    const metadata = await mesh.client.ask<{ versions: string[] }>(`${protocol}/ModelMetadata`, {
      name: 'rows',
      version: '1',
    });
    assert.deepEqual(metadata.versions, ['1']);
  });

  test('metadata and readiness of nothing, and of what is not there', async () => {
    const ask = async (method: string, request: object) => {
      const { result, response } = await mesh.client.call(`${protocol}/${method}`, request);
      return result === 'OK' ? response : result;
    };
    const unknown = "NOT_FOUND Request for unknown model: 'nope' is not found";
    assert.equal(await ask('ModelMetadata', { name: 'nope' }), unknown);
    assert.equal(
      await ask('ModelMetadata', { name: 'rows', version: '9' }),
      "NOT_FOUND Request for unknown model: 'rows' version 9 is not found",
    );
    assert.equal(await ask('ModelMetadata', {}), 'INVALID_ARGUMENT Model name cannot be empty');
    assert.equal(await ask('ModelReady', {}), 'INVALID_ARGUMENT Model name cannot be empty');
    assert.deepEqual(await ask('ModelReady', { name: 'nope' }), { ready: false });
    assert.deepEqual(await ask('ModelReady', { name: 'rows', version: '9' }), { ready: false });
    assert.deepEqual(await ask('ModelReady', { name: 'rows', version: '1' }), { ready: true });
    assert.deepEqual(await ask('ModelReady', { name: 'rows' }), { ready: true });
  });

  test('the server says who it is, that it lives and that it is ready', async () => {
    const { name, version, extensions } = await mesh.client.ask<{
      name: string;
      version: string;
      extensions: string[];
    }>(`${protocol}/ServerMetadata`, {});
    const served = [
      ...['classification', 'sequence', 'model_repository', 'model_repository(unload_dependents)', 'schedule_policy'],
      ...['model_configuration', 'binary_tensor_data', 'parameters', 'statistics', 'trace', 'logging'],
    ];
    assert.deepEqual([name, extensions], ['weft', served]);
    assert.match(version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(await mesh.client.ask(`${protocol}/ServerLive`, {}), { live: true });
    assert.deepEqual(await mesh.client.ask(`${protocol}/ServerReady`, {}), { ready: true });
  });

  test('the index lists every model by name, and another repository is UNIMPLEMENTED', async () => {
    const { models } = await mesh.client.ask<{
      models: { name: string; version: string; state: string; reason: string }[];
    }>(`${protocol}/RepositoryIndex`, {});
    assert.deepEqual(
      models.map(({ name }) => name),
      [...datatypes.map(nameOf), 'arithmetic', 'rows'].sort((a, b) => (a < b ? -1 : 1)),
    );
    assert.deepEqual(
      new Set(models.map(({ version, state, reason }) => `${version} ${state} ${reason}`)),
      new Set(['1 READY ']),
    );
    const { result } = await mesh.client.call(`${protocol}/RepositoryIndex`, { repositoryName: 'other' });
    assert.match(result, /^UNIMPLEMENTED /);
  });
});
