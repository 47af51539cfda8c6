import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildInventory } from '../replicas/inventory.ts';
import { replicaState, version } from '../testing/states.ts';
import { indexRows } from './index-rows.ts';

const states = [
  [version('m', '2'), version('m', '1')],
  [version('m', '2', { state: 'MODEL_STATE_LOADING', reason: '40 % of its files are here' }), version('m', '1')],
  [version('m', '2'), version('a', '1', { state: 'MODEL_STATE_UNAVAILABLE', reason: 'no such file' })],
];

const connected = { connected: true } as const;

test('each name and version has a row over all replicas, READY if any is, with how many are', () => {
  const replicas = states.map((models, at) => ({ state: replicaState(models, { replicaId: `r${at}` }), ...connected }));
  const inventory = buildInventory(replicas);
  const rows = indexRows(inventory, false);
  assert.deepEqual(rows, [
    { name: 'a', version: '1', state: 'UNAVAILABLE', reason: 'no such file' },
    {
      name: 'm',
      version: '2',
      state: 'READY',
      reason: '2/3 replicas: ready; LOADING: 40 % of its files are here',
    },
    { name: 'm', version: '1', state: 'READY', reason: '' },
  ]);
  assert.deepEqual(indexRows(inventory, true), rows.slice(1));
});

test('a replica that drains or is lost is none that serves', () => {
  const models = [version('m', '1')];
  const inventory = buildInventory([
    { state: replicaState(models, { replicaId: 'r1' }), ...connected },
    { state: replicaState(models, { replicaId: 'r2', draining: true }), ...connected },
    { state: replicaState(models, { replicaId: 'r3' }), connected: false },
  ]);
  const [row] = indexRows(inventory, false);
  assert.equal(row?.reason, '1/3 replicas: ready; its replica is draining; its replica is not connected');
  const gone = buildInventory([{ state: replicaState(models), connected: false }]);
  assert.deepEqual(indexRows(gone, false), [
    { name: 'm', version: '1', state: 'UNAVAILABLE', reason: 'its replica is not connected' },
  ]);
});
