// How an attachment fares with a replica that breaks the protocol; its dispatching is seen in engine.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Attachment } from './attachment.ts';
import { PendingCall } from './pending-call.ts';
import { FakeReplica, type ReceivedBatch } from './testing/fake-replica.ts';
import { turns } from './testing/start-engine.ts';

/** An attachment with one call under way. */
async function withCall() {
  const replica = new FakeReplica();
  const events: string[] = [];
  const attachment = new Attachment((handlers) => replica.open('m', handlers), 1000, {
    onCredit: (version) => void events.push(`credit ${version}`),
    onReturned: (version, calls, lost) =>
      void events.push(`returned ${version} ${calls.length} ${lost ? 'lost' : 'kept'}`),
    onClosed: () => void events.push('closed'),
  });
  const settled: unknown[] = [];
  const call = { payload: Buffer.from('x'), method: '/a.B/C', model: 'm', version: '', rows: 1, tenant: '' };
  const deadlineMs = Number.POSITIVE_INFINITY;
  const pending = new PendingCall(
    { ...call, deadlineMs, traceparent: '', settle: (answer) => void settled.push(answer) },
    1,
    0,
  );
  replica.grant('1');
  await turns();
  attachment.dispatch('1', [pending], 0);
  await turns();
  events.length = 0;
  return { replica, attachment, events, pending, settled };
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
      assert.deepEqual([events, replica.closed], [['returned 1 1 lost', 'closed'], 1]);
    });
  }

  test('pieces without an end loses its stream before they fill the memory', async () => {
    const { replica, events } = await withCall();
    const piece = Buffer.concat([Buffer.from([0x2a, 0xeb, 0x07, 0x0a, 0xe8, 0x07]), Buffer.alloc(1000)]);
    replica.send(piece);
    replica.send(piece);
    await turns();
    assert.deepEqual(events, []);
    replica.send(piece);
    await turns();
    assert.deepEqual([events, replica.closed], [['returned 1 1 lost', 'closed'], 1]);
  });

  test('a message of a kind that is not known yet is not minded', async () => {
    const { replica, events, settled } = await withCall();
    replica.send(Buffer.from([0x9a, 0x01, 0x00]));
    replica.echo(replica.batches[0] as ReceivedBatch);
    await turns();
    assert.deepEqual([events, settled.length], [[], 1]);
  });
});

test('closing gives back what is unanswered, once, and as lost only when the replica is', async () => {
  for (const lost of [true, false]) {
    const { replica, attachment, events, settled } = await withCall();
    attachment.close(lost);
    attachment.close(lost);
    replica.echo(replica.batches[0] as ReceivedBatch);
    await turns();
    assert.deepEqual([events, settled.length], [[`returned 1 1 ${lost ? 'lost' : 'kept'}`], 0]);
  }
});

test('a drain takes the credits, and not the answers', async () => {
  const { replica, attachment, settled } = await withCall();
  replica.grant('1');
  replica.send(Buffer.from([0x22, 0x00]));
  await turns();
  assert.equal(attachment.creditsFor('1'), 0);
  replica.echo(replica.batches[0] as ReceivedBatch);
  await turns();
  assert.equal(settled.length, 1);
});

test('dispatching without a credit is a mistake of the caller', async () => {
  const { attachment, pending } = await withCall();
  assert.throws(() => attachment.dispatch('1', [pending], 0), /no credit for version 1/);
});
