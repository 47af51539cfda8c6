import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { type ModelRecord, provisionally, recordEvent } from '../../desired/model-record.ts';
import { encodedEvent } from '../../testing/model-events.ts';
import { RecordingFollower } from '../../testing/recording-follower.ts';
import type { Follower } from '../event-log.ts';
import { EmbeddedEventLog } from './embedded-event-log.ts';
import { LogTail, type WatchFolder } from './log-tail.ts';
import { encodeRecord } from './record.ts';

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'weft-log-tail-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Keeps one record, as a replica does for each model. */
function startRecord(log: EmbeddedEventLog): { record: ModelRecord | undefined } {
  const kept: { record: ModelRecord | undefined } = { record: undefined };
  const follower: Follower = {
    onEvent: (event) => void (kept.record = recordEvent(kept.record, event)),
    onCaughtUp: () => {},
    onProblem: (problem) => {
      if (problem !== undefined && kept.record !== undefined) kept.record = provisionally(kept.record);
    },
  };
  log.follow(follower);
  return kept;
}

const ways = { 'written over it': cpSync, 'moved to its place': renameSync };

for (const [way, putBack] of Object.entries(ways)) {
  test(`a backup of the file that is ${way} while the writer runs is what counts, for replicas too`, async (t) => {
    const dataDirectory = newFolder(t);
    const [file, backup] = [join(dataDirectory, 'events', 'log'), join(dataDirectory, 'backup')];
    const [writer, reader] = [true, false].map((writes) => new EmbeddedEventLog({ dataDirectory, writes }));
    assert.ok(writer !== undefined && reader !== undefined);
    t.after(() => Promise.all([writer.close(), reader.close()]));
    const kept = startRecord(reader);
    const follower = new RecordingFollower();
    reader.follow(follower);
    const append = (loadGeneration: number, after: number) =>
      writer.append({ model: 'm', bytes: encodedEvent({ loadGeneration }), after });
    assert.equal(await append(1, 0), 1);
    cpSync(file, backup);
    assert.equal(await append(2, 1), 2);
    await follower.untilEvent('m', 2);
    assert.equal(kept.record?.desired?.loadGeneration, 2);
    putBack(backup, file);
    await follower.until('the older event', ({ events }) => events.at(-1)?.revision === 1);
    await follower.until('caught up again', ({ heard }) => heard.at(-1)?.kind === 'caught-up');
    assert.deepEqual([kept.record?.desired?.loadGeneration, kept.record?.provisional], [1, false]);
    await assert.rejects(append(3, 2), { code: 'ABORTED', message: /revision 1, not 2/ });
    assert.equal(await append(3, 1), 2);
    await follower.until('the next event', ({ events }) => events.at(-1)?.revision === 2);
    assert.equal(kept.record?.desired?.loadGeneration, 3);
  });
}

test('an append that was heard of and then taken back is taken back for followers, though a longer one follows it', async (t) => {
  const folder = newFolder(t);
  const path = join(folder, 'log');
  const record = (model: string, revision: number, length: number) =>
    encodeRecord({ model, revision, bytes: Buffer.alloc(length, revision) });
  writeFileSync(path, Buffer.concat([record('m', 1, 10), record('m', 2, 10)]));
  const tail = new LogTail({ folder, path });
  t.after(() => tail.close());
  const follower = new RecordingFollower();
  tail.follow(follower);
  await follower.untilEvent('m', 2);
  writeFileSync(path, Buffer.concat([record('m', 1, 10), record('n', 3, 100), record('n', 4, 10)]));
  await follower.untilEvent('n', 4);
  await follower.until('caught up again', ({ heard }) => heard.at(-1)?.kind === 'caught-up');
  assert.deepEqual(
    follower.heard.flatMap((heard) => (heard.kind === 'event' ? [`${heard.event.model} ${heard.event.revision}`] : [])),
    ['m 2', 'm 1', 'n 4'],
  );
  assert.match(JSON.stringify(follower.heard), /the event log in .* has begun again/);
});

test('a machine that is out of watches is no loss of the log: the slow look finds what is appended', async (t) => {
  const dataDirectory = newFolder(t);
  const folder = join(dataDirectory, 'events');
  let refused = 0;
  const outOfWatches: WatchFolder = () => {
    refused += 1;
    throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
  };
  const tail = new LogTail({ folder, path: join(folder, 'log'), watchFolder: outOfWatches });
  t.after(() => tail.close());
  const follower = new RecordingFollower();
  tail.follow(follower);
  await follower.until('caught up', () => follower.timesCaughtUp() === 1);
  const writer = new EmbeddedEventLog({ dataDirectory, writes: true });
  t.after(() => writer.close());
  await follower.untilEvent('a', await writer.append({ model: 'a', bytes: Buffer.from('1'), after: 0 }));
  assert.ok(refused > 0);
  assert.ok(follower.heard.every(({ kind }) => kind !== 'problem'));
});

test('a log that was closed is looked at no more, whoever follows', async (t) => {
  const folder = join(newFolder(t), 'events');
  let watched = 0;
  const watchFolder = (): never => {
    watched += 1;
    throw new Error('nobody watches');
  };
  const closed = new LogTail({ folder, path: join(folder, 'log'), watchFolder });
  await closed.close();
  closed.follow(new RecordingFollower());
  closed.look();
  await closed.close();
  assert.equal(watched, 0);
});
