import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Datatype, TensorSpec } from '@weft/tensor';
import { type PaddingSource, readPadding } from './padding.ts';

const spec = (name: string, shape: number[], more: Partial<TensorSpec> = {}): TensorSpec => ({
  name,
  datatype: 'INT64',
  shape,
  ...more,
});
const named = (...dimensionNames: string[]) => ({ dimensionNames });

const encoder: PaddingSource = {
  inputs: [spec('ids', [-1, -1], named('batch', 'sequence')), spec('mask', [-1, -1], named('batch', 'sequence'))],
  outputs: [
    spec('hidden', [-1, -1, 384], named('batch', 'sequence', '')),
    spec('pooled', [-1, 384], named('batch', '')),
  ],
  pad: { ids: '1', mask: '0' },
  cut: {},
  batches: true,
};

function refused(change: Partial<PaddingSource>, message: string | RegExp): void {
  assert.throws(() => readPadding({ ...encoder, ...change }), { code: 'INVALID_ARGUMENT', message });
}

test('an output is cut where its dimension bears the name of a padded one, and no other is', () => {
  const { inputs, outputs } = readPadding(encoder);
  assert.deepEqual(
    [...inputs],
    [
      ['ids', { axes: [1], fill: 1n }],
      ['mask', { axes: [1], fill: 0n }],
    ],
  );
  const sources = [
    { input: 'ids', inputAxis: 1 },
    { input: 'mask', inputAxis: 1 },
  ];
  assert.deepEqual([...outputs], [['hidden', [{ axis: 1, sources }]]]);
});

test('without names the configuration says what an output follows, or that it follows nothing', () => {
  const unnamed = {
    inputs: [spec('ids', [-1, -1])],
    outputs: [spec('hidden', [-1, -1, 384]), spec('attention', [-1, 12, -1, -1]), spec('found', [-1, -1])],
    pad: { ids: '0' },
  };
  const cut = { hidden: 'ids', attention: 'ids', found: 'none' };
  const sources = [{ input: 'ids', inputAxis: 1 }];
  assert.deepEqual(
    [...readPadding({ ...encoder, ...unnamed, cut }).outputs],
    [
      ['hidden', [{ axis: 1, sources }]],
      [
        'attention',
        [
          { axis: 2, sources },
          { axis: 3, sources },
        ],
      ],
    ],
  );
  refused(
    { ...unnamed, cut: { hidden: 'ids', attention: 'ids' } },
    /^weft\.cut\.found is missing: .*its dimension 1 is free/,
  );
});

test('several free dimensions of an input go to as many of an output, one by one', () => {
  const images = {
    inputs: [spec('image', [-1, 3, -1, -1])],
    outputs: [spec('map', [-1, 1, -1, -1])],
    pad: { image: '0' },
  };
  assert.deepEqual(
    [...readPadding({ ...encoder, ...images, cut: { map: 'image' } }).outputs],
    [
      [
        'map',
        [
          { axis: 2, sources: [{ input: 'image', inputAxis: 2 }] },
          { axis: 3, sources: [{ input: 'image', inputAxis: 3 }] },
        ],
      ],
    ],
  );
  refused(
    { ...images, outputs: [spec('map', [-1, -1])], cut: { map: 'image' } },
    "weft.cut.map: the output has 1 free dimensions behind its rows, 'image' has 2",
  );
});

test('an output of unknown shape must be named, for it may be padded', () => {
  refused({ outputs: [spec('hidden', [])] }, /^weft\.cut\.hidden is missing: .*its shape is not known/);
  assert.equal(readPadding({ ...encoder, outputs: [spec('hidden', [])], cut: { hidden: 'none' } }).outputs.size, 0);
});

test('without weft.pad nothing is padded or cut, whatever the shapes', () => {
  const { inputs, outputs } = readPadding({ ...encoder, pad: {}, outputs: [spec('hidden', [])] });
  assert.deepEqual([inputs.size, outputs.size], [0, 0]);
});

test('what cannot be meant is refused by name', () => {
  refused({ pad: { tokens: '0' } }, "weft.pad.tokens: the model has 'ids', 'mask'");
  refused({ cut: { logits: 'ids' } }, "weft.cut.logits: the model has 'hidden', 'pooled'");
  refused({ cut: { hidden: 'types' } }, "weft.cut.hidden: 'types' is no input with weft.pad");
  refused({ batches: false }, 'weft.pad.ids: the model does not batch; set max_batch_size');
  refused(
    { inputs: [spec('ids', [-1, 128])], pad: { ids: '0' } },
    'weft.pad.ids: the input has no free dimension behind its rows',
  );
});

test('a fill value is one of its datatype', () => {
  const fill = (datatype: Datatype, value: string) =>
    readPadding({
      inputs: [spec('x', [-1, -1], { datatype })],
      outputs: [],
      pad: { x: value },
      cut: {},
      batches: true,
    }).inputs.get('x')?.fill;
  assert.deepEqual(
    [fill('INT64', '-5'), fill('UINT8', '255'), fill('FP32', '-1.5'), fill('BOOL', 'true'), fill('FP16', '0')],
    [-5n, 255, -1.5, 1, 0],
  );
  assert.deepEqual([fill('BYTES', '[PAD]'), fill('BYTES', '')], [Buffer.from('[PAD]'), Buffer.alloc(0)]);
  for (const [datatype, value] of [
    ['INT64', '1.5'],
    ['INT64', ''],
    ['INT64', '9223372036854775808'],
    ['UINT8', '256'],
    ['INT32', 'zero'],
    ['FP32', ''],
    ['FP32', 'Infinity'],
    ['BOOL', 'yes'],
    ['FP16', '1'],
  ] as const) {
    assert.throws(() => fill(datatype, value), {
      code: 'INVALID_ARGUMENT',
      message: `weft.pad.x: '${value}' is no value of ${datatype}`,
    });
  }
});
