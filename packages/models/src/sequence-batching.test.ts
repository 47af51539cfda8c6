import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfigText } from './config-file.ts';
import { sequenceBatchingOf } from './sequence-batching.ts';

const read = (settings: string, others = 'max_batch_size: 8') =>
  sequenceBatchingOf(parseConfigText(`${others} sequence_batching { ${settings} }`));

test('a model without sequence_batching batches no sequences', () => {
  assert.equal(sequenceBatchingOf(parseConfigText('max_batch_size: 8')), undefined);
});

test("what is not said is Triton's default: direct, a second of idleness, a slot for each row", () => {
  assert.deepEqual(read(''), {
    strategy: { kind: 'direct', queueDelayMs: 0, leastUtilization: 0 },
    ...{ slots: 8, maxRows: 8, idleMs: 1000, controls: [], states: [] },
  });
  assert.equal(read('', '')?.slots, 1);
});

test('oldest has as many candidates as it says', () => {
  const oldest = 'max_candidate_sequences: 40 preferred_batch_size: [ 4, 8 ] max_queue_delay_microseconds: 500';
  const batching = read(`max_sequence_idle_microseconds: 5000000 oldest { ${oldest} }`);
  assert.deepEqual(batching?.strategy, { kind: 'oldest', queueDelayMs: 0.5, preferredRows: [4, 8] });
  assert.deepEqual([batching?.slots, batching?.maxRows, batching?.idleMs], [40, 8, 5000]);
});

test('what cannot be meant is refused, and the setting named', () => {
  const control = (name: string, text: string): string => `control_input { name: "${name}" ${text} }`;
  const start = 'control { kind: CONTROL_SEQUENCE_START int32_false_true: [ 0, 1 ] }';
  const state = 'state { input_name: "i" output_name: "o" data_type: TYPE_FP32 dims: [ 2 ]';
  const cases: [string, string][] = [
    ['iterative_sequence: true', 'sequence_batching.iterative_sequence: is not supported'],
    [
      'direct { minimum_slot_utilization: 2 }',
      'sequence_batching.direct.minimum_slot_utilization: expected 0 to 1, got 2',
    ],
    ['oldest { preferred_batch_size: [ 9 ] }', 'sequence_batching.oldest.preferred_batch_size: expected 1 to 8, got 9'],
    [control('', start), 'sequence_batching.control_input: needs a name'],
    [control('a', ''), "sequence_batching.control_input 'a': needs one control"],
    [
      control('a', 'control { kind: CONTROL_SEQUENCE_END int32_false_true: [ 1 ] }'),
      "sequence_batching.control_input 'a': needs two values, for false and true, in one of its forms",
    ],
    [
      control('a', 'control { kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_FP32 }'),
      "sequence_batching.control_input 'a': cannot have TYPE_FP32: an id is UINT64, INT64, UINT32, INT32, BYTES",
    ],
    [control('a', start) + control('a', start), "sequence_batching.control_input: and state name the input 'a' twice"],
    ['state { input_name: "i" dims: [ 1 ] }', 'sequence_batching.state: needs input_name and output_name'],
    [
      `${state} initial_state { data_type: TYPE_INT32 dims: [ 2 ] zero_data: true name: "n" } }`,
      "sequence_batching.state 'i': is TYPE_FP32, but its initial_state TYPE_INT32",
    ],
    [
      `${state} initial_state { data_type: TYPE_FP32 dims: [ 3 ] zero_data: true name: "n" } }`,
      "sequence_batching.state 'i': has the dims [2], but its initial_state [3]",
    ],
  ];
  for (const [settings, message] of cases)
    assert.throws(() => read(settings), { name: 'WeftError', code: 'INVALID_ARGUMENT', message });
  const listed = 'max_batch_size: 8 input { name: "a" data_type: TYPE_FP32 dims: [ 1 ] }';
  assert.throws(() => read(control('a', start), listed), {
    message: "sequence_batching.control_input: and state must not name 'a', which clients give as an input",
  });
});
