import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfigText } from '@weft/models';
import { backendTuning } from './backend-tuning.ts';

const set = (key: string, value: string) => `parameters { key: "${key}" value { string_value: "${value}" } }`;
const tuningOf = (text: string) => backendTuning(parseConfigText(text));

test('the parameters of the backend onnxruntime are read, and 0 threads leave them to the server', () => {
  assert.deepEqual(tuningOf(''), {});
  assert.deepEqual(tuningOf(set('intra_op_thread_count', '0') + set('inter_op_thread_count', '0')), {});
  assert.deepEqual(
    tuningOf(
      [
        set('intra_op_thread_count', '2'),
        set('inter_op_thread_count', '3'),
        set('execution_mode', '1'),
        set('enable_mem_arena', '0'),
        set('enable_mem_pattern', '1'),
        set('session.use_device_allocator_for_initializers', '1'),
        'optimization { graph { level: 2 } }',
      ].join(' '),
    ),
    {
      threads: 2,
      interOpThreads: 3,
      parallel: true,
      memoryArena: false,
      memoryPattern: true,
      deviceInitializers: true,
      graphOptimization: 'disabled',
    },
  );
  assert.deepEqual(tuningOf('optimization { graph { level: -1 } }'), { graphOptimization: 'basic' });
});

test('values that cannot be meant are refused by name', () => {
  assert.throws(() => tuningOf(set('execution_mode', 'parallel')), /'execution_mode': expected 0 or 1, got "parallel"/);
  assert.throws(() => tuningOf(set('intra_op_thread_count', '-1')), /'intra_op_thread_count': .* got "-1"/);
  assert.throws(() => tuningOf('optimization { graph { level: 3 } }'), /optimization\.graph\.level: .* got 3/);
});
