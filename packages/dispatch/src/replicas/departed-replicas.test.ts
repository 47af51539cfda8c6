import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@weft/flow';
import { DepartedReplicas } from './departed-replicas.ts';
import type { ReplicaView } from './inventory.ts';
import { replicaState, version } from '../testing/states.ts';

function view(replicaId: string, ...models: string[]): { view: ReplicaView } {
  const entries = models.map((name) => version(name, '1'));
  return { view: { state: replicaState(entries, { replicaId }), connected: false } };
}

/** With replicas `a`, of model `m`, and `b`, of `m` and `n`, of which those that are named have departed in this order. */
function departed(...keys: string[]) {
  const clock = new ManualClock();
  let forgotten = 0;
  const gone = new DepartedReplicas(clock, () => (forgotten += 1));
  const replicas = new Map([
    ['a', view('a', 'm')],
    ['b', view('b', 'm', 'n')],
  ]);
  for (const key of keys) assert.equal(gone.take(replicas, key), true);
  const names = () => gone.with(replicas).map(({ state }) => state.replicaId);
  return { clock, gone, replicas, names, forgotten: () => forgotten };
}

test('who has nothing that nobody else has is forgotten at once', () => {
  const { names, replicas } = departed('a');
  assert.deepEqual(names(), ['b']);
  replicas.delete('b');
  assert.deepEqual(names(), []);
});

test('the last one with a model is missed for ten minutes', () => {
  const { clock, names, forgotten } = departed('b');
  assert.deepEqual(names(), ['a', 'b']);
  clock.advance(10 * 60_000 - 1);
  assert.deepEqual([names(), forgotten()], [['a', 'b'], 0]);
  clock.advance(1);
  assert.deepEqual([names(), forgotten()], [['a'], 1]);
});

test('of several that had a model the last one is missed', () => {
  assert.deepEqual(departed('b', 'a').names(), ['a', 'b']);
  assert.deepEqual(departed('a', 'b').names(), ['b']);
});

test('nobody is missed any more once a successor has the models', () => {
  const { clock, names, replicas, forgotten } = departed('a', 'b');
  replicas.set('c', view('c', 'n', 'm'));
  assert.deepEqual(names(), ['c']);
  replicas.delete('c');
  assert.deepEqual(names(), []);
  clock.advance(10 * 60_000);
  assert.equal(forgotten(), 0);
});

test('who is not there cannot depart', () => {
  const { gone } = departed();
  assert.equal(gone.take(new Map(), 'x'), false);
});
