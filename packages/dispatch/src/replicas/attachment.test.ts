// How an attachment fares with a replica that breaks the protocol; its dispatching is seen in engine.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Attachment } from './attachment.ts';
import { type BatchOwner, SentBatch } from '../lanes/sent-batch.ts';
import { FakeReplica, type ReceivedBatch } from '../testing/fake-replica.ts';
import { pendingCall } from '../testing/pending-calls.ts';
import { turns } from '../testing/start-engine.ts';

/** An attachment with one call under way. */
async function withCall() {
  const replica = new FakeReplica();
  const events: string[] = [];
  const attachment = new Attachment(
    { endpoint: 'a', replicaId: 'r', open: (handlers) => replica.open('m', handlers) },
    { onCredits: (version) => void events.push(`credit ${version}`), onClosed: () => void events.push('closed') },
  );
  const answered: unknown[] = [];
  const owner: BatchOwner = {
    onItem: (_batch, _pending, { outcome }) => void answered.push(outcome),
    onExecuted: () => {},
    onEnded: (_batch, end, left) => void events.push(`${end} ${left.length}`),
  };
  const pending = pendingCall();
  const { company } = pending;
  const batch = new SentBatch({
    ...{
      owner,
      carrier: attachment,
      version: '1',
      company,
      calls: [pending],
      rows: 1,
      sentMs: 0,
      expectedMs: 1,
      probe: false,
    },
  });
  replica.grant('1');
  await turns();
  attachment.dispatch(batch);
  await turns();
  events.length = 0;
  return { replica, attachment, events, batch, answered };
}

describe('a replica that sends', () => {
  const broken = {
    'bytes that are no message': Buffer.from([0x1a, 0x7f, 0x01]),
    'a field of the wrong type': Buffer.from([0x08, 0x01]),
  };
  for (const [what, bytes] of Object.entries(broken)) {
    test(`${what} loses its stream, and the calls go elsewhere`, async () => {
      const { replica, events } = await withCall();
      replica.send(bytes);
      await turns();
      assert.deepEqual([events, replica.closed], [['lost 1', 'closed'], 1]);
    });
  }

  test('a message of a kind that is not known yet is not minded', async () => {
    const { replica, events, answered } = await withCall();
    replica.send(Buffer.from([0x9a, 0x01, 0x00]));
    replica.echo(replica.batches[0] as ReceivedBatch);
    await turns();
    assert.deepEqual([events, answered.length], [['answered 1'], 1]);
  });
});

test('closing gives back what is unanswered, once, and as lost only when the replica is', async () => {
  for (const lost of [true, false]) {
    const { replica, attachment, events, answered } = await withCall();
    attachment.close(lost);
    attachment.close(lost);
    replica.echo(replica.batches[0] as ReceivedBatch);
    await turns();
    assert.deepEqual([events, answered.length], [[`${lost ? 'lost' : 'closed'} 1`], 0]);
  }
});

test('a drain takes the credits, and not the answers', async () => {
  const { replica, attachment, answered } = await withCall();
  replica.grant('1');
  replica.send(Buffer.from([0x22, 0x00]));
  await turns();
  assert.equal(attachment.creditsFor('1'), 0);
  replica.echo(replica.batches[0] as ReceivedBatch);
  await turns();
  assert.equal(answered.length, 1);
});

test('dispatching without a credit is a mistake of the caller', async () => {
  const { attachment, batch } = await withCall();
  assert.throws(() => attachment.dispatch(batch), /no credit for version 1/);
});
