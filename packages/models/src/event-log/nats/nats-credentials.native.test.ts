import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { EventLogSettings } from '@weft/config';
import { nkeys } from 'nats';
import { generate } from 'selfsigned';
import { natsSettings } from '../../testing/nats-store.ts';
import { startNatsServer, withoutNatsServer } from '../../testing/start-nats-server.ts';
import { openEventLog } from '../open-event-log.ts';

const options = { skip: withoutNatsServer };

function makeFolder(t: TestContext): (name: string, text: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'weft-nats-credentials-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (name, text) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
}

/** Whether a log with these settings appends. */
async function append(settings: Partial<EventLogSettings>): Promise<number> {
  const log = openEventLog({ ...natsSettings(settings), dataDirectory: 'unused' }, { writes: true });
  try {
    return await log.append({ model: 'a', bytes: Buffer.from('1'), after: 0 });
  } finally {
    await log.close();
  }
}

test('a token and an nkey are read from their files', options, async (t) => {
  const file = makeFolder(t);
  const withToken = await startNatsServer({ config: 'authorization { token: "s3cret" }' });
  t.after(() => withToken.close());
  assert.equal(await append({ nats: [withToken.url], natsTokenFile: file('token', 's3cret\n') }), 1);
  await assert.rejects(append({ nats: [withToken.url] }), { code: 'UNAVAILABLE' });

  const pair = nkeys.createUser();
  const withNkey = await startNatsServer({ config: `authorization { users: [{ nkey: ${pair.getPublicKey()} }] }` });
  t.after(() => withNkey.close());
  const seed = file('seed.nk', `${Buffer.from(pair.getSeed()).toString()}\n`);
  assert.equal(await append({ nats: [withNkey.url], natsNkey: seed }), 1);
});

test('TLS checks the server against the authority, and shows a certificate', options, async (t) => {
  const file = makeFolder(t);
  const altNames = [{ type: 2 as const, value: 'localhost' }];
  const pair = await generate([{ name: 'commonName', value: 'nats' }], {
    extensions: [
      { name: 'subjectAltName', altNames },
      { name: 'basicConstraints', cA: true },
    ],
  });
  const [cert, key] = [file('cert.pem', pair.cert), file('key.pem', pair.private)];
  const config = `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${cert}", verify: true }`;
  const server = await startNatsServer({ config });
  t.after(() => server.close());
  const nats = [`tls://localhost:${server.port}`];
  assert.equal(await append({ nats, natsTlsCa: cert, natsTlsCert: cert, natsTlsKey: key }), 1);
  // Without a certificate, and without the authority.
  await assert.rejects(append({ nats, natsTlsCa: cert }), { code: 'UNAVAILABLE' });
  await assert.rejects(append({ nats }), { code: 'UNAVAILABLE' });
});
