import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { completeConfig } from './complete-config.ts';
import { parseConfigText } from './config-file.ts';
import { schedulingOf } from './scheduling.ts';

const infinity = Number.POSITIVE_INFINITY;

const parameter = (name: string, value: string): string =>
  `parameters { key: "weft.${name}" value { string_value: "${value}" } }`;

const read = (text: string) => schedulingOf(parseConfigText(`max_batch_size: 8 ${text}`));

function refuses(text: string, message: string | RegExp): void {
  assert.throws(() => read(text), { code: 'INVALID_ARGUMENT', message });
}

test('a configuration that says nothing is adaptive, with three classes and no limits of its own', () => {
  const { queuePolicy, tenantWeights, ...rest } = schedulingOf(parseConfigText(''));
  assert.deepEqual(rest, {
    policy: 'adaptive',
    queueDelayMs: 0,
    preferredRows: [],
    objectiveMs: undefined,
    hedgeMs: undefined,
    priorityLevels: 3,
    defaultPriority: 2,
  });
  assert.equal(tenantWeights.size, 0);
  assert.deepEqual(queuePolicy(2), {
    timeoutMs: infinity,
    onTimeout: 'reject',
    timeoutOverride: true,
    maxQueueSize: infinity,
  });
});

test('a queue delay or preferred sizes mean delay, unless a policy is named', () => {
  assert.equal(read('dynamic_batching {}').policy, 'adaptive');
  const delayed = read('dynamic_batching { max_queue_delay_microseconds: 1500 }');
  assert.deepEqual([delayed.policy, delayed.queueDelayMs], ['delay', 1.5]);
  const preferring = read('dynamic_batching { preferred_batch_size: [ 4, 8 ] }');
  assert.deepEqual([preferring.policy, preferring.preferredRows], ['delay', [4, 8]]);
  for (const policy of ['adaptive', 'deferred', 'greedy', 'delay'])
    assert.equal(read(`dynamic_batching { preferred_batch_size: 4 } ${parameter('policy', policy)}`).policy, policy);
});

test('an unknown policy is refused, and the nearest one named', () => {
  const expected = 'weft.policy: expected adaptive, deferred, greedy, delay, got';
  refuses(parameter('policy', 'adaptve'), `${expected} "adaptve": did you mean adaptive?`);
  refuses(parameter('policy', 'Greedy'), `${expected} "Greedy": did you mean greedy?`);
  refuses(parameter('policy', 'fifo'), `${expected} "fifo"`);
});

test('the objective and the hedging time are numbers above 0', () => {
  const { objectiveMs, hedgeMs } = read(`${parameter('slo_ms', '50')} ${parameter('hedge_ms', '2.5')}`);
  assert.deepEqual([objectiveMs, hedgeMs], [50, 2.5]);
  for (const name of ['slo_ms', 'hedge_ms', 'max_batch_size'])
    for (const value of ['0', '-1', 'fast', '10ms', ' ', 'Infinity', 'NaN'])
      refuses(parameter(name, value), `weft.${name}: expected a number above 0, got "${value}"`);
  refuses(parameter('max_batch_size', '1.5'), 'weft.max_batch_size: expected a whole number, got "1.5"');
});

test('weights of tenants are read as they were written', () => {
  const tenant = fc.stringMatching(/^[a-z](?:[a-z =.@-]{0,10}[a-z])?$/);
  const space = fc.constantFrom('', ' ');
  const written = fc.uniqueArray(fc.tuple(tenant, fc.double({ min: 0.001, max: 1e6, noNaN: true }), space), {
    selector: ([name]) => name,
    maxLength: 5,
  });
  fc.assert(
    fc.property(written, (entries) => {
      const text = entries.map(([name, weight, gap]) => `${gap}${name}${gap}=${gap}${weight}`).join(',');
      const { tenantWeights } = read(parameter('tenant_weights', text));
      assert.deepEqual(
        [...tenantWeights],
        entries.map(([name, weight]) => [name, weight]),
      );
    }),
  );
});

test('weights that are no weights are refused', () => {
  const refused: Readonly<Record<string, string>> = {
    acme: 'expected TENANT=WEIGHT, got "acme"',
    '=3': 'expected TENANT=WEIGHT, got "=3"',
    'acme=3,': 'expected TENANT=WEIGHT, got ""',
    'acme=': 'expected a number above 0, got ""',
    'acme=0': 'expected a number above 0, got "0"',
    'acme=-1': 'expected a number above 0, got "-1"',
    'acme=much': 'expected a number above 0, got "much"',
    'acme=1, free=2, acme =3': 'tenant "acme" has two weights',
  };
  for (const [text, reason] of Object.entries(refused))
    refuses(parameter('tenant_weights', text), `weft.tenant_weights: ${reason}`);
});

test('preferred sizes are from 1 to the largest batch', () => {
  const preferred = (rows: number): string => `dynamic_batching { preferred_batch_size: [ 2, ${rows} ] }`;
  const message = 'dynamic_batching.preferred_batch_size: expected sizes from 1 to 8 (max_batch_size), got';
  for (const rows of [0, -4, 9]) refuses(preferred(rows), `${message} ${rows}`);
  assert.deepEqual(read(`${preferred(16)} ${parameter('max_batch_size', '16')}`).preferredRows, [2, 16]);
});

test('preferred sizes of a model that itself says how it batches are judged once it is known', () => {
  const config = parseConfigText('dynamic_batching { preferred_batch_size: 32 }');
  assert.deepEqual(schedulingOf(config).preferredRows, [32]);
  assert.throws(() => schedulingOf(parseConfigText('dynamic_batching { preferred_batch_size: 0 }')), {
    message: 'dynamic_batching.preferred_batch_size: expected sizes above 0, got 0',
  });
  const withRows = (rows: number) => {
    const tensor = { datatype: 'FP32' as const, shape: [rows, 4] };
    return completeConfig(config, { inputs: [{ name: 'x', ...tensor }], outputs: [{ name: 'y', ...tensor }] });
  };
  assert.deepEqual(schedulingOf(withRows(-1)).preferredRows, [32]);
  assert.throws(() => schedulingOf(withRows(1)), /expected sizes from 1 to 1 \(max_batch_size\), got 32/);
});
