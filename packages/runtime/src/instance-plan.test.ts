import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfigText } from '@weft/models';
import { instancePlan } from './instance-plan.ts';

test('without an instance group there is one instance where the process prefers', () => {
  const plan = instancePlan(parseConfigText(''), ['cuda', 'cpu']);
  assert.deepEqual(plan, { placements: [{ providers: ['cuda', 'cpu'], deviceId: 0 }], isolation: 'thread' });
});

test('a GPU group has its count on each of its devices, and falls back to the CPU', () => {
  const plan = instancePlan(parseConfigText('instance_group { count: 2 kind: KIND_GPU gpus: [0, 3] }'), ['cpu']);
  assert.deepEqual(
    plan.placements.map((placement) => placement.deviceId),
    [0, 0, 3, 3],
  );
  assert.deepEqual(plan.placements[0]?.providers, ['cuda', 'cpu']);
});

test('a CPU group stays on the CPU', () => {
  const plan = instancePlan(parseConfigText('instance_group { kind: KIND_CPU }'), ['cuda', 'cpu']);
  assert.deepEqual(plan.placements, [{ providers: ['cpu'], deviceId: 0 }]);
});

test('weft parameters choose providers and isolation, and nonsense is refused', () => {
  const set = (key: string, value: string) =>
    parseConfigText(`parameters { key: "weft.${key}" value { string_value: "${value}" } }`);
  assert.deepEqual(instancePlan(set('execution_providers', 'webgpu, cpu'), ['cpu']).placements[0]?.providers, [
    'webgpu',
    'cpu',
  ]);
  assert.equal(instancePlan(set('isolation', 'process'), ['cpu']).isolation, 'process');
  assert.throws(() => instancePlan(set('isolation', 'vm'), ['cpu']), /weft\.isolation is 'vm'/);
});
