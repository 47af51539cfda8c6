// What the real model takes drawings for.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Label } from '@weft/runtime';
import { openDefaultModel } from '@weft/runtime/testing';
import sharp from 'sharp';
import { drawSymbol, type Pen, type Stroke } from '../testing/draw-symbol.ts';
import { catalogue } from '../catalogue.ts';
import { classifyPath } from './image-classification.ts';

const symbols = await openDefaultModel(catalogue, 'detypify');
after(() => symbols.close());

async function classify(encoded: Buffer, topK = 0): Promise<Label[]> {
  return (await symbols.ask<{ labels: Label[] }>(classifyPath, { image: { encoded }, topK })).labels;
}

const bowl: Stroke = [
  [85, 20],
  [40, 20],
  [15, 35],
  [10, 50],
  [15, 65],
  [40, 80],
  [85, 80],
];
const drawings: readonly (readonly [label: string, ...strokes: Stroke[]])[] = [
  [
    'alpha (α)',
    [
      [80, 20],
      [60, 70],
      [30, 95],
      [8, 70],
      [10, 40],
      [30, 18],
      [55, 40],
      [70, 80],
      [85, 95],
    ],
  ],
  [
    'sum (∑)',
    [
      [90, 10],
      [10, 10],
      [50, 50],
      [10, 90],
      [90, 90],
    ],
  ],
  [
    'infinity (∞)',
    [
      [50, 50],
      [70, 30],
      [90, 35],
      [95, 50],
      [90, 65],
      [70, 70],
      [50, 50],
      [30, 30],
      [10, 35],
      [5, 50],
      [10, 65],
      [30, 70],
      [50, 50],
    ],
  ],
  [
    'arrow.r (→)',
    [
      [5, 50],
      [95, 50],
    ],
    [
      [75, 30],
      [95, 50],
      [75, 70],
    ],
  ],
  [
    'integral (∫)',
    [
      [70, 8],
      [60, 5],
      [52, 15],
      [50, 50],
      [48, 85],
      [40, 96],
      [30, 92],
    ],
  ],
  [
    'forall (∀)',
    [
      [10, 10],
      [50, 90],
      [90, 10],
    ],
    [
      [28, 45],
      [72, 45],
    ],
  ],
  [
    'exists (∃)',
    [
      [20, 10],
      [80, 10],
      [80, 90],
      [20, 90],
    ],
    [
      [30, 50],
      [80, 50],
    ],
  ],
  [
    'plus.minus (±)',
    [
      [50, 10],
      [50, 60],
    ],
    [
      [20, 35],
      [80, 35],
    ],
    [
      [20, 80],
      [80, 80],
    ],
  ],
  [
    'pi (π)',
    [
      [5, 25],
      [20, 15],
      [95, 15],
    ],
    [
      [35, 15],
      [30, 90],
    ],
    [
      [68, 15],
      [70, 80],
      [85, 88],
    ],
  ],
  ['subset (⊂)', bowl],
  [
    'in (∈)',
    bowl,
    [
      [10, 50],
      [80, 50],
    ],
  ],
  [
    'lt.eq (≤)',
    [
      [80, 10],
      [20, 40],
      [80, 70],
    ],
    [
      [20, 90],
      [80, 90],
    ],
  ],
];

const pens: Record<string, Pen> = {
  'a chalk on a board': { size: 300, width: 9, ink: '#ffffff', paper: '#102018' },
  'a fine pen on paper': { size: 260, width: 3, ink: '#000000', paper: '#ffffff' },
  'a thick blue marker on grey': { size: 700, width: 34, ink: '#223388', paper: '#dddddd' },
  'a small scan': { size: 72, width: 2, ink: '#000000', paper: '#ffffff' },
};

for (const [name, pen] of Object.entries(pens)) {
  test(`symbols drawn with ${name} are recognised`, async () => {
    const recognised: string[] = [];
    for (const [, ...strokes] of drawings)
      recognised.push((await classify(await drawSymbol(strokes, pen), 1))[0]?.name as string);
    assert.deepEqual(
      recognised,
      drawings.map(([label]) => label),
    );
  });
}

test('labels are the five most probable unless asked otherwise, with probabilities', async () => {
  const drawing = await drawSymbol(drawings[1]?.slice(1) as Stroke[], pens['a fine pen on paper'] as Pen);
  const labels = await classify(drawing);
  assert.equal(labels.length, 5);
  assert.deepEqual(labels.slice(0, 2), await classify(drawing, 2));
  const all = await classify(drawing, 1000);
  assert.equal(all.length, 411);
  assert.ok(Math.abs(all.reduce((sum, { score }) => sum + score, 0) - 1) < 1e-4);
  assert.deepEqual(
    all.map(({ score }) => score),
    all.map(({ score }) => score).sort((a, b) => b - a),
  );
});

test('an empty sheet is refused', async () => {
  const sheet = await sharp({ create: { width: 50, height: 50, channels: 3, background: '#f0f0f0' } })
    .png()
    .toBuffer();
  await assert.rejects(classify(sheet), { code: 'INVALID_ARGUMENT', message: 'image: nothing is drawn on it' });
});
