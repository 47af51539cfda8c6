import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfigText } from './config-file.ts';
import { priorityLevelsOf } from './queue-policies.ts';

const infinity = Number.POSITIVE_INFINITY;
const read = (text: string) =>
  priorityLevelsOf(parseConfigText(`dynamic_batching { ${text} }`).dynamicBatching ?? undefined);

function refuses(text: string, message: string): void {
  assert.throws(() => read(text), { code: 'INVALID_ARGUMENT', message: `dynamic_batching.${message}` });
}

test('priority levels are those that are given, each with its own policy or the default one', () => {
  const { priorityLevels, defaultPriority, queuePolicy } = read(`
    priority_levels: 5 default_priority_level: 4
    default_queue_policy { default_timeout_microseconds: 2500 allow_timeout_override: true }
    priority_queue_policy { key: 5 value { timeout_action: DELAY default_timeout_microseconds: 1000000 max_queue_size: 7 } }
  `);
  assert.deepEqual([priorityLevels, defaultPriority], [5, 4]);
  assert.deepEqual(queuePolicy(5), { timeoutMs: 1000, onTimeout: 'delay', timeoutOverride: false, maxQueueSize: 7 });
  for (const level of [1, 4])
    assert.deepEqual(queuePolicy(level), {
      timeoutMs: 2.5,
      onTimeout: 'reject',
      timeoutOverride: true,
      maxQueueSize: infinity,
    });
});

test('an empty queue policy limits nothing and lets no request limit itself', () => {
  const { queuePolicy } = read('default_queue_policy {}');
  assert.deepEqual(queuePolicy(2), {
    timeoutMs: infinity,
    onTimeout: 'reject',
    timeoutOverride: false,
    maxQueueSize: infinity,
  });
});

test('where no policy is given, a request limits itself', () => {
  const policies = 'priority_queue_policy { key: 1 value { max_queue_size: 9 } }';
  const { queuePolicy } = read(`priority_levels: 2 default_priority_level: 1 ${policies}`);
  assert.deepEqual([queuePolicy(1).timeoutOverride, queuePolicy(2).timeoutOverride], [false, true]);
});

test('without priority levels there are three, and the default policy is that of all', () => {
  const { priorityLevels, defaultPriority, queuePolicy } = read(`
    default_priority_level: 1
    default_queue_policy { max_queue_size: 3 }
    priority_queue_policy { key: 1 value { max_queue_size: 9 } }
  `);
  assert.deepEqual([priorityLevels, defaultPriority], [3, 2]);
  for (const level of [1, 2, 3]) assert.equal(queuePolicy(level).maxQueueSize, 3);
});

test('with priority levels, the default level must be one of them', () => {
  for (const [given, level] of [
    ['', 0],
    ['default_priority_level: 4', 4],
  ] as const)
    refuses(`priority_levels: 3 ${given}`, `default_priority_level: expected 1 to 3 (priority_levels), got ${level}`);
});

test('a policy of a level that there is not is refused', () => {
  for (const key of [0, 4])
    refuses(
      `priority_levels: 3 default_priority_level: 2 priority_queue_policy { key: ${key} value {} }`,
      `priority_queue_policy: expected keys from 1 to 3 (priority_levels), got ${key}`,
    );
});

test('more levels than are looked through at every turn are refused', () => {
  assert.equal(read('priority_levels: 100 default_priority_level: 100').priorityLevels, 100);
  refuses('priority_levels: 101 default_priority_level: 1', 'priority_levels: expected at most 100, got 101');
});

test('order cannot be preserved across levels, nor where a policy delays', () => {
  const delays = '{ timeout_action: DELAY default_timeout_microseconds: 1 }';
  const one = 'preserve_ordering: true priority_levels: 1 default_priority_level: 1';
  const refused = 'preserve_ordering: allows no queue policy with timeout_action DELAY';
  assert.equal(read(one).priorityLevels, 1);
  assert.equal(read(`${one} default_queue_policy { timeout_action: DELAY }`).queuePolicy(1).onTimeout, 'delay');
  refuses(`${one} default_queue_policy ${delays}`, refused);
  refuses(`${one} priority_queue_policy { key: 1 value ${delays} }`, refused);
  refuses(
    'preserve_ordering: true priority_levels: 2 default_priority_level: 1',
    'preserve_ordering: allows no more than one of priority_levels',
  );
});
