import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackendModel } from '@weft/runtime';
import type { Datatype, Tensor, TensorMap, TensorSpec } from '@weft/tensor';
import { openDecoder } from './decoder-model.ts';

const past = 'past_key_values.0.key';
const spec = (name: string, datatype: Datatype, shape: number[]): TensorSpec => ({ name, datatype, shape });

/** All of its scores are 0, as are the numbers of its cache. */
function playedBackend(vocabulary: number, ...moreInputs: TensorSpec[]): BackendModel {
  const tensor = (shape: number[]): Tensor => ({
    datatype: 'FP32',
    shape,
    elements: new Float32Array(shape.reduce((product, size) => product * size, 1)),
  });
  return {
    inputs: [
      spec('input_ids', 'INT64', [-1, -1]),
      spec('attention_mask', 'INT64', [-1, -1]),
      spec(past, 'FP32', [-1, 1, -1, 1]),
      ...moreInputs,
    ],
    outputs: [spec('logits', 'FP32', [-1, -1, -1]), spec('present.0.key', 'FP32', [-1, 1, -1, 1])],
    placement: { provider: 'cpu', fallbackReason: '' },
    async run(feeds: TensorMap) {
      const [rows = 0, tokens = 0] = feeds['input_ids']?.shape ?? [];
      const columns = feeds[past]?.shape[2] ?? 0;
      return { logits: tensor([rows, tokens, vocabulary]), 'present.0.key': tensor([rows, 1, columns + tokens, 1]) };
    },
    async unload() {},
  };
}

test('a run takes as many tokens as have scores of 64 MiB, where the model cannot be told to leave them out', async () => {
  assert.equal((await openDecoder(playedBackend(151_936), 1)).mostAtOnce, 110);
  assert.equal((await openDecoder(playedBackend(1000), 1)).mostAtOnce, 16_777);
  const told = playedBackend(151_936, spec('num_logits_to_keep', 'INT64', []));
  assert.equal((await openDecoder(told, 1)).mostAtOnce, Infinity);
});
