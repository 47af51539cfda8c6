import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeReplica } from '../testing/fake-replica.ts';
import { startEngine } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';
import { getProfiles } from './get-profiles.ts';

const embed = '/weft.nlp.v1.NlpService/Embed';
const warmup = [1, 2, 4].map((rows) => ({ rows, computeUs: 1000 * (8 + rows) }));

function start() {
  const { engine } = startEngine();
  engine.updateReplica(
    'a:1',
    replicaState([version('m', '1', { warmup, instances: 2, methods: [embed] }), version('m', '2')]),
    new FakeReplica().open,
  );
  engine.updateReplica(
    'b:1',
    replicaState([version('m', '1', { warmup, methods: [embed] })], { replicaId: 'b' }),
    new FakeReplica().open,
  );
  return engine;
}

test('before any call the profiles are those of the warm-up, for every replica', () => {
  const profiles = getProfiles(start(), { name: 'm', version: '1' });
  assert.deepEqual(
    profiles.map((one) => [one.version, one.method, one.endpoint, one.instances, one.maxBatchSize]),
    [
      ['1', embed, 'a:1', 2, 4],
      ['1', embed, 'b:1', 1, 4],
    ],
  );
  const times = (profiles[0]?.times ?? []).map(({ rows = 0, ms = 0, measured }) => [
    rows,
    Math.round(Number(ms)),
    measured,
  ]);
  assert.deepEqual(times, [
    [1, 9, true],
    [2, 10, true],
    [4, 12, true],
  ]);
});

test('a version that nobody has measured has no times, and the newest comes first', () => {
  const profiles = getProfiles(start(), { name: 'm', version: '' });
  assert.deepEqual(
    profiles.map((one) => [one.version, one.times?.length]),
    [
      ['2', 0],
      ['1', 3],
      ['1', 3],
    ],
  );
  assert.equal(profiles[0]?.method, '/inference.GRPCInferenceService/ModelInfer');
});

test('a model or a version that nobody knows is NOT_FOUND', () => {
  const engine = start();
  assert.throws(() => getProfiles(engine, { name: 'n', version: '' }), /NOT_FOUND|unknown model: 'n' is not found/);
  assert.throws(() => getProfiles(engine, { name: 'm', version: '3' }), /'m' version 3 is not found/);
});
