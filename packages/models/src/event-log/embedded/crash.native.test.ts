import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type TestContext } from 'node:test';
import type { LoggedEvent } from '../event-log.ts';
import { RecordingFollower } from '../../testing/recording-follower.ts';
import { EmbeddedEventLog, type EmbeddedEventLogOptions } from './embedded-event-log.ts';
import { encodeRecord, maxRecordBytes } from './record.ts';

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'weft-event-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const logFile = (dataDirectory: string): string => join(dataDirectory, 'events', 'log');

function openLog(t: TestContext, options: EmbeddedEventLogOptions): EmbeddedEventLog {
  const log = new EmbeddedEventLog(options);
  t.after(() => log.close());
  return log;
}

/** What somebody hears who comes now. */
async function heardNow(dataDirectory: string): Promise<readonly LoggedEvent[]> {
  const log = new EmbeddedEventLog({ dataDirectory, writes: false });
  const follower = new RecordingFollower();
  log.follow(follower);
  await follower.until('caught up', () => follower.timesCaughtUp() === 1);
  await log.close();
  return follower.events;
}

async function logOfThree(t: TestContext): Promise<{ folder: string; file: Buffer; lastBytes: number }> {
  const folder = newFolder(t);
  const log = new EmbeddedEventLog({ dataDirectory: folder, writes: true });
  for (const model of ['a', 'b', 'c']) await log.append({ model, bytes: Buffer.from(`event of ${model}`), after: 0 });
  await log.close();
  const lastBytes = encodeRecord({ model: 'c', revision: 3, bytes: Buffer.from('event of c') }).length;
  return { folder, file: readFileSync(logFile(folder)), lastBytes };
}

test('an append that was cut at any byte is as if it had never been begun', async (t) => {
  const { folder, file, lastBytes } = await logOfThree(t);
  for (let cut = file.length - lastBytes; cut < file.length; cut += 1) {
    writeFileSync(logFile(folder), file.subarray(0, cut));
    const reader = new EmbeddedEventLog({ dataDirectory: folder, writes: false });
    const follower = new RecordingFollower();
    reader.follow(follower);
    await follower.until('caught up', () => follower.timesCaughtUp() === 1);
    assert.deepEqual(
      follower.events.map(({ model }) => model),
      ['a', 'b'],
    );
    const writer = new EmbeddedEventLog({ dataDirectory: folder, writes: true });
    const revision = await writer.append({ model: 'd', bytes: Buffer.from('next'), after: 0 });
    const next = await follower.untilEvent('d', revision);
    assert.equal(Buffer.from(next.bytes).toString(), 'next');
    assert.equal(follower.events.length, 3, `cut at byte ${cut}`);
    await Promise.all([reader.close(), writer.close()]);
  }
});

test('an append whose bytes are not all on the disk, though its length is, is cut off too', async (t) => {
  const { folder, file, lastBytes } = await logOfThree(t);
  for (let at = file.length - lastBytes; at < file.length; at += 1) {
    const torn = Buffer.from(file);
    torn.fill(0, at);
    // A last byte that was zero already tears nothing.
    if (torn.equals(file)) continue;
    writeFileSync(logFile(folder), torn);
    const writer = new EmbeddedEventLog({ dataDirectory: folder, writes: true });
    await writer.append({ model: 'd', bytes: Buffer.from('next'), after: 0 });
    await writer.close();
    const heard = await heardNow(folder);
    assert.deepEqual(
      heard.map(({ model }) => model),
      ['a', 'b', 'd'],
      `zeros from byte ${at}`,
    );
    const next = encodeRecord({ model: 'd', revision: 3, bytes: Buffer.from('next') });
    assert.equal(statSync(logFile(folder)).size, file.length - lastBytes + next.length);
  }
});

test('an event that the disk has damaged is passed over; what is damaged beyond that is refused, not cut off', async (t) => {
  const { folder, file, lastBytes } = await logOfThree(t);
  const damaged = Buffer.from(file);
  damaged[lastBytes + 20] = 255 - (damaged[lastBytes + 20] ?? 0);
  writeFileSync(logFile(folder), damaged);
  assert.deepEqual(
    (await heardNow(folder)).map(({ model }) => model),
    ['a', 'c'],
  );
  writeFileSync(logFile(folder), Buffer.concat([file, Buffer.alloc(maxRecordBytes + 1, 255)]));
  const writer = openLog(t, { dataDirectory: folder, writes: true });
  const attempt = writer.append({ model: 'd', bytes: Buffer.from('next'), after: 0 });
  await assert.rejects(attempt, { code: 'DATA_LOSS', message: new RegExp(`is damaged at byte ${file.length} of`) });
  truncateSync(logFile(folder), file.length);
  assert.equal(await writer.append({ model: 'd', bytes: Buffer.from('next'), after: 0 }), 4);
});

test('a second writer is refused by folder and process, and takes over from one that is gone', async (t) => {
  const folder = newFolder(t);
  const first = openLog(t, { dataDirectory: folder, writes: true });
  const second = openLog(t, { dataDirectory: folder, writes: true });
  const revision = await first.append({ model: 'a', bytes: Buffer.from('1'), after: 0 });
  const attempt = second.append({ model: 'a', bytes: Buffer.from('2'), after: revision });
  const message = new RegExp(`event log in ${join(folder, 'events')} has a writer already: process ${process.pid}\\.`);
  await assert.rejects(attempt, { code: 'FAILED_PRECONDITION', message });
  await first.close();
  assert.equal(await second.append({ model: 'a', bytes: Buffer.from('2'), after: revision }), 2);
});

test('the file is rewritten once it is mostly superseded, and followers miss nothing', async (t) => {
  const folder = newFolder(t);
  const writer = openLog(t, { dataDirectory: folder, writes: true, compactAtBytes: 8_192 });
  const reader = openLog(t, { dataDirectory: folder, writes: false });
  const follower = new RecordingFollower();
  reader.follow(follower);
  const known = new Map<string, number>();
  for (let at = 0; at < 300; at += 1) {
    const model = `model-${at % 4}`;
    known.set(model, await writer.append({ model, bytes: Buffer.alloc(200, at), after: known.get(model) ?? 0 }));
  }
  assert.ok(statSync(logFile(folder)).size < 16_384);
  for (const [model, revision] of known) await follower.untilEvent(model, revision);
  const heard = await heardNow(folder);
  assert.deepEqual(new Map(heard.map(({ model, revision }) => [model, revision])), known);
  const revisions = follower.events.map(({ revision }) => revision);
  assert.deepEqual(
    revisions,
    [...revisions].sort((a, b) => a - b),
  );
  assert.equal(await writer.append({ model: 'another', bytes: Buffer.from('x'), after: 0 }), 301);
});

const modules = { log: new URL('./embedded-event-log.js', import.meta.url).href };

/** A process of its own that has `log`, a writer of the folder. */
function startWriter(folder: string, body: string, limitKiB?: number): ChildProcess {
  const script = `
    const { EmbeddedEventLog } = await import(${JSON.stringify(modules.log)});
    const log = new EmbeddedEventLog({ dataDirectory: ${JSON.stringify(folder)}, writes: true, compactAtBytes: 20_000 });
    ${body}`;
  const command = [process.execPath, '--input-type=module', '-e', script];
  // The shell becomes the process; its limit is in blocks of 512 bytes or 1 KiB, whichever the shell takes.
  const limited = ['-c', `ulimit -f ${limitKiB}; exec "$@"`, 'sh', ...command];
  const [file, ...args] = limitKiB === undefined ? command : ['/bin/sh', ...limited];
  return spawn(String(file), args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

test('of a writer that is killed again and again every acknowledged event is there, and no other bytes', async (t) => {
  const folder = newFolder(t);
  const reader = openLog(t, { dataDirectory: folder, writes: false });
  const follower = new RecordingFollower();
  reader.follow(follower);
  let acknowledged = { revision: 0, round: -1, at: -1 };
  for (let round = 0; round < 20; round += 1) {
    const child = startWriter(
      folder,
      `let after = ${acknowledged.revision};
      // What was written last may not have been acknowledged: the refusal names it.
      for (let at = 0; ; at += 1) {
        const bytes = Buffer.from(JSON.stringify({ round: ${round}, at, filler: 'x'.repeat(at * 37 % 3000) }));
        for (;;) {
          try { after = await log.append({ model: 'a', bytes, after }); break; }
          catch (error) { after = Number(/revision (\\d+), not/.exec(error.message)[1]); }
        }
        console.log(JSON.stringify({ revision: after, round: ${round}, at }));
      }`,
    );
    t.after(() => child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    assert.ok(child.stdout !== null);
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = JSON.parse(line);
      if (acknowledged.at >= 3 + (round % 5)) child.kill('SIGKILL');
    }
    await ended;
    const last = (await heardNow(folder)).at(-1);
    assert.ok(last !== undefined && last.revision >= acknowledged.revision);
    await follower.untilEvent('a', last.revision);
  }
  const contents = follower.events.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as { round: number });
  assert.equal(contents.at(-1)?.round, 19);
  assert.ok(follower.heard.every(({ kind }) => kind !== 'problem'));
});

test('a full disk refuses events and artifacts as RESOURCE_EXHAUSTED, and nothing of them stays', async (t) => {
  const folder = newFolder(t);
  const child = startWriter(
    folder,
    `process.on('SIGXFSZ', () => {});
    const code = (work) => work.then(() => 'ok', (error) => error.code);
    const { createHash } = await import('node:crypto');
    const { statSync } = await import('node:fs');
    const bytes = Buffer.alloc(300_000, 1);
    const file = { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
    console.log(JSON.stringify([
      await code(log.append({ model: 'a', bytes: Buffer.from('small'), after: 0 })),
      await code(log.append({ model: 'b', bytes, after: 0 })),
      statSync(${JSON.stringify(logFile(folder))}).size,
      await code(log.artifacts.put(file, (async function* () { yield bytes; })())),
      await code(log.append({ model: 'c', bytes: Buffer.from('small'), after: 0 })),
    ]));
    await log.close();`,
    64,
  );
  t.after(() => child.kill('SIGKILL'));
  assert.ok(child.stdout !== null);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  const { length } = encodeRecord({ model: 'a', revision: 1, bytes: Buffer.from('small') });
  assert.deepEqual(JSON.parse(lines.join('')), ['ok', 'RESOURCE_EXHAUSTED', length, 'RESOURCE_EXHAUSTED', 'ok']);
  assert.deepEqual(
    (await heardNow(folder)).map(({ model, revision }) => [model, revision]),
    [
      ['a', 1],
      ['c', 3],
    ],
  );
  assert.deepEqual(readdirSync(join(folder, 'artifacts')), []);
});

test('what a process left of an artifact that was killed meanwhile is swept, and only that', async (t) => {
  const folder = newFolder(t);
  const child = startWriter(
    folder,
    `const file = { sha256: 'a'.repeat(64), size: 200_000 };
    await log.artifacts.put(file, (async function* () {
      yield Buffer.alloc(100_000);
      console.log('half');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    })());`,
  );
  t.after(() => child.kill('SIGKILL'));
  assert.ok(child.stdout !== null);
  await once(child.stdout, 'data');
  const parts = () => readdirSync(join(folder, 'artifacts')).filter((name) => name.endsWith('.part'));
  const empty = { sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', size: 0 };
  async function* nothing(): AsyncGenerator<Uint8Array> {}
  await openLog(t, { dataDirectory: folder, writes: true }).artifacts.put(empty, nothing());
  assert.equal(parts().length, 1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await openLog(t, { dataDirectory: folder, writes: true }).artifacts.put(empty, nothing());
  assert.deepEqual(parts(), []);
});

test('what cannot be swept fails no put, and is tried again at the next', async (t) => {
  const folder = newFolder(t);
  const artifacts = join(folder, 'artifacts');
  const left = `${'a'.repeat(64)}.999999999.1.x.part`;
  mkdirSync(join(artifacts, left), { recursive: true });
  const depot = openLog(t, { dataDirectory: folder, writes: true }).artifacts;
  const empty = { sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', size: 0 };
  async function* nothing(): AsyncGenerator<Uint8Array> {}
  await depot.put(empty, nothing());
  assert.deepEqual(readdirSync(artifacts).sort(), [left, empty.sha256].sort());
  rmSync(join(artifacts, left), { recursive: true });
  writeFileSync(join(artifacts, left), '');
  await depot.put(empty, nothing());
  assert.deepEqual(readdirSync(artifacts), [empty.sha256]);
});

test('a reader may start before there is a writer, and hears a log that was put back from a backup', async (t) => {
  const folder = newFolder(t);
  const dataDirectory = join(folder, 'not', 'there', 'yet');
  const reader = openLog(t, { dataDirectory, writes: false });
  const follower = new RecordingFollower();
  reader.follow(follower);
  await follower.until('caught up', () => follower.timesCaughtUp() === 1);
  const writer = openLog(t, { dataDirectory, writes: true });
  const first = await writer.append({ model: 'a', bytes: Buffer.from('first'), after: 0 });
  cpSync(logFile(dataDirectory), join(folder, 'backup'));
  const second = await writer.append({ model: 'a', bytes: Buffer.from('second'), after: first });
  await follower.untilEvent('a', second);
  await writer.close();
  cpSync(join(folder, 'backup'), logFile(dataDirectory));
  await follower.until('the older event', ({ events }) => events.at(-1)?.revision === first);
  assert.ok(existsSync(logFile(dataDirectory)));
});
