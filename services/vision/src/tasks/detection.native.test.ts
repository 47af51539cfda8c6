// What the real detectors find on photographs.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { WeftError } from '@weft/errors';
import { attended, openDefaultModel } from '@weft/runtime/testing';
import sharp from 'sharp';
import { catalogue } from '../catalogue.ts';
import { readPhoto } from '../testing/photos.ts';
import type { Detection } from './detection.ts';
import { detectPath } from './detector.ts';

const objects = await openDefaultModel(catalogue, 'centernet');
const faces = await openDefaultModel(catalogue, 'blazeface');
const poses = await openDefaultModel(catalogue, 'movenet');
after(async () => {
  for (const each of [objects, faces, poses]) await each.close();
});

async function detect(
  task: typeof objects,
  encoded: Buffer,
  settings: { minScore?: number; maxResults?: number } = {},
): Promise<Detection[]> {
  const request = { image: { encoded }, minScore: 0, maxResults: 0, ...settings };
  return (await task.ask<{ detections: Detection[] }>(detectPath, request)).detections;
}

function counts(detections: readonly Detection[]): Record<string, number> {
  const labels = detections.map(({ label }) => label).sort();
  return Object.fromEntries(labels.map((label) => [label, labels.filter((each) => each === label).length]));
}

/** Whether the middle of the box lies in this part of the image, given in pixels. */
function middleIn({ box }: Detection, [left, top, right, bottom]: readonly [number, number, number, number]): boolean {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return x > left && x < right && y > top && y < bottom;
}

const photos = [
  ['dog', { dog: 1 }],
  ['horseAndWoman', { horse: 1, person: 1 }],
  ['manWithChild', { person: 1 }],
  ['boyByTheRiver', { person: 1 }],
  ['manFishing', { person: 1 }],
  ['threeWomenAtTable', { person: 3, 'wine glass': 1 }],
  ['threeWomenWithDrinks', { cup: 1, person: 3 }],
  ['fourWomen', { person: 4 }],
] as const;

for (const [photo, expected] of photos) {
  test(`centernet finds what is on the photo ${photo}, and nothing else`, async () => {
    assert.deepEqual(counts(await detect(objects, await readPhoto(photo))), expected);
  });
}

test('centernet finds the dog and the horse where they stand', async () => {
  const [dog] = await detect(objects, await readPhoto('dog'));
  assert.ok(dog !== undefined && middleIn(dog, [300, 200, 420, 330]), JSON.stringify(dog?.box));
  assert.ok(dog.box.width > 300 && dog.box.height > 300);
  const horse = (await detect(objects, await readPhoto('horseAndWoman'))).find(({ label }) => label === 'horse');
  assert.ok(horse !== undefined && middleIn(horse, [270, 240, 350, 310]), JSON.stringify(horse?.box));
});

test('min_score and max_results limit what is reported, the surest first', async () => {
  const photo = await readPhoto('fourWomen');
  const all = await detect(objects, photo, { minScore: 0.05 });
  assert.ok(all.length > 4);
  assert.deepEqual(
    all.map(({ score }) => score),
    all.map(({ score }) => score).sort((a, b) => b - a),
  );
  assert.deepEqual(await detect(objects, photo, { minScore: 0.05, maxResults: 2 }), all.slice(0, 2));
  assert.ok((await detect(objects, photo, { minScore: 0.6 })).every(({ score }) => score >= 0.6));
});

test('blazeface finds every face and none on a dog', async () => {
  for (const [photo, expected] of [
    ['dog', 0],
    ['manWithChild', 1],
    ['threeWomenAtTable', 3],
    ['threeWomenWithDrinks', 3],
    ['fourWomen', 4],
  ] as const) {
    assert.deepEqual(
      (await detect(faces, await readPhoto(photo))).map(({ label }) => label),
      new Array(expected).fill('face'),
      photo,
    );
  }
});

test('the points of a face lie as in a face, wherever it is in the image', async () => {
  const photo = await readPhoto('threeWomenWithDrinks');
  const [whole] = await detect(faces, photo);
  const { left, top } = { left: 300, top: 100 };
  const cut = await detect(faces, await sharp(photo).extract({ left, top, width: 900, height: 900 }).toBuffer());
  for (const [face, from] of [
    [whole, { x: 0, y: 0 }],
    [cut[0], { x: left, y: top }],
  ] as const) {
    assert.ok(face !== undefined);
    const at = Object.fromEntries(face.keypoints.map(({ name, x, y }) => [name, { x: x + from.x, y: y + from.y }]));
    assert.ok(
      middleIn({ ...face, box: { ...face.box, x: face.box.x + from.x, y: face.box.y + from.y } }, [640, 430, 750, 540]),
    );
    const [rightEye, leftEye, nose, mouth] = ['right_eye', 'left_eye', 'nose', 'mouth'].map(
      (name) => at[name] as { x: number; y: number },
    );
    assert.ok(rightEye && leftEye && nose && mouth);
    assert.ok(rightEye.x < nose.x && nose.x < leftEye.x, "the person's right is the image's left");
    assert.ok(
      Math.max(rightEye.y, leftEye.y) < mouth.y && nose.y < mouth.y,
      'the eyes and the nose are above the mouth',
    );
  }
});

test('movenet finds a person with the joints in their order, and nobody on a dog', async () => {
  assert.deepEqual(await detect(poses, await readPhoto('dog')), []);
  const [person, ...others] = await detect(poses, await readPhoto('horseAndWoman'));
  assert.ok(person !== undefined && others.length === 0);
  assert.equal(person.label, 'person');
  assert.ok(middleIn(person, [563, 209, 633, 454]), JSON.stringify(person.box));
  const heights = ['nose', 'left_shoulder', 'left_hip', 'left_knee', 'left_ankle'].map(
    (name) => person.keypoints.find((each) => each.name === name)?.y as number,
  );
  assert.deepEqual(
    heights,
    [...heights].sort((a, b) => a - b),
    'from the nose down to the ankle',
  );
});

test('photos of one batch are answered as alone, and a broken one among them fails alone', async () => {
  const names = ['threeWomenAtTable', 'dog', 'horseAndWoman'] as const;
  const photos = await Promise.all(names.map(readPhoto));
  const [first, ...others] = photos as [Buffer, ...Buffer[]];
  const batch = [first, first.subarray(0, 5000), ...others].map((encoded) => ({
    image: { encoded },
    minScore: 0,
    maxResults: 0,
  }));
  for (const model of [objects, faces, poses]) {
    const [one, broken, ...rest] = await model.method(detectPath).infer(
      batch,
      batch.map(() => attended),
    );
    assert.equal((broken as WeftError).code, 'INVALID_ARGUMENT');
    const together = [one, ...rest].map((outcome) => (outcome as { detections: Detection[] }).detections);
    const alone = [];
    for (const photo of photos) alone.push(await detect(model, photo));
    assert.deepEqual(together, alone);
  }
});

test('what is wrong with a request is said by the name of the field', async () => {
  const photo = await readPhoto('dog');
  const refused = (message: RegExp) => ({ code: 'INVALID_ARGUMENT', message });
  await assert.rejects(detect(objects, photo, { minScore: 1.5 }), refused(/^min_score: expected 0\.\.1, got 1\.5$/));
  await assert.rejects(detect(objects, photo, { minScore: Number.NaN }), refused(/^min_score: /));
  await assert.rejects(detect(faces, Buffer.alloc(0)), refused(/^image: empty image$/));
  await assert.rejects(detect(poses, photo.subarray(0, 5000)), refused(/^image: JPEG image is truncated/));
});
