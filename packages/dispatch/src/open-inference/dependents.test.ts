import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildInventory } from '../replicas/inventory.ts';
import { replicaState, version } from '../testing/states.ts';
import { dependentsOf } from './dependents.ts';

const ensemble = (name: string, ...steps: string[]) =>
  version(name, '1', { config: { name, ensembleScheduling: { step: steps.map((modelName) => ({ modelName })) } } });

test('an ensemble takes along the steps that no other one names, and those of the ensembles among them', () => {
  const models = [
    ensemble('whole', 'inner', 'shared', 'own'),
    ensemble('inner', 'deep', 'shared'),
    ensemble('other', 'shared'),
    ...['shared', 'own', 'deep'].map((name) => version(name, '1')),
  ];
  const inventory = buildInventory([{ state: replicaState(models), connected: true }]);
  assert.deepEqual(dependentsOf(inventory, 'whole').sort(), ['deep', 'inner', 'own']);
  assert.deepEqual(dependentsOf(inventory, 'other'), []);
  assert.deepEqual(dependentsOf(inventory, 'own'), []);
  assert.deepEqual(dependentsOf(inventory, 'nobody'), []);
});
