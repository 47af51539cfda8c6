import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import { float32Tensor, int32Tensor, stringTensor, type TensorMap, type TensorSpec } from '@weft/tensor';
import { checkFeeds, chooseOutputs } from './check-feeds.ts';

const inputs: readonly TensorSpec[] = [
  { name: 'x', datatype: 'FP32', shape: [-1, 2] },
  { name: 'y', datatype: 'BYTES', shape: [] },
];
const x = float32Tensor([1, 2], Float32Array.of(1, 2));
const y = stringTensor([1], ['a']);

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof WeftError);
    assert.equal(error.code, 'INVALID_ARGUMENT');
    return error.message;
  }
  throw new assert.AssertionError({ message: 'it was accepted' });
}

test('complete feeds pass, whatever size a free dimension has', () => {
  checkFeeds(inputs, { x, y });
  checkFeeds(inputs, { x: float32Tensor([0, 2], new Float32Array(0)), y: stringTensor([1, 1], ['a']) });
});

test('every refusal names the input and says what was expected', () => {
  const refused: [TensorMap, string][] = [
    [{ x, y, z: x }, "unexpected inference input 'z'"],
    [{ x, y, toString: x }, "unexpected inference input 'toString'"],
    [{ y }, "expected 2 inputs but got 1 inputs: 'x' is missing"],
    [
      { x: int32Tensor([1, 2], Int32Array.of(1, 2)), y },
      "inference input 'x' data-type is 'INT32', but the model expects 'FP32'",
    ],
    [{ x: float32Tensor([2], Float32Array.of(1, 2)), y }, "unexpected shape for input 'x'. Expected [-1,2], got [2]"],
    [
      { x: float32Tensor([1, 3], new Float32Array(3)), y },
      "unexpected shape for input 'x'. Expected [-1,2], got [1,3]",
    ],
    [
      { x: float32Tensor([-1, 2], new Float32Array(2)), y },
      "unexpected shape for input 'x'. Expected [-1,2], got [-1,2]",
    ],
    [
      { x: float32Tensor([0.5, 2], new Float32Array(1)), y },
      "unexpected shape for input 'x'. Expected [-1,2], got [0.5,2]",
    ],
    [
      { x: float32Tensor([2, 2], new Float32Array(3)), y },
      "unexpected number of elements of input 'x'. Expected 4, got 3",
    ],
  ];
  for (const [feeds, message] of refused)
    assert.equal(
      refusal(() => checkFeeds(inputs, feeds)),
      message,
    );
});

test('an input named like a property of every object must still be fed', () => {
  const spec: readonly TensorSpec[] = [{ name: 'constructor', datatype: 'FP32', shape: [-1, 2] }];
  assert.equal(
    refusal(() => checkFeeds(spec, {})),
    "expected 1 inputs but got 0 inputs: 'constructor' is missing",
  );
});

test('outputs are all of them, or those asked for in the order asked', () => {
  assert.deepEqual(chooseOutputs(inputs), ['x', 'y']);
  assert.deepEqual(chooseOutputs(inputs, ['y']), ['y']);
  assert.deepEqual(chooseOutputs(inputs, []), []);
  assert.equal(
    refusal(() => chooseOutputs(inputs, ['y', 'q'])),
    "unexpected inference output 'q'",
  );
});
