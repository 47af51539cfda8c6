// ModelInfer requests that share runs of a real model, or need several: put together as batches, since nothing a client
// does makes sure of that. The model counts its runs.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { onnxBackend } from '@weft/backend-onnx';
import { encodeModel, type OnnxGraph } from '@weft/convert';
import { WeftError } from '@weft/errors';
import { parseConfigText } from '@weft/models';
import { rpcMethod } from '@weft/rpc';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { Backend } from '@weft/runtime';
import { attended, type OpenedModel, openModel } from '@weft/runtime/testing';
import type { TensorMap } from '@weft/tensor';
import fc from 'fast-check';
import { identity, maskedMean, secretlySingle, squares, sumOfRows, temporaryFolder } from './testing/author-models.ts';
import { floatsOf, inferFloats, inferPath } from './testing/infer-request.ts';

const folder = temporaryFolder();
after(() => folder.remove());

const pad = (input: string, value: string): string =>
  `parameters { key: "weft.pad.${input}" value { string_value: "${value}" } }`;
const cut = (output: string, input: string): string =>
  `parameters { key: "weft.cut.${output}" value { string_value: "${input}" } }`;

interface Opened extends OpenedModel {
  /** First dimension of the first input of each run, warming up apart. */
  readonly runs: number[];
  answers(requests: readonly ModelInferRequest[]): Promise<Answer[]>;
}

type Answer = WeftError | Readonly<Record<string, { readonly shape: readonly number[]; readonly values: number[] }>>;

async function open(t: TestContext, graph: OnnxGraph, config: string): Promise<Opened> {
  const model = join(folder.path, `${Math.random()}.onnx`);
  await writeFile(model, encodeModel(graph));
  const runs: number[] = [];
  const counting: Backend = {
    name: 'onnxruntime',
    async load(path, options) {
      const loaded = await onnxBackend.load(path, options);
      const run = (feeds: TensorMap, names?: readonly string[]) => {
        runs.push(Object.values(feeds)[0]?.shape[0] ?? 0);
        return loaded.run(feeds, names);
      };
      return { ...loaded, run, unload: () => loaded.unload() };
    },
  };
  const catalogue = { tasks: {}, backends: { onnxruntime: async () => counting } };
  const opened = await openModel(catalogue, {
    config: { ...parseConfigText(config), name: 'm' },
    artifact: { backend: 'onnxruntime', model, parts: {}, files: {} },
    cacheDirectory: folder.path,
  });
  t.after(() => opened.close());
  runs.length = 0;
  return {
    ...opened,
    runs,
    async answers(requests) {
      const messages = requests.map((request) => rpcMethod(inferPath).encodeRequest(request));
      return (await opened.inferBatch(messages)).map(read);
    },
  };
}

function read(outcome: Buffer | WeftError): Answer {
  if (outcome instanceof WeftError) return outcome;
  const response = rpcMethod(inferPath).decodeResponse(outcome) as ModelInferResponse__Output;
  return Object.fromEntries(
    response.outputs.map(({ name, shape }, index) => [
      name,
      { shape: shape.map(Number), values: floatsOf(response, index) },
    ]),
  );
}

const brief = (answers: readonly Answer[]) =>
  answers.map((answer) => (answer instanceof WeftError ? `${answer.code} ${answer.message}` : answer));

/** Rows of numbers that tell rows and requests apart. */
function rowsOfTwo(rows: number, seed: number): ModelInferRequest {
  const values = Array.from({ length: rows * 2 }, (_, index) => seed * 10_000 + index);
  return inferFloats('m', values, { shape: [rows, 2] });
}

describe('a request of more rows than the model takes', () => {
  test('comes back whole and in order: 1,000 rows of a model of at most 64', async (t) => {
    const { answers, runs } = await open(t, identity('FP32', ['rows', 2]), 'max_batch_size: 64');
    const [answer] = await answers([rowsOfTwo(1000, 1)]);
    const values = Array.from({ length: 2000 }, (_, index) => 10_000 + index);
    assert.deepEqual(answer, { y: { shape: [1000, 2], values } });
    assert.deepEqual(runs, [...new Array<number>(15).fill(64), 40]);
  });

  test('shares its last run with others, and every request gets its own', async (t) => {
    const { answers, runs } = await open(t, identity('FP32', ['rows', 2]), 'max_batch_size: 4');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(11), { minLength: 1, maxLength: 6 }), async (counts) => {
        const requests = counts.map((rows, index) => rowsOfTwo(rows, index));
        const expected = counts.map((rows, index) => ({
          y: { shape: [rows, 2], values: Array.from({ length: rows * 2 }, (_, at) => index * 10_000 + at) },
        }));
        assert.deepEqual(await answers(requests), expected);
      }),
      { numRuns: 30 },
    );
    runs.length = 0;
    await answers([rowsOfTwo(5, 0), rowsOfTwo(2, 1), rowsOfTwo(1, 2)]);
    assert.deepEqual(runs, [4, 4]);
  });

  test('stops where its client leaves, and its batch-mates are answered', async (t) => {
    const { inferBatch, runs } = await open(t, identity('FP32', ['rows', 2]), 'max_batch_size: 4');
    let asked = 0;
    const leaving = {
      throwIfGone() {
        if (++asked > 2) throw new WeftError('CANCELLED', 'the client cancelled');
      },
    };
    const messages = [rowsOfTwo(100, 0), rowsOfTwo(3, 1)].map((request) => rpcMethod(inferPath).encodeRequest(request));
    const [left, stayed] = (await inferBatch(messages, [leaving, attended])).map(read);
    assert.equal((left as WeftError).code, 'CANCELLED');
    assert.deepEqual(stayed, { y: { shape: [3, 2], values: [10_000, 10_001, 10_002, 10_003, 10_004, 10_005] } });
    assert.deepEqual(runs, [4, 4, 3]);
  });

  test('fails with a hint when an output has not a row for each row', async (t) => {
    const { answers } = await open(t, sumOfRows(), 'max_batch_size: 4');
    assert.deepEqual(brief(await answers([rowsOfTwo(6, 0)])), [
      "INTERNAL model 'm' gave output 'sum' 1 rows for 4: its max_batch_size should be 0",
    ]);
    assert.deepEqual(brief(await answers([inferFloats('m', [1, 2, 3, 4], { shape: [2, 2] })])), [
      { sum: { shape: [1, 2], values: [4, 6] } },
    ]);
  });
});

test('a request whose rows make a joined run fail fails alone', async (t) => {
  const { answers, runs } = await open(t, squares(), 'max_batch_size: 8');
  const number = (value: number): ModelInferRequest => ({
    modelName: 'm',
    inputs: [{ name: 'x', datatype: 'INT64', shape: [1, 1], contents: { int64Contents: [value] } }],
  });
  const square = (value: number) => ({ y: { shape: [1, 1], values: [value] } });
  assert.deepEqual(brief(await answers([number(3), number(99), number(5)])), [
    square(9),
    'INTERNAL internal error',
    square(25),
  ]);
  assert.deepEqual(runs, [3, 1, 1, 1]);
});

describe('requests of different lengths', () => {
  const padded = ['max_batch_size: 64', pad('x', '99'), pad('mask', '0')].join(' ');

  function ofLength(length: number, rows = 1, seed = length): ModelInferRequest {
    const values = Float32Array.from({ length: rows * length }, (_, index) => ((seed + index) * 7) % 13);
    const ones = new Float32Array(rows * length).fill(1);
    return {
      modelName: 'm',
      inputs: ['x', 'mask'].map((name) => ({ name, datatype: 'FP32', shape: [rows, length] })),
      rawInputContents: [Buffer.from(values.buffer), Buffer.from(ones.buffer)],
    };
  }

  function assertSame(actual: Answer | undefined, expected: Answer | undefined): void {
    assert.ok(!(actual instanceof WeftError) && !(expected instanceof WeftError) && actual && expected);
    assert.deepEqual(Object.keys(actual), Object.keys(expected));
    for (const [name, { shape, values }] of Object.entries(expected)) {
      assert.deepEqual(actual[name]?.shape, shape);
      const differences = values.map((value, index) => Math.abs(value - (actual[name]?.values[index] as number)));
      assert.ok(
        differences.every((difference) => difference < 1e-4),
        `${name}: ${differences.join(' ')}`,
      );
    }
  }

  for (const [names, config] of [
    [true, padded],
    [false, `${padded} ${cut('centred', 'x')}`],
  ] as const) {
    test(`run together and get what they get alone, in a model ${names ? 'with' : 'without'} named dimensions`, async (t) => {
      const { answers, runs } = await open(t, maskedMean(names), config);
      await answers([5, 8, 6, 7].map((length) => ofLength(length)));
      assert.deepEqual(runs, [4]);
      const requests = fc.array(
        fc.record({ length: fc.integer({ min: 1, max: 40 }), rows: fc.integer({ min: 1, max: 3 }) }),
        { minLength: 1, maxLength: 8 },
      );
      await fc.assert(
        fc.asyncProperty(requests, async (shapes) => {
          const all = shapes.map(({ length, rows }, seed) => ofLength(length, rows, seed));
          const together = await answers(all);
          for (const [index, request] of all.entries()) assertSame(together[index], (await answers([request]))[0]);
        }),
        { numRuns: 25 },
      );
    });
  }

  test('run apart when one is more than twice as long, or padding is not declared', async (t) => {
    const declared = await open(t, maskedMean(true), padded);
    await declared.answers([ofLength(5), ofLength(11), ofLength(6)]);
    assert.deepEqual(declared.runs.sort(), [1, 2]);
    const plain = await open(t, maskedMean(true), 'max_batch_size: 64');
    await plain.answers([ofLength(5), ofLength(6)]);
    assert.deepEqual(plain.runs, [1, 1]);
  });

  test('of a model without named dimensions are not padded before the configuration says what to cut', async (t) => {
    await assert.rejects(open(t, maskedMean(false), padded), {
      code: 'INVALID_ARGUMENT',
      message: /^weft\.cut\.centred is missing/,
    });
  });
});

describe('warming up measures', () => {
  const sizes = ({ loaded }: OpenedModel) => loaded.warmup.map(({ rows }) => rows);

  test('batches of several sizes, up to the largest', async (t) => {
    const opened = await open(t, identity('FP32', ['rows', 2]), 'max_batch_size: 64');
    assert.deepEqual(sizes(opened), [1, 4, 16, 64]);
    assert.ok(opened.loaded.warmup.every(({ computeUs }) => computeUs > 0));
  });

  test('one row of a model that does not batch', async (t) => {
    assert.deepEqual(sizes(await open(t, identity('FP32', [1, 2]), '')), [1]);
  });

  test('one row of a model that fails on more, and serves all the same', async (t) => {
    const opened = await open(t, secretlySingle(), 'max_batch_size: 16');
    assert.deepEqual(sizes(opened), [1]);
    const answered = await opened.answers([rowsOfTwo(1, 0), rowsOfTwo(1, 1)]);
    assert.deepEqual(
      brief(answered),
      [
        [0, 1],
        [10_000, 10_001],
      ].map((values) => ({ y: { shape: [1, 2], values } })),
    );
  });

  test('inputs that may be padded at some length, and nothing where no length is known', async (t) => {
    const config = ['max_batch_size: 4', pad('x', '0'), pad('mask', '0')].join(' ');
    assert.deepEqual(sizes(await open(t, maskedMean(true), config)), [1, 4]);
    assert.deepEqual(sizes(await open(t, maskedMean(true), 'max_batch_size: 4')), []);
  });
});
