import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutTensor, type Element, padTensor } from './pad.ts';
import { elementCount, float32Tensor, int64Tensor, stringTensor, type Tensor } from './tensor.ts';

const makers: readonly { readonly make: (shape: number[]) => Tensor; readonly fill: Element }[] = [
  { make: (shape) => float32Tensor(shape, Float32Array.from(counted(shape))), fill: -1 },
  { make: (shape) => int64Tensor(shape, BigInt64Array.from(counted(shape).map(BigInt))), fill: -1n },
  { make: (shape) => stringTensor(shape, counted(shape).map(String)), fill: Buffer.from('-1') },
];

function counted(shape: readonly number[]): number[] {
  return Array.from({ length: elementCount(shape) }, (_, index) => index);
}

test('a tensor lies at the origin of what it is padded to', () => {
  const padded = padTensor(float32Tensor([2, 1, 2], Float32Array.of(1, 2, 3, 4)), [2, 2, 3], 9);
  assert.deepEqual(padded, float32Tensor([2, 2, 3], Float32Array.of(1, 2, 9, 9, 9, 9, 3, 4, 9, 9, 9, 9)));
});

test('cutting off what was padded gives the same tensor, whatever its rank and datatype, and everything else is fill', () => {
  const sizes = fc.array(fc.record({ size: fc.nat(4), more: fc.nat(3) }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...makers), sizes, ({ make, fill }, axes) => {
      const tensor = make(axes.map(({ size }) => size));
      const shape = axes.map(({ size, more }) => size + more);
      const padded = padTensor(tensor, shape, fill);
      assert.deepEqual(padded.shape, shape);
      assert.equal(padded.elements.length, elementCount(shape));
      assert.deepEqual(cutTensor(padded, tensor.shape), tensor);
      const own = [...padded.elements].filter((element) => String(element) !== String(fill));
      assert.deepEqual(own, [...tensor.elements]);
    }),
  );
});
