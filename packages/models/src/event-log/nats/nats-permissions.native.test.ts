import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { natsSettings } from '../../testing/nats-store.ts';
import { RecordingFollower } from '../../testing/recording-follower.ts';
import { startNatsServer, withoutNatsServer } from '../../testing/start-nats-server.ts';
import type { EventLog } from '../event-log.ts';
import { openEventLog } from '../open-event-log.ts';

const page = fileURLToPath(new URL('../../../../../docs/nats.md', import.meta.url));

/** The server's configuration as the page about NATS shows it. */
function documentedAccounts(): string {
  const block = /```\n(accounts \{[^`]*)```/.exec(readFileSync(page, 'utf8'))?.[1];
  assert.ok(block !== undefined, 'docs/nats.md has lost its accounts');
  return block;
}

async function startGuarded(t: TestContext): Promise<(user: string, password?: string) => EventLog> {
  const server = await startNatsServer({ config: documentedAccounts() });
  t.after(() => server.close());
  const folder = mkdtempSync(join(tmpdir(), 'weft-nats-users-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (user, password = `${user}-password`) => {
    const natsPasswordFile = join(folder, `${user}.password`);
    writeFileSync(natsPasswordFile, `${password}\n`);
    const settings = natsSettings({ nats: [server.url], natsUser: user, natsPasswordFile });
    const log = openEventLog({ ...settings, dataDirectory: folder }, { writes: true });
    t.after(() => log.close());
    return log;
  };
}

const bytes = Buffer.alloc(3 * 1024 * 1024, 'model');
const file = { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };

async function* content(): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const options = { skip: withoutNatsServer };

test('with the documented permissions a router writes and a service only reads', options, async (t) => {
  const open = await startGuarded(t);
  const [router, service] = [open('router'), open('service')];
  const followers = [router, service].map((log) => {
    const follower = new RecordingFollower();
    t.after(log.follow(follower));
    return follower;
  });
  const first = await router.append({ model: 'a b', bytes: Buffer.from('1'), after: 0 });
  await router.artifacts.put(file, content());
  for (const follower of followers) await follower.untilEvent('a b', first);

  const append = service.append({ model: 'a b', bytes: Buffer.from('2'), after: first });
  await assert.rejects(append, { code: 'PERMISSION_DENIED', message: /NATS does not permit it/ });
  const other = { ...file, sha256: '0'.repeat(64) };
  await assert.rejects(service.artifacts.put(other, content()), { code: 'PERMISSION_DENIED' });

  assert.equal(await service.artifacts.has(file), true);
  const parts: Uint8Array[] = [];
  for await (const part of service.artifacts.get(file, 2_500_000)) parts.push(part);
  assert.ok(Buffer.concat(parts).equals(bytes.subarray(2_500_000)));

  const second = await router.append({ model: 'a b', bytes: Buffer.from('2'), after: first });
  for (const follower of followers) await follower.untilEvent('a b', second);
  for (const { heard } of followers) assert.equal(heard.at(-1)?.kind, 'event');
});

test('a wrong password is told to followers and to whoever appends', options, async (t) => {
  const log = (await startGuarded(t))('router', 'guessed');
  const follower = new RecordingFollower();
  t.after(log.follow(follower));
  await follower.until('a problem', ({ heard }) => heard.at(-1)?.kind === 'problem');
  assert.match(JSON.stringify(follower.heard.at(-1)), /no connection to NATS at nats:.*'Authorization Violation'/i);
  await assert.rejects(log.append({ model: 'a', bytes: bytes.subarray(0, 9), after: 0 }), { code: 'UNAVAILABLE' });
});
