import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TensorSpec } from '@weft/tensor';
import { readDecoderInterface } from './decoder-interface.ts';

const ids = (name: string): TensorSpec => ({ name, datatype: 'INT64', shape: [-1, -1] });
const cache = (name: string, shape = [-1, 2, -1, 32]): TensorSpec => ({ name, datatype: 'FP16', shape });

const inputs = [
  ids('input_ids'),
  ids('attention_mask'),
  ids('position_ids'),
  cache('past_key_values.0.key'),
  cache('past_key_values.0.value'),
];
const outputs: TensorSpec[] = [
  { name: 'logits', datatype: 'FP32', shape: [-1, -1, 100] },
  cache('present.0.key'),
  cache('present.0.value'),
];

test('names, heads and datatypes are read from the model, positions or not', () => {
  const found = readDecoderInterface({ inputs, outputs });
  assert.deepEqual(found.cache, [
    { input: 'past_key_values.0.key', output: 'present.0.key', datatype: 'FP16', heads: 2, width: 32 },
    { input: 'past_key_values.0.value', output: 'present.0.value', datatype: 'FP16', heads: 2, width: 32 },
  ]);
  assert.deepEqual([...found.integers.keys()], ['input_ids', 'attention_mask', 'position_ids']);
  const without = readDecoderInterface({ inputs: inputs.filter(({ name }) => name !== 'position_ids'), outputs });
  assert.deepEqual([...without.integers.keys()], ['input_ids', 'attention_mask']);
});

const branch: TensorSpec = { name: 'use_cache_branch', datatype: 'BOOL', shape: [1] };
const refusals: [string, readonly TensorSpec[], readonly TensorSpec[], RegExp][] = [
  ['a merged export', [...inputs, branch], outputs, /use_cache_branch.*export it without merging/],
  ['a model without a cache', inputs.slice(0, 3), outputs, /has no inputs 'past_key_values\.…'/],
  ['a model of two halves', [...inputs, ids('encoder_hidden_states')], outputs, /has an input 'encoder_hidden_states'/],
  [
    'a model without a mask',
    inputs.filter(({ name }) => name !== 'attention_mask'),
    outputs,
    /no input 'attention_mask'/,
  ],
  ['a model without scores', inputs, outputs.slice(1), /no output 'logits'/],
  ['a cache that does not come back', inputs, outputs.slice(0, 2), /no output 'present\.0\.value'/],
  [
    'a cache of another layout',
    [...inputs.slice(0, 4), cache('past_key_values.0.value', [-1, -1, 64])],
    outputs,
    /of shape \[-1,-1,64\]: expected \[-1,heads,-1,width\]/,
  ],
];

for (const [what, someInputs, someOutputs, message] of refusals)
  test(`${what} is refused with the reason`, () => {
    assert.throws(() => readDecoderInterface({ inputs: someInputs, outputs: someOutputs }), {
      code: 'INVALID_ARGUMENT',
      message,
    });
  });
