import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { connect, type NatsConnection } from 'nats';
import { makeNatsStore, natsSettings } from '../../testing/nats-store.ts';
import { RecordingFollower } from '../../testing/recording-follower.ts';
import { type NatsServer, startNatsServer, withoutNatsServer } from '../../testing/start-nats-server.ts';
import { type EventLog, maxEventBytes } from '../event-log.ts';
import { openEventLog } from '../open-event-log.ts';
import { NatsEventLog } from './nats-event-log.ts';
import { subjectOf } from './subject.ts';

const options = { skip: withoutNatsServer };

function openLog(t: TestContext, server: NatsServer, writes: boolean): EventLog {
  const settings = { ...natsSettings({ nats: [server.url] }), dataDirectory: 'unused' };
  const log = openEventLog(settings, { writes });
  t.after(() => log.close());
  return log;
}

function follow(t: TestContext, log: EventLog): RecordingFollower {
  const follower = new RecordingFollower();
  t.after(log.follow(follower));
  return follower;
}

async function startServer(t: TestContext): Promise<NatsServer> {
  const server = await startNatsServer();
  t.after(() => server.close());
  return server;
}

async function connectDirectly(t: TestContext, server: NatsServer): Promise<NatsConnection> {
  const connection = await connect({ servers: server.url });
  t.after(() => connection.close());
  return connection;
}

const caughtUp = (times: number) => (follower: RecordingFollower) => follower.timesCaughtUp() >= times;
const isLost = ({ heard }: RecordingFollower) => heard.at(-1)?.kind === 'problem';

test(
  'a process may start while NATS is down: it says so, and has everything once NATS is there',
  options,
  async (t) => {
    const server = await startServer(t);
    const writer = openLog(t, server, true);
    const revision = await writer.append({ model: 'a', bytes: Buffer.from('1'), after: 0 });
    await writer.close();
    await server.stop('SIGKILL');
    const follower = follow(t, openLog(t, server, false));
    await follower.until('a problem', isLost);
    assert.match(
      JSON.stringify(follower.heard),
      /no connection to NATS at nats:..127\.0\.0\.1:\d+: CONNECTION_REFUSED/,
    );
    await server.start();
    await follower.untilEvent('a', revision);
    await follower.until('caught up', caughtUp(1));
  },
);

test('a reader that comes before any router waits for the stream, and says so', options, async (t) => {
  const server = await startServer(t);
  const follower = follow(t, openLog(t, server, false));
  await follower.until('a problem', isLost);
  assert.match(JSON.stringify(follower.heard), /NATS has no stream WEFT_MODELS yet: the router makes it/);
  const revision = await openLog(t, server, true).append({ model: 'a', bytes: Buffer.from('1'), after: 0 });
  await follower.untilEvent('a', revision);
  assert.ok(follower.heard.some((heard) => heard.kind === 'problem' && heard.problem === undefined));
});

test('what was published while a follower was cut off is told after its reconnection', options, async (t) => {
  const server = await startServer(t);
  const [writer, reader] = [openLog(t, server, true), openLog(t, server, false)];
  const follower = follow(t, reader);
  let after = await writer.append({ model: 'a', bytes: Buffer.from('1'), after: 0 });
  await follower.untilEvent('a', after);
  for (let round = 2; round < 5; round += 1) {
    await server.stop('SIGKILL');
    await follower.until('a problem', isLost);
    await server.start();
    after = await writer.append({ model: 'a', bytes: Buffer.from(`${round}`), after });
    await follower.untilEvent('a', after);
  }
});

test('a server that stands still is lost, and found again', { ...options, timeout: 60_000 }, async (t) => {
  const server = await startServer(t);
  const log = openLog(t, server, true);
  const follower = follow(t, log);
  const first = await log.append({ model: 'a', bytes: Buffer.from('1'), after: 0 });
  await follower.untilEvent('a', first);
  server.freeze();
  await follower.until('a problem', isLost);
  const attempt = log.append({ model: 'a', bytes: Buffer.from('2'), after: first });
  await assert.rejects(attempt, { code: 'UNAVAILABLE' });
  const before = follower.timesCaughtUp();
  server.thaw();
  await follower.until('caught up', caughtUp(before + 1));
});

test('a server that lost its files begins again, and what it tells then is told', options, async (t) => {
  const server = await startServer(t);
  const log = openLog(t, server, true);
  const follower = follow(t, log);
  let after = 0;
  for (const text of ['1', '2', '3']) after = await log.append({ model: 'a', bytes: Buffer.from(text), after });
  await follower.untilEvent('a', 3);
  await server.stop();
  await server.start({ empty: true });
  await follower.until('caught up', caughtUp(2));
  // By this a follower knows that the log has lost the model.
  const loss = follower.heard.findLastIndex((heard) => heard.kind === 'problem' && heard.problem !== undefined);
  assert.deepEqual(
    follower.heard.slice(loss + 1).map(({ kind }) => kind),
    ['problem', 'caught-up'],
  );
  const stale = log.append({ model: 'a', bytes: Buffer.from('4'), after });
  await assert.rejects(stale, { code: 'ABORTED', message: /revision 0, not 3/ });
  assert.equal(await log.append({ model: 'a', bytes: Buffer.from('anew'), after: 0 }), 1);
  await follower.until('the new event', ({ events }) => Buffer.from(events.at(-1)?.bytes ?? []).toString() === 'anew');
});

test('a stream that is removed under the followers is told, made again, and followed', options, async (t) => {
  const server = await startServer(t);
  const log = openLog(t, server, true);
  const follower = follow(t, log);
  await follower.untilEvent('a', await log.append({ model: 'a', bytes: Buffer.from('1'), after: 0 }));
  const connection = await connectDirectly(t, server);
  await (await connection.jetstreamManager()).streams.delete('WEFT_MODELS');
  await follower.until('a problem, and its end', caughtUp(2));
  assert.ok(follower.heard.some((heard) => heard.kind === 'problem' && heard.problem !== undefined));
  await log.append({ model: 'a', bytes: Buffer.from('anew'), after: 0 });
  await follower.until('the new event', ({ events }) => Buffer.from(events.at(-1)?.bytes ?? []).toString() === 'anew');
});

test(
  'parts of an upload that NATS was killed under are swept a day later, whole artifacts never',
  options,
  async (t) => {
    const { server, open, artifactTraces } = await makeNatsStore(t);
    const fileOf = (bytes: Uint8Array) => ({
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
    });
    async function* content(bytes: Uint8Array, interrupt: () => Promise<void> = async () => {}) {
      const half = Math.ceil(bytes.length / 2);
      yield bytes.subarray(0, half);
      await interrupt();
      yield bytes.subarray(half);
    }
    const [whole, lost, next] = ['whole', 'lost', 'next'].map((text) => Buffer.alloc(6 * 1024 * 1024, text));
    assert.ok(whole && lost && next);
    const first = open({ writes: true });
    await first.artifacts.put(fileOf(whole), content(whole));
    const before = await artifactTraces();
    const put = first.artifacts.put(
      fileOf(lost),
      content(lost, async () => await server.stop('SIGKILL')),
    );
    await assert.rejects(put, { code: 'UNAVAILABLE' });
    await first.close();
    await server.start();
    const left = await artifactTraces();
    assert.ok(left.length > before.length, left.join());
    const putAt = async (wallClock: () => number): Promise<void> => {
      const connection = () => ({ servers: server.url });
      const where = { servers: server.url, stream: 'WEFT_MODELS', replicas: 1, writes: true };
      const log = new NatsEventLog({ ...where, connection, wallClock });
      await log.artifacts.put(fileOf(next), content(next));
      await log.close();
    };
    await putAt(Date.now);
    const untouched = await artifactTraces();
    assert.ok(left.every((name) => untouched.includes(name)));
    await putAt(() => Date.now() + 25 * 3_600_000);
    const after = await artifactTraces();
    assert.deepEqual(after.filter((name) => left.includes(name)).sort(), [...before].sort());
    assert.equal(after.filter((name) => name.startsWith(fileOf(next).sha256)).length, 4);
  },
);

test('a put in whose middle NATS is killed is UNAVAILABLE, and succeeds when it is tried again', options, async (t) => {
  const { server, open } = await makeNatsStore(t);
  const log = open({ writes: true });
  t.after(() => log.close());
  const bytes = Buffer.alloc(7 * 1024 * 1024, 'weights');
  const file = { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
  async function* content(interrupt: (at: number) => Promise<void>): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 65_536) {
      await interrupt(at);
      yield bytes.subarray(at, at + 65_536);
    }
  }
  const put = log.artifacts.put(
    file,
    content(async (at) => (at === 5 * 1024 * 1024 ? await server.stop('SIGKILL') : undefined)),
  );
  await assert.rejects(put, { code: 'UNAVAILABLE' });
  await server.start();
  assert.equal(await log.artifacts.has(file), false);
  await log.artifacts.put(
    file,
    content(async () => undefined),
  );
  const parts: Uint8Array[] = [];
  for await (const part of log.artifacts.get(file, 6_000_000)) parts.push(part);
  assert.ok(Buffer.concat(parts).equals(bytes.subarray(6_000_000)));
});

test(
  'whatever somebody else publishes there reaches followers as bytes or not at all, and harms nobody',
  options,
  async (t) => {
    const server = await startServer(t);
    const log = openLog(t, server, true);
    const follower = follow(t, log);
    await follower.until('caught up', caughtUp(1));
    const publisher = (await connectDirectly(t, server)).jetstream();
    const token = fc.stringMatching(/^[A-Za-z0-9_=-]{1,30}$/);
    const anyBytes = fc.uint8Array({ maxLength: 2_000 });
    const duplicated = fc.integer({ min: 1, max: 3 });
    await fc.assert(
      fc.asyncProperty(token, anyBytes, duplicated, async (name, bytes, times) => {
        for (let time = 0; time < times; time += 1) await publisher.publish(`weft.models.${name}`, bytes);
        const known = follower.events.findLast(({ model }) => model === 'a')?.revision ?? 0;
        const revision = await log.append({ model: 'a', bytes, after: known });
        await follower.untilEvent('a', revision);
      }),
      { numRuns: 60 },
    );
    const oversized = publisher.publish(subjectOf('b'), new Uint8Array(maxEventBytes + 8_192));
    await assert.rejects(oversized, /message size exceeds maximum allowed/);
    assert.ok(follower.heard.every((heard) => heard.kind !== 'problem' || heard.problem === undefined));
    const revisions = follower.events.map(({ revision }) => revision);
    assert.deepEqual(
      revisions,
      [...revisions].sort((a, b) => a - b),
    );
  },
);
