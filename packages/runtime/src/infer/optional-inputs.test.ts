import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfigText } from '@weft/models';
import { float32Tensor, type TensorSpec } from '@weft/tensor';
import { readOptionalInputs, withOptionalInputs } from './optional-inputs.ts';

const specs: readonly TensorSpec[] = [
  { name: 'x', datatype: 'FP32', shape: [-1, -1], dimensionNames: ['rows', 'length'] },
  { name: 'mask', datatype: 'INT64', shape: [-1, -1], dimensionNames: ['rows', 'length'] },
  { name: 'text', datatype: 'BYTES', shape: [-1, -1], dimensionNames: ['rows', 'other'] },
];

function read(parameters = '') {
  return readOptionalInputs(
    parseConfigText(
      `input [ { name: "x" }, { name: "mask" optional: true }, { name: "text" optional: true } ] ${parameters}`,
    ),
    specs,
  );
}

const setting = (name: string, value: string) =>
  `parameters { key: "weft.default.${name}" value { string_value: "${value}" } }`;

test('what is left out has the rows and the lengths of the others, and its default', () => {
  const given = { x: float32Tensor([2, 3], new Float32Array(6)) };
  const complete = withOptionalInputs(given, specs, { optional: read(setting('mask', '1')), batches: true });
  assert.deepEqual(complete['mask'], { datatype: 'INT64', shape: [2, 3], elements: new BigInt64Array(6).fill(1n) });
  assert.deepEqual(complete['text'], {
    datatype: 'BYTES',
    shape: [2, 1],
    elements: [Buffer.from(''), Buffer.from('')],
  });
  assert.equal(complete['x'], given.x);
});

test('what is given stays as it is, and nothing is made when nothing is left out', () => {
  const x = float32Tensor([1, 1], new Float32Array(1));
  const all = { x, mask: x, text: x };
  assert.equal(withOptionalInputs(all, specs, { optional: read(), batches: true }), all);
});

test('a default that is no value of its input, or of an input that must be given, is refused', () => {
  assert.throws(() => read(setting('mask', 'one')), /weft\.default\.mask: 'one' is no value of INT64/);
  assert.throws(() => read(setting('x', '1')), /weft\.default\.x: the configuration has no optional input 'x'/);
});
