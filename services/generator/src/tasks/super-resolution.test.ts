import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import { blankImage, decodeImage, encodeImage, rgbImage } from '@weft/image';
import type { Image } from '@weft/rpc/messages/weft/vision/v1/Image';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import type { UpscaleResponse } from '@weft/rpc/messages/weft/generator/v1/UpscaleResponse';
import type { ItemContext, Task } from '@weft/runtime';
import { float32Tensor, type TensorSpec } from '@weft/tensor';
import { anyImage, doubling, openDoubling } from '../testing/doubling-model.ts';

const waiting: ItemContext = { throwIfGone() {} };

function ask(task: Task, request: object, item = waiting): Promise<readonly (object | WeftError)[]> {
  return askTogether(task, [request], [item]);
}

function askTogether(
  task: Task,
  requests: readonly object[],
  items: readonly ItemContext[] = requests.map(() => waiting),
): Promise<readonly (object | WeftError)[]> {
  const [method] = task.methods;
  assert.equal(method?.path, '/weft.generator.v1.GeneratorService/Upscale');
  return method.infer(
    requests.map((request) => ({ format: 'IMAGE_FORMAT_UNSPECIFIED', ...request })),
    items,
  );
}

async function refusal(task: Task, request: object): Promise<string> {
  const [outcome] = await ask(task, request);
  assert.ok(outcome instanceof WeftError, 'it was accepted');
  assert.equal(outcome.code, 'INVALID_ARGUMENT');
  return outcome.message;
}

const small = rgbImage(2, 1, Uint8Array.of(255, 0, 10, 0, 128, 20));
const enlarged = [255, 0, 10, 255, 0, 10, 0, 128, 20, 0, 128, 20].flatMap((value) => [value]);
const raw = (await encodeImage(small, 'IMAGE_FORMAT_RAW')) as Image__Output;

test('the answer is the image the model made, and how many times larger it is', async () => {
  for (const [white, full] of [
    [undefined, 1],
    ['1', 1],
    ['255', 255],
  ] as const) {
    const { model, fed } = doubling();
    const task = await openDoubling(model, white === undefined ? {} : { white });
    const [outcome] = await ask(task, { image: raw, format: 'IMAGE_FORMAT_RAW' });
    const { image, scale } = outcome as UpscaleResponse & { image: Image };
    assert.equal(scale, 2);
    assert.deepEqual(image.raw, {
      width: 4,
      height: 2,
      channels: 3,
      pixels: Uint8Array.from([...enlarged, ...enlarged]),
    });
    assert.equal(Math.max(...fed), full);
  }
});

test('the image comes in the format that was asked for, PNG without one', async () => {
  const task = await openDoubling(doubling().model);
  const image = (await encodeImage(blankImage(16, 8, [200, 100, 50]), 'IMAGE_FORMAT_JPEG')) as Image__Output;
  const starts = { UNSPECIFIED: '89504e47', PNG: '89504e47', JPEG: 'ffd8ff', WEBP: '52494646' };
  for (const [format, start] of Object.entries(starts)) {
    const [outcome] = await ask(task, { image, format: `IMAGE_FORMAT_${format}` });
    const result = (outcome as { image: Image__Output }).image;
    assert.ok(
      Buffer.from(result.encoded as Uint8Array)
        .toString('hex')
        .startsWith(start),
      format,
    );
    const { width, height } = await decodeImage(result, 'image', { maxImagePixels: 1000 });
    assert.deepEqual([width, height], [32, 16]);
  }
});

test('an image over the limit of the model, or over the general one, is refused with that limit', async () => {
  const image = (await encodeImage(blankImage(20, 6, [0, 0, 0]), 'IMAGE_FORMAT_PNG')) as Image__Output;
  const small = await openDoubling(doubling().model, { max_input_pixels: '119' });
  assert.match(await refusal(small, { image }), /^image: 20×6 is 120 pixels, over the limit of 119$/);
  const exact = await openDoubling(doubling().model, { max_input_pixels: '120' });
  assert.ok(!((await ask(exact, { image }))[0] instanceof WeftError));
  const general = await openDoubling(doubling().model, { max_input_pixels: '5000' });
  const large = (await encodeImage(blankImage(40, 26, [0, 0, 0]), 'IMAGE_FORMAT_PNG')) as Image__Output;
  assert.match(await refusal(general, { image: large }), /over the limit of 1000$/);
});

test('tensors that clients send themselves obey the limit of the model too', async () => {
  const { tensors } = await openDoubling(doubling().model, { max_input_pixels: '8' });
  const x = (shape: number[]) => ({ x: float32Tensor(shape, new Float32Array(shape.reduce((a, b) => a * b, 1))) });
  assert.deepEqual((await tensors?.run(x([1, 2, 4, 3])))?.['y']?.shape, [1, 4, 8, 3]);
  await assert.rejects(tensors?.run(x([2, 2, 3, 3])) ?? Promise.resolve(), {
    code: 'INVALID_ARGUMENT',
    message: "input 'x': 2×2×3 is 12 pixels, over the limit of 8",
  });
});

test('requests without a usable image or format are refused by field', async () => {
  const task = await openDoubling(doubling().model);
  assert.match(await refusal(task, { image: null }), /^image: empty image/);
  assert.match(
    await refusal(task, { image: { encoded: Buffer.from('no image at all') } }),
    /^image: unknown image format/,
  );
  assert.match(await refusal(task, { image: raw, format: 9 }), /^format: unknown image format 9/);
});

test('images of equal size share a run, as many as its pixels allow, and one that is broken fails alone', async () => {
  const images = [rgbImage(2, 1, Uint8Array.of(1, 2, 3, 4, 5, 6)), rgbImage(1, 2, Uint8Array.of(7, 8, 9, 10, 11, 12))];
  const [wide, high] = (await Promise.all(images.map((image) => encodeImage(image, 'IMAGE_FORMAT_RAW')))) as [
    Image__Output,
    Image__Output,
  ];
  const { model, runs } = doubling();
  const task = await openDoubling(model, { max_run_pixels: '4' });
  const broken = { encoded: Buffer.from('no image') };
  const requests = [wide, high, wide, broken, wide].map((image) => ({ image, format: 'IMAGE_FORMAT_RAW' }));
  const outcomes = await askTogether(task, requests);
  assert.deepEqual(runs, [2, 1, 1]);
  assert.equal((outcomes[3] as WeftError).code, 'INVALID_ARGUMENT');
  for (const index of [0, 1, 2, 4]) {
    const [alone] = await ask(await openDoubling(doubling().model), requests[index] as object);
    assert.deepEqual(outcomes[index], alone);
  }
});

test('a run has as many pixels as the device gains by, unless the model says otherwise, and never more than one image may', async () => {
  const requests = new Array<object>(5).fill({ image: raw, format: 'IMAGE_FORMAT_RAW' });
  const runsOf = async (provider: string, parameters: Readonly<Record<string, string>>): Promise<number[]> => {
    const { model, runs } = doubling();
    await askTogether(
      await openDoubling({ ...model, placement: { provider, fallbackReason: '' } }, parameters),
      requests,
    );
    return runs;
  };
  assert.deepEqual(await runsOf('cpu', {}), [5]);
  assert.deepEqual(await runsOf('cpu', { max_run_pixels: '6' }), [3, 2]);
  assert.deepEqual(await runsOf('cuda', { max_input_pixels: '8' }), [4, 1]);
  assert.deepEqual(await runsOf('wasm', { max_input_pixels: '4', max_run_pixels: '100' }), [2, 2, 1]);
});

test('what nobody waits for any more is not computed', async () => {
  const { model, fed } = doubling();
  const task = await openDoubling(model);
  let asked = 0;
  const leaving: ItemContext = {
    throwIfGone() {
      if (++asked > 1) throw new WeftError('CANCELLED', 'the client cancelled');
    },
  };
  const [outcome] = await ask(task, { image: raw }, leaving);
  assert.equal((outcome as WeftError).code, 'CANCELLED');
  assert.deepEqual(fed, []);
});

test('a model that takes something else than images is refused when it is loaded', async () => {
  const others: (readonly TensorSpec[])[] = [
    [],
    [anyImage, { ...anyImage, name: 'z' }],
    [{ ...anyImage, datatype: 'INT32' }],
    [{ ...anyImage, shape: [-1, 3, -1, -1] }],
    [{ ...anyImage, shape: [1, 128, 128, 3] }],
  ];
  for (const inputs of others) {
    await assert.rejects(openDoubling(doubling(inputs).model), {
      code: 'INVALID_ARGUMENT',
      message: /should take one tensor FP32/,
    });
  }
});

test('a model that does not enlarge evenly does not get past its warm-up', async () => {
  await assert.rejects(
    (await openDoubling(doubling([anyImage], [2, 3]).model)).warmup(1),
    /made 93×62 of 31×31, which is no upscaling/,
  );
  const { model, runs } = doubling();
  await (await openDoubling(model)).warmup(4);
  assert.deepEqual(runs, [4]);
});

test('settings that are no positive numbers are refused by name', async () => {
  for (const [name, value] of [
    ['white', '0'],
    ['white', 'bright'],
    ['max_input_pixels', ''],
    ['max_input_pixels', '-1'],
  ] as const) {
    await assert.rejects(openDoubling(doubling().model, { [name]: value }), {
      code: 'INVALID_ARGUMENT',
      message: `weft.${name}: expected a number above 0, got "${value}"`,
    });
  }
});
