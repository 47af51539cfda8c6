// Sequences as the engine serves them, over replicas that a test plays.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseConfigText } from '@weft/models';
import type { ModelVersion } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { FakeReplica, ReceivedBatch } from '../testing/fake-replica.ts';
import { turns } from '../testing/start-engine.ts';
import { granted, startMesh } from '../testing/start-mesh.ts';
import { replicaState, version } from '../testing/states.ts';

const config = 'sequence_batching { max_sequence_idle_microseconds: 1000000 }';
const two = { config, replicas: { a: { instances: 2 }, b: {} } };

type Mesh = Awaited<ReturnType<typeof startMesh>>;

function ask(mesh: Mesh, payload: string, sequence: { start?: boolean; end?: boolean; id?: bigint }) {
  const { id = 7n, start = false, end = false } = sequence;
  return mesh.submit(payload, { sequence: { id, start, end } });
}

/** What a batch says of sequences: ids with `+` for a START and `-` for an END. */
function words(batch: ReceivedBatch | undefined): string[] | undefined {
  return batch?.items.map(({ payload, sequence }) => {
    const flags = `${sequence?.start === true ? '+' : ''}${sequence?.id}${sequence?.end === true ? '-' : ''}`;
    return `${payload.toString()} ${flags}`;
  });
}

async function answered(replica: FakeReplica, instance = 0): Promise<string[] | undefined> {
  const batch = await granted(replica, instance);
  if (batch !== undefined) replica.echo(batch);
  await turns();
  return words(batch);
}

const lost = (why: string, id = 7): string => `UNAVAILABLE sequence ${id} of model 'm' is lost: ${why}`;

const gone = 'its replica b is gone, or serves version 1 no more';

describe('a sequence', () => {
  test('keeps its instance, whoever else is free, and its key', async () => {
    const mesh = await startMesh(two);
    const first = ask(mesh, 'one', { start: true });
    assert.deepEqual(await answered(mesh.a, 1), ['one +7']);
    assert.equal(first.answer(), 'one');
    const second = ask(mesh, 'two', { end: true });
    assert.equal(await granted(mesh.a, 0), undefined);
    assert.equal(await granted(mesh.b), undefined);
    assert.deepEqual(await answered(mesh.a, 1), ['two 7-']);
    assert.equal(second.answer(), 'two');
    const [one, two_] = mesh.a.batches;
    assert.equal(two_?.instance, 1);
    assert.equal(one?.items[0]?.sequence?.key, two_?.items[0]?.sequence?.key);
  });

  test('that is unknown, has no id or several rows is refused at the door', async () => {
    const mesh = await startMesh(two);
    assert.throws(
      () => ask(mesh, 'x', {}),
      /^WeftError: inference request for sequence 7 to model 'm' must specify the START/,
    );
    assert.throws(() => mesh.submit('x'), /must specify a non-zero or non-empty correlation ID/);
    assert.throws(
      () => mesh.submit('x', { rows: 2, sequence: { id: 7n, start: true, end: false } }),
      /must specify batch-size 1 due to requirements of sequence batcher/,
    );
  });

  test('whose replica is lost hears it, with what waits, until a START', async () => {
    const mesh = await startMesh(two);
    const [sent, waits] = [ask(mesh, 'one', { start: true }), ask(mesh, 'two', {})];
    await granted(mesh.b);
    mesh.engine.loseReplica('b');
    await turns();
    assert.equal(sent.answer(), lost(gone));
    assert.equal(waits.answer(), lost(gone));
    assert.throws(() => ask(mesh, 'three', {}), { message: lost(gone).slice(12) });
    const anew = ask(mesh, 'four', { start: true });
    assert.deepEqual(await answered(mesh.a), ['four +7']);
    assert.equal(anew.answer(), 'four');
    assert.equal(sent.settled() + waits.settled(), 2);
  });

  test('whose instance crashed is lost, those of other instances are not', async () => {
    const mesh = await startMesh(two);
    const [crashing, idle] = [ask(mesh, 'one', { start: true }), ask(mesh, 'other', { start: true, id: 8n })];
    await turns();
    mesh.a.grant('1', 0);
    mesh.a.grant('1', 1);
    await turns();
    const [first, second] = mesh.a.batches as [ReceivedBatch, ReceivedBatch];
    const [one, other] = first.items[0]?.sequence?.id === 7n ? [first, second] : [second, first];
    mesh.a.crash(one);
    mesh.a.echo(other);
    await turns();
    assert.equal(crashing.answer(), lost('its instance crashed'));
    assert.equal(idle.answer(), 'other');
    const next = ask(mesh, 'next', { id: 8n });
    assert.deepEqual(await answered(mesh.a, other.instance), ['next 8']);
    assert.equal(next.answer(), 'next');
  });

  test('that was not begun where its batch bounced begins elsewhere', async () => {
    const mesh = await startMesh(two);
    const first = ask(mesh, 'one', { start: true });
    const batch = (await granted(mesh.b)) as ReceivedBatch;
    mesh.b.bounce(batch);
    await turns();
    mesh.engine.loseReplica('b');
    assert.deepEqual(await answered(mesh.a), ['one +7']);
    assert.equal(first.answer(), 'one');
  });

  test('goes on after a request that was given up, sent or not', async () => {
    const mesh = await startMesh(two);
    const sent = ask(mesh, 'sent', { start: true });
    const batch = (await granted(mesh.a)) as ReceivedBatch;
    const waits = ask(mesh, 'waits', {});
    const last = ask(mesh, 'last', {});
    assert.equal(sent.pending.cancel(), 'sent');
    assert.equal(waits.pending.cancel(), 'queued');
    await turns();
    assert.deepEqual(mesh.a.cancels, [{ kind: 'cancel', batchId: batch.id, items: [0] }]);
    assert.equal(await granted(mesh.a), undefined);
    mesh.a.echo(batch);
    await turns();
    assert.deepEqual(words(mesh.a.batches.at(-1)), ['last 7']);
    mesh.a.echo(mesh.a.batches.at(-1) as ReceivedBatch);
    await turns();
    assert.equal(last.answer(), 'last');
  });

  test('whose request passes its deadline in the queue goes on without it', async () => {
    const mesh = await startMesh(two);
    const late = mesh.submit('late', { sequence: { id: 7n, start: true, end: false }, deadlineMs: 50 });
    mesh.clock.advance(60);
    assert.match(late.answer() ?? '', /^DEADLINE_EXCEEDED Request timeout expired/);
    ask(mesh, 'next', {});
    assert.deepEqual(await answered(mesh.a), ['next +7']);
  });

  test('is over after its idle time, and its slot is told free with the next batch', async () => {
    const mesh = await startMesh({ config: 'sequence_batching { oldest { max_candidate_sequences: 1 } }' });
    ask(mesh, 'one', { start: true });
    assert.deepEqual(await answered(mesh.a), ['one +7']);
    const next = ask(mesh, 'two', { start: true, id: 8n });
    assert.equal(await granted(mesh.a), undefined);
    mesh.clock.advance(1001);
    await turns();
    const batch = mesh.a.batches.at(-1) as ReceivedBatch;
    assert.deepEqual(words(batch), ['two +8']);
    assert.deepEqual(batch.released, [mesh.a.batches[0]?.items[0]?.sequence?.key]);
    mesh.a.echo(batch);
    await turns();
    assert.equal(next.answer(), 'two');
    assert.throws(() => ask(mesh, 'three', {}), /must specify the START flag/);
  });
});

describe('a swap of versions', () => {
  const loaded = (number: string, fields: ModelVersion = {}): ModelVersion =>
    version('m', number, { config: parseConfigText(`name: "m" max_batch_size: 4 ${config}`), ...fields });
  const report = (mesh: Mesh, name: 'a' | 'b', entries: ModelVersion[]): void =>
    mesh.engine.updateReplica(name, replicaState(entries, { replicaId: name }), mesh[name].open);

  test('leaves running sequences where they are, and new ones begin on the new version', async () => {
    const mesh = await startMesh({ config, replicas: { a: {} } });
    report(mesh, 'a', [loaded('1')]);
    ask(mesh, 'old', { start: true });
    assert.deepEqual(await answered(mesh.a), ['old +7']);
    report(mesh, 'a', [loaded('1', { superseded: true }), loaded('2')]);
    await turns();
    ask(mesh, 'old again', {});
    ask(mesh, 'new', { start: true, id: 8n });
    assert.deepEqual(await answered(mesh.a), ['old again 7']);
    mesh.a.grant('2');
    await turns();
    assert.deepEqual([mesh.a.batches.at(-1)?.version, words(mesh.a.batches.at(-1))], ['2', ['new +8']]);
  });

  test('ends those of a version that nobody serves any more, and begins those that had only begun to wait', async () => {
    const mesh = await startMesh({ config, replicas: { a: {} } });
    report(mesh, 'a', [loaded('1')]);
    ask(mesh, 'old', { start: true });
    assert.deepEqual(await answered(mesh.a), ['old +7']);
    const waits = ask(mesh, 'waits', { start: true, id: 8n });
    report(mesh, 'a', [loaded('1', { state: 'MODEL_STATE_UNLOADING' }), loaded('2')]);
    await turns();
    assert.throws(
      () => ask(mesh, 'old again', {}),
      /^WeftError: sequence 7 of model 'm' is lost: its replica a is gone, or/,
    );
    mesh.a.grant('2');
    await turns();
    const batch = mesh.a.batches.at(-1) as ReceivedBatch;
    assert.deepEqual([batch.version, words(batch)], ['2', ['waits +8']]);
    mesh.a.echo(batch);
    await turns();
    assert.equal(waits.answer(), 'waits');
  });

  test('to one that batches no sequences serves those who wait as they come', async () => {
    const mesh = await startMesh({ config, replicas: { a: {} } });
    const waits = ask(mesh, 'waits', { start: true });
    await turns();
    mesh.report('a', '');
    await turns();
    const batch = (await granted(mesh.a)) as ReceivedBatch;
    assert.deepEqual(
      batch.items.map(({ sequence }) => sequence),
      [undefined],
    );
    mesh.a.echo(batch);
    await turns();
    assert.equal(waits.answer(), 'waits');
  });
});
