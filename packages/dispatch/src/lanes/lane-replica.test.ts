import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ModelVersion__Output } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import { Attachment } from '../replicas/attachment.ts';
import { LaneReplica } from './lane-replica.ts';
import { type BatchOwner, SentBatch } from './sent-batch.ts';
import { FakeReplica } from '../testing/fake-replica.ts';
import { pendingCall } from '../testing/pending-calls.ts';
import { turns } from '../testing/start-engine.ts';
import { warmup } from '../testing/start-mesh.ts';
import { replicaState, version } from '../testing/states.ts';

const owner: BatchOwner = { onItem: () => {}, onExecuted: () => {}, onEnded: () => {} };
const method = '/a.B/C';

function entry(fields = {}): ModelVersion__Output {
  const [only] = replicaState([version('m', '1', { ...warmup(9, 1), ...fields })]).models;
  return only as ModelVersion__Output;
}

/** A replica with two instances; each has granted two credits. */
async function start(fields = {}) {
  const fake = new FakeReplica();
  const attachment = new Attachment(
    { endpoint: 'a', replicaId: 'r', open: (handlers) => fake.open('m', handlers) },
    { onCredits: () => {}, onClosed: () => {} },
  );
  const replica = new LaneReplica(attachment, '1');
  replica.describe(entry({ instances: 2, ...fields }));
  for (const instance of [0, 0, 1, 1]) fake.grant('1', instance);
  await turns();
  const send = (sentMs: number, expectedMs: number, rows = 1): SentBatch => {
    const calls = [pendingCall({ method }, { rows })];
    const company = calls[0]?.company ?? { key: method, method, alone: false, avoid: undefined };
    const options = {
      owner,
      carrier: attachment,
      version: '1',
      company,
      calls,
      rows,
      sentMs,
      expectedMs,
      probe: false,
    };
    const batch = new SentBatch(options);
    replica.send(batch);
    return batch;
  };
  return { replica, send };
}

/** An answer that took so long to compute. */
function answered(batch: SentBatch, computeMs: number): SentBatch {
  batch.computedRows = batch.options.rows;
  batch.computeMs = computeMs;
  return batch;
}

describe('when the instances of a replica are free', () => {
  test('is now until they get something', async () => {
    const { replica } = await start();
    assert.deepEqual(replica.endsMs(), [0, 0]);
  });

  test('is when what they have should be done, one batch after the other', async () => {
    const { replica, send } = await start();
    send(100, 10);
    assert.deepEqual(replica.endsMs(), [110, 0]);
    send(105, 20);
    send(106, 5);
    assert.deepEqual(replica.endsMs(), [130, 111]);
  });

  test('is sooner or later with the end of each, and counts what is behind it', async () => {
    const { replica, send } = await start();
    const first = send(100, 10);
    const second = send(105, 20);
    replica.work.remove(first, 107);
    assert.deepEqual(replica.endsMs(), [127, 0]);
    replica.work.remove(second, 150);
    assert.deepEqual(replica.endsMs(), [0, 0]);
    replica.work.remove(second, 160);
  });
});

describe('what a replica learns', () => {
  test('is the time of a batch, for its method alone', async () => {
    const { replica, send } = await start();
    replica.learn(answered(send(0, 10), 50), 60);
    replica.learn(answered(send(0, 10), 50), 60);
    assert.ok(replica.profile(method).meanMs(1) > 45);
    assert.ok(Math.abs(replica.profile('/a.B/Other').meanMs(1) - 10) < 0.01);
  });

  test('is nothing from a batch that was not computed, or in several runs', async () => {
    const { replica, send } = await start();
    for (const batch of [send(0, 10), answered(send(0, 10, 5), 500)])
      for (let time = 0; time < 3; time += 1) replica.learn(batch, 0);
    assert.ok(Math.abs(replica.profile(method).meanMs(1) - 10) < 0.01);
  });

  test('is how far the way is: what passed besides computing', async () => {
    const { replica, send } = await start();
    assert.equal(replica.marginMs, 2);
    const batch = answered(send(0, 10), 10);
    for (let time = 0; time < 100; time += 1) replica.learn(batch, 10 + 8);
    assert.ok(replica.marginMs >= 8 && replica.marginMs < 25, `${replica.marginMs}`);
    for (let time = 0; time < 100; time += 1) replica.learn(batch, 1e6);
    assert.equal(replica.marginMs, 50);
  });
});

describe('a report', () => {
  test('of another maximum starts its profiles anew, one of the same leaves what was learned', async () => {
    const { replica, send } = await start();
    for (let time = 0; time < 2; time += 1) replica.learn(answered(send(0, 10), 50), 60);
    replica.describe(entry({ instances: 3 }));
    assert.ok(replica.profile(method).meanMs(1) > 45);
    assert.deepEqual([replica.instances, replica.endsMs().length], [3, 3]);
    replica.describe(entry({ instances: 3, maxBatchSize: 8, ...warmup(19, 1) }));
    assert.deepEqual([replica.profile(method).maxRows, Math.round(replica.profile(method).meanMs(1))], [8, 20]);
  });

  test('of no instances and no maximum counts one of each', async () => {
    const { replica } = await start({ instances: 0, maxBatchSize: 0 });
    assert.deepEqual([replica.instances, replica.profile(method).maxRows], [1, 1]);
  });
});
