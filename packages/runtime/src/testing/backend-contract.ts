// The contract of a backend as tests, for every implementation to run on models of its own format. For tests only
// so that no product code loads the test runner.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WeftError } from '@weft/errors';
import {
  float32Elements,
  float32Tensor,
  int32Tensor,
  stringElements,
  stringTensor,
  type Tensor,
  type TensorMap,
  type TensorSpec,
} from '@weft/tensor';
import type { Backend, BackendModel, BackendOptions } from '../backend.ts';

/** Paths of model files that the implementation's test has authored. */
export interface ContractModels {
  /** Inputs `a`, `b` FP32 [-1,3]; outputs `sum` = a + b and `weighted` = a × (1, 10, 100), both FP32 [-1,3]. */
  readonly arithmetic: string;
  /** Input `text` BYTES [-1]; output `same` BYTES [-1] is its copy. */
  readonly strings: string;
  /** A file that is nothing. */
  readonly broken: string;
  /** A file that begins as a model of this format and ends too early. */
  readonly truncated: string;
}

const options: BackendOptions = { providers: ['cpu'], deviceId: 0, threads: 1 };
const a = float32Tensor([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
const b = float32Tensor([2, 3], Float32Array.of(0.5, 0.5, 0.5, -1, -1, -1));

/** Registers the suite with node:test. `models` is asked once for each test, and may give the same files every time. */
export function backendContract(name: string, backend: Backend, models: () => Promise<ContractModels>): void {
  const loaded = async (kind: keyof ContractModels, use: (model: BackendModel) => Promise<void>, asked = options) => {
    const model = await backend.load((await models())[kind], asked);
    try {
      await use(model);
    } finally {
      await model.unload();
    }
  };

  describe(`${name} keeps the contract of a backend`, () => {
    test('a loaded model tells its inputs, outputs and where it runs', () =>
      loaded('arithmetic', async (model) => {
        const spec = (name: string) => ({ name, datatype: 'FP32', shape: [-1, 3] });
        const unnamed = ({ name, datatype, shape }: TensorSpec) => ({ name, datatype, shape });
        assert.deepEqual(model.inputs.map(unnamed), [spec('a'), spec('b')]);
        assert.deepEqual(model.outputs.map(unnamed), [spec('sum'), spec('weighted')]);
        assert.notEqual(model.placement.provider, '');
        assert.equal(model.placement.fallbackReason, '');
      }));

    test('all outputs come back by name when none are chosen', () =>
      loaded('arithmetic', async (model) => {
        const results = await model.run({ a, b });
        assert.deepEqual(Object.keys(results).sort(), ['sum', 'weighted']);
        assertFloats(results['sum'], [2, 3], [1.5, 2.5, 3.5, 3, 4, 5]);
        assertFloats(results['weighted'], [2, 3], [1, 20, 300, 4, 50, 600]);
      }));

    test('only the chosen outputs come back', () =>
      loaded('arithmetic', async (model) => {
        const results = await model.run({ a, b }, ['weighted']);
        assert.deepEqual(Object.keys(results), ['weighted']);
        assertFloats(results['weighted'], [2, 3], [1, 20, 300, 4, 50, 600]);
      }));

    test('elements that lie in the middle of a larger buffer are read from there', () =>
      loaded('arithmetic', async (model) => {
        const buffer = Float32Array.of(9, 9, 9, 1, 2, 3, 9, 9);
        const results = await model.run({
          a: float32Tensor([1, 3], buffer.subarray(3, 6)),
          b: float32Tensor([1, 3], buffer.subarray(0, 3)),
        });
        assertFloats(results['sum'], [1, 3], [10, 11, 12]);
      }));

    test('runs of different sizes follow one another, and earlier results stay as they were', () =>
      loaded('arithmetic', async (model) => {
        const first = await model.run({ a, b });
        for (const rows of [1, 7, 2, 64]) {
          const ones = float32Tensor([rows, 3], new Float32Array(rows * 3).fill(1));
          const { sum } = await model.run({ a: ones, b: ones });
          assertFloats(sum, [rows, 3], new Array<number>(rows * 3).fill(2));
        }
        assertFloats(first['sum'], [2, 3], [1.5, 2.5, 3.5, 3, 4, 5]);
      }));

    test('a result may be overwritten or given away without harm to the model', () =>
      loaded('arithmetic', async (model) => {
        const first = await model.run({ a, b });
        float32Elements(first['weighted'] as Tensor).fill(0);
        assertFloats((await model.run({ a, b }))['weighted'], [2, 3], [1, 20, 300, 4, 50, 600]);
      }));

    test('a batch of no rows gives results of no rows', () =>
      loaded('arithmetic', async (model) => {
        const none = float32Tensor([0, 3], new Float32Array(0));
        const results = await model.run({ a: none, b: none });
        assertFloats(results['sum'], [0, 3], []);
        assertFloats(results['weighted'], [0, 3], []);
      }));

    test('strings go in and out unchanged, none and empty ones too', () =>
      loaded('strings', async (model) => {
        assert.deepEqual(model.inputs, [{ name: 'text', datatype: 'BYTES', shape: [-1] }]);
        for (const texts of [['', 'žluťoučký kůň', '馬 🐎', 'a\nb'], []]) {
          const { same } = await model.run({ text: stringTensor([texts.length], texts) });
          assert.ok(same);
          assert.deepEqual([same.datatype, same.shape], ['BYTES', [texts.length]]);
          assert.deepEqual(stringElements(same), texts);
        }
      }));

    test('feeds that do not fit are refused, and the next run is none the worse for it', () =>
      loaded('arithmetic', async (model) => {
        const refused: [TensorMap, RegExp][] = [
          [{ a, b, c: a }, /unexpected inference input 'c'/],
          [{ a }, /expected 2 inputs but got 1 inputs: 'b' is missing/],
          [
            { a, b: int32Tensor([2, 3], new Int32Array(6)) },
            /input 'b' data-type is 'INT32', but the model expects 'FP32'/,
          ],
          [{ a, b: stringTensor([2, 3], ['', '', '', '', '', '']) }, /input 'b' data-type is 'BYTES'/],
          [
            { a, b: float32Tensor([6], new Float32Array(6)) },
            /unexpected shape for input 'b'. Expected \[-1,3\], got \[6\]/,
          ],
          [
            { a, b: float32Tensor([2, 4], new Float32Array(8)) },
            /unexpected shape for input 'b'. Expected \[-1,3\], got \[2,4\]/,
          ],
        ];
        for (const [feeds, message] of refused) await assert.rejects(model.run(feeds), invalid(message));
        assertFloats((await model.run({ a, b }))['sum'], [2, 3], [1.5, 2.5, 3.5, 3, 4, 5]);
      }));

    test('an output that there is not is refused by name', () =>
      loaded('arithmetic', async (model) => {
        await assert.rejects(model.run({ a, b }, ['sum', 'product']), invalid(/unexpected inference output 'product'/));
      }));

    test('two copies of one model do not share a life', async () => {
      const { arithmetic } = await models();
      const [first, second] = [await backend.load(arithmetic, options), await backend.load(arithmetic, options)];
      await first.unload();
      assertFloats((await second.run({ a, b }))['sum'], [2, 3], [1.5, 2.5, 3.5, 3, 4, 5]);
      await second.unload();
    });

    test('an unloaded model does not run', async () => {
      const model = await backend.load((await models()).arithmetic, options);
      await model.unload();
      await assert.rejects(model.run({ a, b }));
    });

    for (const kind of ['broken', 'truncated'] as const) {
      test(`a ${kind} file is refused without telling where it lies`, async () => {
        const path = (await models())[kind];
        await assert.rejects(backend.load(path, options), (error) => {
          invalid(/./)(error);
          assert.ok(!(error as Error).message.includes(path));
          return true;
        });
      });
    }

    test('a file that does not exist is refused', async () => {
      await assert.rejects(backend.load(`${(await models()).arithmetic}.none`, options), invalid(/./));
    });

    test('a provider that does not exist is passed over for the next one, and the reason names it', () =>
      loaded(
        'arithmetic',
        async (model) => {
          assert.notEqual(model.placement.provider, 'nonesuch');
          assert.match(model.placement.fallbackReason, /nonesuch: ./);
          assertFloats((await model.run({ a, b }))['sum'], [2, 3], [1.5, 2.5, 3.5, 3, 4, 5]);
        },
        { ...options, providers: ['nonesuch', 'cpu'] },
      ));

    test('without any provider that works, loading fails with UNAVAILABLE and the reasons', async () => {
      const { arithmetic } = await models();
      await assert.rejects(backend.load(arithmetic, { ...options, providers: ['nonesuch', 'neither'] }), (error) => {
        assert.ok(error instanceof WeftError);
        assert.equal(error.code, 'UNAVAILABLE');
        assert.match(error.message, /nonesuch: .*neither: ./s);
        return true;
      });
    });
  });
}

function assertFloats(tensor: Tensor | undefined, shape: readonly number[], elements: readonly number[]): void {
  assert.ok(tensor);
  assert.equal(tensor.datatype, 'FP32');
  assert.deepEqual(tensor.shape, shape);
  assert.deepEqual([...float32Elements(tensor)], elements);
}

function invalid(message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof WeftError, `not a WeftError: ${String(error)}`);
    assert.equal(error.code, 'INVALID_ARGUMENT');
    assert.match(error.message, message);
    return true;
  };
}
