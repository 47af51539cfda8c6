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

type KeyPair = ReturnType<typeof nkeys.createUser>;

interface Subject {
  readonly type: 'operator' | 'account' | 'user';
  readonly sub: string;
  readonly claims?: object;
}

/** A JWT as nsc makes them: signed by an nkey, which is also the issuer. */
function jwtOf({ type, sub, claims = {} }: Subject, issuer: KeyPair): string {
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const payload = { iat: Math.floor(Date.now() / 1000), iss: issuer.getPublicKey(), name: type, sub };
  const signed = `${encoded({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encoded({ ...payload, nats: { type, version: 2, ...claims } })}`;
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
}

function credentialsOf(jwt: string, user: KeyPair): string {
  const block = (title: string, text: string) => `-----BEGIN ${title}-----\n${text}\n------END ${title}------\n\n`;
  const seed = Buffer.from(user.getSeed()).toString();
  return block('NATS USER JWT', jwt) + block('USER NKEY SEED', seed);
}

test('a .creds file opens its account, and one of another account does not', options, async (t) => {
  const file = makeFolder(t);
  const [operator, system, account, stranger] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
    nkeys.createAccount(),
  ];
  const unlimited = (...names: string[]) => Object.fromEntries(names.map((name) => [name, -1]));
  const all = { ...unlimited('subs', 'conn', 'leaf', 'imports', 'exports', 'data', 'payload'), wildcards: true };
  const limits = { ...all, ...unlimited('mem_storage', 'disk_storage', 'streams', 'consumer') };
  const accountOf = (pair: KeyPair, has: object) =>
    jwtOf({ type: 'account', sub: pair.getPublicKey(), claims: { limits: has } }, operator);
  const config = `
    operator: ${jwtOf({ type: 'operator', sub: operator.getPublicKey() }, operator)}
    system_account: ${system.getPublicKey()}
    resolver: MEMORY
    resolver_preload: {
      ${system.getPublicKey()}: ${accountOf(system, all)}
      ${account.getPublicKey()}: ${accountOf(account, limits)}
    }`;
  const server = await startNatsServer({ config });
  t.after(() => server.close());
  const user = nkeys.createUser();
  const openWith = (name: string, issuer: KeyPair): Promise<number> => {
    const claims = { pub: {}, sub: {}, ...unlimited('subs', 'data', 'payload') };
    const jwt = jwtOf({ type: 'user', sub: user.getPublicKey(), claims }, issuer);
    return append({ nats: [server.url], natsCredentials: file(name, credentialsOf(jwt, user)) });
  };
  assert.equal(await openWith('weft.creds', account), 1);
  await assert.rejects(openWith('stranger.creds', stranger), {
    code: 'UNAVAILABLE',
    message: /Authorization Violation/i,
  });
  await assert.rejects(append({ nats: [server.url] }), { code: 'UNAVAILABLE' });
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
