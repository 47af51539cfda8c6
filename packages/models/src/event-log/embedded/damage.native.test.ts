// What is neither a whole log nor a torn end, and what killed processes leave in its folder.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { RecordingFollower } from '../../testing/recording-follower.ts';
import { EmbeddedEventLog } from './embedded-event-log.ts';
import { encodeRecord, findRecord, maxRecordBytes } from './record.ts';
import { thisProcess } from './running-process.ts';

const records = ['a', 'b', 'c'].map((model, at) =>
  encodeRecord({ model, revision: at + 1, bytes: Buffer.from(`event of ${model}`) }),
);
const whole = Buffer.concat(records);
const recordBytes = records[0]?.length ?? 0;

function newLog(t: TestContext, { writes = true } = {}): { log: EmbeddedEventLog; folder: string; file: string } {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'weft-log-damage-'));
  const log = new EmbeddedEventLog({ dataDirectory, writes });
  t.after(async () => {
    await log.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  const folder = join(dataDirectory, 'events');
  mkdirSync(folder);
  return { log, folder, file: join(folder, 'log') };
}

/** The second of three records says that it is this long. */
function damaged(length: number): Buffer {
  const bytes = Buffer.from(whole);
  bytes.writeUInt32LE(length, recordBytes);
  return bytes;
}

const lengths = [0, 5, 11, 20, recordBytes, 2 * recordBytes - 8, 2 * recordBytes, maxRecordBytes, 0xffff_ffff];

test('events behind a damaged length are never cut off: the writer refuses, naming file and byte', async (t) => {
  for (const length of lengths) {
    const { log, file } = newLog(t);
    writeFileSync(file, damaged(length));
    await assert.rejects(
      log.append({ model: 'd', bytes: Buffer.from('next'), after: 0 }),
      { code: 'DATA_LOSS', message: new RegExp(`${file} is damaged at byte ${recordBytes} of ${whole.length}\\.`) },
      `length ${length}`,
    );
    assert.deepEqual(readFileSync(file), damaged(length));
  }
});

test('a reader tells of such damage, and goes on when the file is put back', async (t) => {
  const { log, file } = newLog(t, { writes: false });
  writeFileSync(file, damaged(0xffff_ffff));
  const follower = new RecordingFollower();
  log.follow(follower);
  await follower.until('a problem', ({ heard }) => heard.at(-1)?.kind === 'problem');
  assert.match(JSON.stringify(follower.heard), /is damaged at byte \d+ of \d+/);
  writeFileSync(file, whole);
  await follower.untilEvent('c', 3);
  assert.deepEqual(
    follower.events.map(({ model }) => model),
    ['a', 'b', 'c'],
  );
});

test('an event that the disk has damaged is told of, and its bytes outlive the rewriting of the file', async (t) => {
  const { folder, file } = newLog(t);
  const bytes = Buffer.from(whole);
  bytes.writeUInt8(255, recordBytes + 20);
  writeFileSync(file, bytes);
  const told: unknown[] = [];
  const log = new EmbeddedEventLog({
    dataDirectory: dirname(folder),
    writes: true,
    compactAtBytes: 1_000,
    log: { error: (event, fields) => void told.push([event, fields]) },
  });
  t.after(() => log.close());
  const follower = new RecordingFollower();
  log.follow(follower);
  await follower.untilEvent('c', 3);
  const damage = { file, atByte: recordBytes, bytes: recordBytes };
  assert.deepEqual(told, [['event_log.damaged', damage]]);
  let after = 0;
  for (let at = 0; at < 20; at += 1) after = await log.append({ model: 'd', bytes: Buffer.alloc(100, at), after });
  await follower.untilEvent('d', after);
  assert.deepEqual(told, [['event_log.damaged', damage]]);
  const kept = readdirSync(folder).filter((name) => name.startsWith('log.damaged-'));
  assert.equal(kept.length, 1);
  assert.deepEqual(readFileSync(join(folder, kept[0] ?? '')).subarray(0, whole.length), bytes);
  assert.ok(readFileSync(file).length < 1_000);
});

test('a torn record holds no other one, whatever it says of lengths', () => {
  const event = Buffer.alloc(50_000);
  for (let at = 0; at + 4 <= event.length; at += 4) event.writeUInt32LE(at % 1000, at);
  const torn = encodeRecord({ model: 'a', revision: 1, bytes: event }).subarray(0, -1);
  assert.equal(findRecord(torn, 0), undefined);
  assert.equal(findRecord(Buffer.concat([torn, whole]), 0), torn.length);
});

test('a draft of the lock that a killed process left is swept, and only that', async (t) => {
  const { log, folder } = newLog(t);
  const { pid: gone } = spawnSync(process.execPath, ['--version']);
  const { pid, started } = thisProcess();
  const draft = (id: string) => `writer.${id}.3b241101-e2bb-4255-8caf-4136c566a962.tmp`;
  const [left, alive] = [draft(`${gone}.1`), draft(`${pid}.${started}`)];
  for (const name of [left, alive]) writeFileSync(join(folder, name), '');
  await log.append({ model: 'a', bytes: Buffer.from('1'), after: 0 });
  const drafts = readdirSync(folder).filter((name) => name.endsWith('.tmp'));
  assert.deepEqual(drafts, [alive]);
});
