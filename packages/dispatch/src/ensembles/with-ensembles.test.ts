import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ModelVersion } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import { buildInventory, type Inventory } from '../replicas/inventory.ts';
import { indexRows } from '../open-inference/index-rows.ts';
import { modelReady } from '../open-inference/model-calls.ts';
import { desired } from '../testing/desired.ts';
import { FakeReplica } from '../testing/fake-replica.ts';
import { configured, ensembleText, inventoryOf, vectors } from '../testing/fake-steps.ts';
import { startEngine, turns } from '../testing/start-engine.ts';
import { replicaState } from '../testing/states.ts';
import { withEnsembles } from './with-ensembles.ts';

const unary = (name: string, fields: ModelVersion = {}) => vectors(name, 'x -> y', fields);
const chain = configured('e', ensembleText('IN', 'OUT', ['a: x=IN -> y=MID', 'b: x=MID -> y=OUT']));
const loading = { state: 'MODEL_STATE_LOADING' } as const;

/** State and reason in the index. */
function told(inventory: Inventory, model = 'e'): string {
  const row = indexRows(inventory, false).find(({ name }) => name === model);
  return `${row?.state} ${row?.reason}`;
}

describe('an ensemble', () => {
  test('is READY where each step is READY on some replica, of whatever service', () => {
    const elsewhere = { state: replicaState([unary('b')], { replicaId: 'r9', service: 'vision' }), connected: true };
    const here = { state: replicaState([chain, unary('a')]), connected: true };
    const inventory = withEnsembles(buildInventory([here, elsewhere]));
    assert.equal(told(inventory), 'READY ');
    assert.ok(modelReady(inventory, 'e', '1'));
    assert.equal(
      told(withEnsembles(buildInventory([here]))),
      "UNAVAILABLE step 2 'b': Request for unknown model: 'b' is not found",
    );
  });

  test('is UNAVAILABLE while a step is not READY, with the reason of that', () => {
    const inventory = inventoryOf([chain, unary('a'), unary('b', loading)]);
    assert.equal(told(inventory), "UNAVAILABLE step 2 'b': model 'b' version 1 is not at ready state: LOADING");
    assert.equal(modelReady(inventory, 'e', ''), false);
  });

  test('wants the version of a step that it names', () => {
    const named = configured('e', ensembleText('IN', 'OUT', ['a: x=IN -> y=OUT']).replace('version: -1', 'version: 2'));
    assert.equal(told(inventoryOf([named, unary('a', { version: '2' })])), 'READY ');
    const other = inventoryOf([named, unary('a', { version: '3' })]);
    assert.equal(told(other), "UNAVAILABLE step 1 'a': Request for unknown model: 'a' version 2 is not found");
  });

  test('is UNAVAILABLE where its steps do not fit each other', () => {
    const strings = configured(
      'b',
      'input { name: "x" data_type: TYPE_STRING dims: [ 1 ] } output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] }',
    );
    const reason = "tensor 'MID' is FP32 for step 1 'a' and BYTES for step 2 'b'";
    assert.equal(told(inventoryOf([chain, unary('a'), strings])), `UNAVAILABLE ${reason}`);
  });

  test('may be a step of another one, and takes that along when it fails', () => {
    const outer = configured('outer', ensembleText('P', 'Q', ['e: IN=P -> OUT=Q']));
    assert.equal(told(inventoryOf([outer, chain, unary('a'), unary('b')]), 'outer'), 'READY ');
    const failing = inventoryOf([outer, chain, unary('a')]);
    assert.match(
      told(failing, 'outer'),
      /^UNAVAILABLE step 1 'e': model 'e' version 1 is not at ready state: .*'b' is not found$/,
    );
  });

  test('that comes to contain itself serves nothing, nor does who contains it', () => {
    const one = configured('one', ensembleText('P', 'Q', ['two: P=P -> Q=Q']));
    const two = configured('two', ensembleText('P', 'Q', ['one: P=P -> Q=Q']));
    const above = configured('above', ensembleText('P', 'Q', ['one: P=P -> Q=Q']));
    const inventory = inventoryOf([above, one, two]);
    assert.match(told(inventory, 'two'), /it goes in a circle: above → one → two → one$/);
    for (const model of ['one', 'two', 'above']) assert.equal(modelReady(inventory, model, ''), false);
  });

  test('that is withdrawn is not kept as the last that serves while a step of it is missing', () => {
    const withdrawals = [{ version: '1', reason: 'bad' }];
    const wanted = new Map([['e', desired({ name: 'e', withdrawals })]]);
    const inventory = (...models: ModelVersion[]) =>
      withEnsembles(buildInventory([{ state: replicaState(models), connected: true }], wanted));
    assert.equal(inventory(chain, unary('a'), unary('b')).shares.get('e')?.length, 1);
    assert.equal(inventory(chain, unary('a')).shares.get('e')?.length, 0);
  });

  test('gets a share of the requests like any version', () => {
    const newer = { ...chain, version: '2' };
    const inventory = inventoryOf([chain, newer, unary('a'), unary('b')]);
    assert.equal(inventory.shares.get('e')?.[0]?.view.version, '2');
  });
});

test('an ensemble becomes UNAVAILABLE with the loss of a step, and READY with its return; nothing attaches to it', async () => {
  const { engine } = startEngine();
  const [own, other] = [new FakeReplica(), new FakeReplica()];
  engine.updateReplica('own', replicaState([chain, unary('a')], { replicaId: 'r1' }), own.open);
  const back = (): void => engine.updateReplica('other', replicaState([unary('b')], { replicaId: 'r2' }), other.open);
  back();
  assert.equal(told(engine.inventory), 'READY ');
  engine.loseReplica('other');
  assert.equal(
    told(engine.inventory),
    "UNAVAILABLE step 2 'b': model 'b' version 1 is not at ready state: its replica is not connected",
  );
  back();
  assert.equal(told(engine.inventory), 'READY ');
  await turns();
  assert.deepEqual(own.attached, ['a']);
  assert.deepEqual(
    other.attached.filter((model) => model !== 'b'),
    [],
  );
});

test('a call that waited for instances of a model that became an ensemble is told so, not left waiting', () => {
  const { engine, submit } = startEngine();
  const replica = new FakeReplica();
  const report = (...models: ModelVersion[]): void => engine.updateReplica('r', replicaState(models), replica.open);
  report(unary('e'), unary('a'), unary('b'));
  const waiting = submit('x', { model: 'e' });
  report({ ...chain, version: '2' }, unary('a'), unary('b'));
  assert.equal(waiting.answer(), "UNAVAILABLE model 'e' version 2 is an ensemble by now: send the request again");
});
