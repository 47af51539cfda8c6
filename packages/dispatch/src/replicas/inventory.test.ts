import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WeftError } from '@weft/errors';
import { buildInventory, type ReplicaView } from './inventory.ts';
import { resolveVersion } from '../engine/resolve-version.ts';
import { replicaState, version } from '../testing/states.ts';

function connected(...args: Parameters<typeof replicaState>): ReplicaView {
  return { state: replicaState(...args), connected: true };
}

function refusal(replicas: readonly ReplicaView[], model: string, wanted = ''): string {
  try {
    resolveVersion(buildInventory(replicas), model, wanted);
  } catch (error) {
    assert.ok(error instanceof WeftError);
    return `${error.code} ${error.message}`;
  }
  throw new assert.AssertionError({ message: 'it was resolved' });
}

const loading = { state: 'MODEL_STATE_LOADING' } as const;

describe('which version serves a request', () => {
  test('is the newest READY one by number when none is named', () => {
    const inventory = buildInventory([connected([version('m', '2'), version('m', '10'), version('m', '11', loading)])]);
    assert.equal(resolveVersion(inventory, 'm', '').version, '10');
  });

  test('is the named one, though newer ones are READY', () => {
    const inventory = buildInventory([connected([version('m', '1'), version('m', '2')])]);
    assert.equal(resolveVersion(inventory, 'm', '1').version, '1');
  });

  test('is one that any replica has READY, and it is described by that replica', () => {
    const stale = version('m', '1', { ...loading, maxBatchSize: 9 });
    for (const states of [
      [[stale], [version('m', '1')]],
      [[version('m', '1')], [stale]],
    ]) {
      const inventory = buildInventory(states.map((models, index) => connected(models, { replicaId: `r${index}` })));
      const view = resolveVersion(inventory, 'm', '');
      assert.equal(view.entry.maxBatchSize, 4);
      assert.equal(view.replicas.filter((replica) => replica.serving).length, 1);
    }
  });
});

describe('a request that nothing serves', () => {
  test('for a model nobody has is NOT_FOUND and names it', () => {
    assert.equal(refusal([], 'nope'), "NOT_FOUND Request for unknown model: 'nope' is not found");
    const replicas = [connected([version('m', '1')])];
    assert.equal(refusal(replicas, 'nope', '7'), "NOT_FOUND Request for unknown model: 'nope' is not found");
  });

  test('for a version nobody has is NOT_FOUND and names both', () => {
    const expected = "NOT_FOUND Request for unknown model: 'm' version 7 is not found";
    assert.equal(refusal([connected([version('m', '1')])], 'm', '7'), expected);
  });

  test('for a model that loads, failed or unloads is UNAVAILABLE with state and reason', () => {
    const failed = {
      state: 'MODEL_STATE_UNAVAILABLE',
      reason: "failed to load 'm' version 2: no such operator",
    } as const;
    const prefix = "UNAVAILABLE model 'm' version 2 is not at ready state: ";
    assert.equal(refusal([connected([version('m', '2', loading)])], 'm'), `${prefix}LOADING`);
    assert.equal(refusal([connected([version('m', '2', failed)])], 'm'), `${prefix}UNAVAILABLE: ${failed.reason}`);
    const unloading = version('m', '2', { state: 'MODEL_STATE_UNLOADING' });
    assert.equal(refusal([connected([unloading])], 'm'), `${prefix}UNLOADING`);
  });

  test('for a model without any version is UNAVAILABLE with the reason', () => {
    const reason = 'failed to poll from model repository: /m has no version to serve';
    const broken = version('m', '', { state: 'MODEL_STATE_UNAVAILABLE', reason });
    const expected = `UNAVAILABLE model 'm' is not at ready state: UNAVAILABLE: ${reason}`;
    assert.equal(refusal([connected([broken])], 'm'), expected);
  });

  test('names the READY version it was asked for, not another that is not READY', () => {
    const replicas = [connected([version('m', '1', loading), version('m', '2')])];
    assert.equal(refusal(replicas, 'm', '1'), "UNAVAILABLE model 'm' version 1 is not at ready state: LOADING");
  });

  test('is told whether its replica drains or is lost', () => {
    const prefix = "UNAVAILABLE model 'm' version 1 is not at ready state: ";
    const draining = connected([version('m', '1')], { draining: true });
    const lost: ReplicaView = { state: replicaState([version('m', '1')]), connected: false };
    assert.equal(refusal([draining], 'm'), `${prefix}its replica is draining`);
    assert.equal(refusal([lost], 'm'), `${prefix}its replica is not connected`);
    assert.equal(refusal([draining, lost], 'm'), `${prefix}its replica is draining; its replica is not connected`);
    const unloading = connected([version('m', '1', { state: 'MODEL_STATE_UNLOADING' })], { draining: true });
    assert.equal(refusal([unloading], 'm'), `${prefix}its replica is draining`);
    const lostWhileLoading: ReplicaView = { state: replicaState([version('m', '1', loading)]), connected: false };
    assert.equal(refusal([lostWhileLoading], 'm'), `${prefix}its replica is not connected`);
  });

  test('is told why loading failed, also once that replica is lost', () => {
    const failed = version('m', '1', { state: 'MODEL_STATE_UNAVAILABLE', reason: 'bad file' });
    const lost: ReplicaView = { state: replicaState([failed]), connected: false };
    assert.match(refusal([lost], 'm'), /UNAVAILABLE: bad file$/);
  });
});

describe('a model that two services claim', () => {
  const replicas = [
    connected([version('m', '1'), version('other', '1')], { service: 'nlp' }),
    connected([version('m', '1')], { service: 'custom' }),
  ];

  test('serves nobody, whatever version is asked for, and says which services', () => {
    const expected = "UNAVAILABLE model 'm' is claimed by the services custom and nlp";
    for (const order of [replicas, [...replicas].reverse()]) {
      assert.equal(refusal(order, 'm'), expected);
      assert.equal(refusal(order, 'm', '1'), expected);
    }
  });

  test('is served by the one that is connected, when the other is away', () => {
    const [nlp, custom] = replicas as [ReplicaView, ReplicaView];
    for (const order of [
      [{ ...nlp, connected: false }, custom],
      [custom, { ...nlp, connected: false }],
    ]) {
      assert.equal(resolveVersion(buildInventory(order), 'm', '').service, 'custom');
    }
  });

  test('leaves the other models of both alone', () => {
    assert.equal(resolveVersion(buildInventory(replicas), 'other', '').service, 'nlp');
  });
});

test('default models are known from connected replicas only', () => {
  const methods = [{ path: '/weft.nlp.v1.NlpService/Embed', defaultModel: 'use-lite' }];
  const state = replicaState([], { methods });
  assert.deepEqual(
    [...buildInventory([{ state, connected: true }]).methods],
    [['/weft.nlp.v1.NlpService/Embed', 'use-lite']],
  );
  assert.deepEqual([...buildInventory([{ state, connected: false }]).methods], []);
});
