import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelVersion } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import { FakeReplica } from '../testing/fake-replica.ts';
import { startEngine, turns } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';

const method = '/a.B/Stream';
const forever = Number.POSITIVE_INFINITY;

/** An engine over a replica that takes streams and never ends one. */
function start(slots: number) {
  const { engine, events } = startEngine({ maxQueueSize: 4, maxQueueBytes: 100 });
  const replica = new FakeReplica();
  const report = (fields: ModelVersion = {}, number = '1'): void => {
    const one = version('m', number, { streamMethods: [method], streamSlots: slots, ...fields });
    engine.updateReplica('a', replicaState([one]), replica.open);
  };
  report();
  engine.pipes.reach('a', () => ({ send: () => false, halfClose() {}, read() {}, cancel() {} }));
  const told: string[] = [];
  const open = (name: string, { tenant = name, priority = 0, bytes = 1 } = {}): void => {
    const terms = { deadlineMs: forever, traceparent: '', tenant, priority, requestStream: false };
    const call = {
      ...{ model: 'm', version: '', method, ...terms, first: Buffer.alloc(bytes) },
      onChosen: () => void told.push(name),
    };
    engine.pipes.open(call, {
      onResponse() {},
      onRoom() {},
      onEnd: (error) => void told.push(`${name} ${error?.code}`),
    });
  };
  return { engine, events, report, open, told };
}

test('of each version that takes streams it is told how many wait, and how many slots are taken and free', async () => {
  const { engine, open, report } = start(2);
  assert.deepEqual(engine.pipes.lines(), [{ model: 'm', version: '1', waiting: 0, taken: 0, free: 2 }]);
  for (const name of ['a', 'b', 'c']) open(name);
  await turns();
  assert.deepEqual(engine.pipes.lines(), [{ model: 'm', version: '1', waiting: 1, taken: 2, free: 0 }]);
  report({ streamSlots: 5 });
  await turns();
  assert.deepEqual(engine.pipes.lines(), [{ model: 'm', version: '1', waiting: 0, taken: 3, free: 2 }]);
  assert.equal(engine.waiting, 0);
});

test('the limits of queues hold for streams that wait, and who is turned away is counted', async () => {
  const { open, told, events } = start(1);
  open('held', { bytes: 1000 });
  open('large', { bytes: 60 });
  open('larger', { bytes: 41 });
  for (let count = 0; count < 4; count++) open('small');
  await turns();
  // One too many for the bytes, and one for the places.
  assert.deepEqual(told, ['held', 'larger RESOURCE_EXHAUSTED', 'small RESOURCE_EXHAUSTED']);
  assert.deepEqual(events, ['shed full', 'shed full']);
});

test('a stream waits by the configuration that its model has when it comes', async () => {
  const { open, told, report } = start(1);
  const weights = (text: string) => ({ parameters: { 'weft.tenant_weights': { stringValue: text } } });
  const configured = (text: string): ModelVersion => ({ config: { name: 'm', ...weights(text) } });
  report(configured('a=3'));
  open('held');
  await turns();
  report({ ...configured('b=3'), streamSlots: 1 });
  for (const name of ['a', 'a', 'b', 'b']) open(name);
  await turns();
  report({ ...configured('b=3'), streamSlots: 4 });
  await turns();
  // One each, and the third goes by the weight.
  assert.deepEqual([told.slice(0, 1), told.slice(1, 3).toSorted(), told[3]], [['held'], ['a', 'b'], 'b']);
});
