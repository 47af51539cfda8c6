import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageFromFloats, imageTensor } from './image-tensor.ts';
import { rgbImage } from './rgb-image.ts';

const two = rgbImage(2, 1, Uint8Array.of(0, 51, 255, 10, 20, 30));

test('NHWC keeps the order of the pixels and NCHW makes one plane for each channel', () => {
  const scaling = { mean: 10, scale: 0.5 };
  assert.deepEqual(imageTensor([two], { layout: 'NHWC', ...scaling }), {
    datatype: 'FP32',
    shape: [1, 1, 2, 3],
    elements: Float32Array.of(-5, 20.5, 122.5, 0, 5, 10),
  });
  assert.deepEqual(imageTensor([two], { layout: 'NCHW', ...scaling }), {
    datatype: 'FP32',
    shape: [1, 3, 1, 2],
    elements: Float32Array.of(-5, 0, 20.5, 5, 122.5, 10),
  });
});

test('without settings the pixels become 0..1', () => {
  const { elements } = imageTensor([two], { layout: 'NHWC' });
  assert.deepEqual(elements, Float32Array.of(0, 0.2, 1, 10 / 255, 20 / 255, 30 / 255));
});

test('BGR swaps the outer channels, and mean and scale belong to the channels of the tensor', () => {
  const one = rgbImage(1, 1, Uint8Array.of(1, 2, 3));
  const { elements } = imageTensor([one], { layout: 'NCHW', order: 'BGR', mean: [1, 0, 0], scale: [10, 100, 1000] });
  assert.deepEqual(elements, Float32Array.of(20, 200, 1000));
});

test('smaller images of a batch leave zeros at the right and at the bottom', () => {
  const one = rgbImage(1, 1, Uint8Array.of(1, 2, 3));
  const tensor = imageTensor([one, two], { layout: 'NCHW', scale: 1 }, { width: 2, height: 2 });
  assert.deepEqual(tensor.shape, [2, 3, 2, 2]);
  assert.deepEqual(
    [...(tensor.elements as Float32Array)],
    [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 10, 0, 0, 51, 20, 0, 0, 255, 30, 0, 0],
  );
});

test('an image larger than the tensor is an error', () => {
  assert.throws(() => imageTensor([two], { layout: 'NCHW' }, { width: 1, height: 1 }), RangeError);
});

test('floats become pixels again, clamped and rounded, from both layouts', () => {
  for (const layout of ['NHWC', 'NCHW'] as const) {
    const floats = imageTensor([two], { layout }).elements as Float32Array;
    assert.deepEqual(imageFromFloats(floats, two, layout), two);
  }
  assert.deepEqual([...imageFromFloats(Float32Array.of(-1, 2, 0.499), { width: 1, height: 1 }).pixels], [0, 255, 127]);
});
