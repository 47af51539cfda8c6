import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, Server, type ServerUnaryCall, type ServiceError } from '@grpc/grpc-js';
import { generate } from 'selfsigned';
import {
  type ChannelCredentialFiles,
  createChannelCredentials,
  createServerCredentials,
  type ServerCredentialFiles,
} from './credentials.ts';
import { createGate } from './gate/gate.ts';
import { parseTokenFile } from './gate/token-file.ts';
import { createTokenStore } from './gate/token-store.ts';
import { grpcStatusOf } from './grpc-status.ts';

let directory = '';
const file = (name: string) => join(directory, name);

/** Writes <name>.crt and <name>.key, signed by `authority`, or as an authority of its own. */
async function issue(name: string, authority?: { readonly key: string; readonly cert: string }) {
  const extensions = [
    { name: 'basicConstraints' as const, cA: authority === undefined },
    { name: 'subjectAltName' as const, altNames: [{ type: 7 as const, ip: '127.0.0.1' }] },
  ];
  const options = { keyType: 'ec' as const, algorithm: 'sha256', extensions };
  const pair = await generate([{ name: 'commonName', value: name }], {
    ...options,
    ...(authority === undefined ? {} : { ca: authority }),
  });
  writeFileSync(file(`${name}.crt`), pair.cert);
  writeFileSync(file(`${name}.key`), pair.private);
  return { key: pair.private, cert: pair.cert };
}

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weft-credentials-'));
  const authority = await issue('authority');
  await issue('server', authority);
  await issue('router.weft', authority);
  const stranger = await issue('stranger-authority');
  await issue('stranger', stranger);
  writeFileSync(file('token'), 'token-a\n');
  writeFileSync(file('not-pem'), 'hello');
});
after(() => rmSync(directory, { recursive: true }));

const path = '/weft.executor.v1.Executor/Attach';
const asItIs = (bytes: Buffer) => bytes;

/** Serves one method behind a gate that knows the certificate router.weft and the token token-a. */
async function serve(files: ServerCredentialFiles) {
  const { credentials, tls, mutualTls } = createServerCredentials(files);
  const roles = ['executor'];
  const hashOfTokenA = createHash('sha256').update('token-a').digest('hex');
  const entries = [
    { name: 'router', certificate: 'router.weft', roles },
    { name: 'by token', sha256: hashOfTokenA, roles },
  ];
  const parsed = parseTokenFile('tokens', JSON.stringify({ tokens: entries }));
  const gate = createGate({ boundToLoopback: true, tokens: createTokenStore(() => parsed), tls, mutualTls });
  const server = new Server();
  server.register(
    path,
    (
      call: ServerUnaryCall<Buffer, Buffer>,
      callback: (error: Partial<ServiceError> | null, value?: Buffer) => void,
    ) => {
      try {
        callback(null, Buffer.from(gate.admit(path, call).name));
      } catch (error) {
        callback({
          code: grpcStatusOf((error as { code: 'UNAUTHENTICATED' }).code),
          details: (error as Error).message,
        });
      }
    },
    asItIs,
    asItIs,
    'unary',
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return { address: `127.0.0.1:${port}`, tls, mutualTls, stop: () => server.forceShutdown() };
}

/** The name under which the gate admits this client, or the details of the refusal. */
async function nameOf(address: string, files: ChannelCredentialFiles): Promise<string> {
  const { credentials, callMetadata } = createChannelCredentials(files);
  const client = new Client(address, credentials);
  try {
    return await new Promise((resolve) => {
      const options = { deadline: Date.now() + 5_000 };
      client.makeUnaryRequest<Buffer, Buffer>(
        path,
        asItIs,
        asItIs,
        Buffer.alloc(0),
        callMetadata(),
        options,
        (error, name) => resolve(error === null ? String(name) : `refused: ${error.code} ${error.details}`),
      );
    });
  } finally {
    client.close();
  }
}

const server = () => ({ tlsCert: file('server.crt'), tlsKey: file('server.key') });

test('mutual TLS: the certificate of a client becomes its identity', async (t) => {
  const listener = await serve({ ...server(), tlsCa: file('authority.crt') });
  t.after(listener.stop);
  assert.deepEqual([listener.tls, listener.mutualTls], [true, true]);
  const client = { tlsCa: file('authority.crt'), tlsCert: file('router.weft.crt'), tlsKey: file('router.weft.key') };
  assert.equal(await nameOf(listener.address, client), 'router');
});

test('mutual TLS: a client without a certificate, or with one of another authority, does not get in', async (t) => {
  const listener = await serve({ ...server(), tlsCa: file('authority.crt') });
  t.after(listener.stop);
  const tlsCa = file('authority.crt');
  const stranger = { tlsCa, tlsCert: file('stranger.crt'), tlsKey: file('stranger.key') };
  assert.match(await nameOf(listener.address, { tlsCa }), /^refused: 14 /);
  assert.match(await nameOf(listener.address, stranger), /^refused: 14 /);
});

test('TLS: a client authenticates by token, and trusts only the authority it was given', async (t) => {
  const listener = await serve(server());
  t.after(listener.stop);
  assert.deepEqual([listener.tls, listener.mutualTls], [true, false]);
  const tlsCa = file('authority.crt');
  assert.equal(await nameOf(listener.address, { tlsCa, tokenFile: file('token') }), 'by token');
  assert.match(await nameOf(listener.address, { tlsCa }), /^refused: 16 this call needs credentials/);
  assert.match(
    await nameOf(listener.address, { tlsCa: file('stranger-authority.crt'), token: 'token-a' }),
    /^refused: 14 /,
  );
  assert.match(await nameOf(listener.address, { token: 'token-a' }), /^refused: 14 /);
});

test('TLS: a certificate that nobody asked for is no identity', async (t) => {
  const listener = await serve(server());
  t.after(listener.stop);
  const client = { tlsCa: file('authority.crt'), tlsCert: file('router.weft.crt'), tlsKey: file('router.weft.key') };
  assert.match(await nameOf(listener.address, client), /^refused: 16 /);
});

test('without TLS a token still goes along, for loopback', async (t) => {
  const listener = await serve({});
  t.after(listener.stop);
  assert.deepEqual([listener.tls, listener.mutualTls], [false, false]);
  assert.equal(await nameOf(listener.address, { token: 'token-a' }), 'by token');
  assert.match(await nameOf(listener.address, {}), /^refused: 16 /);
});

test('a file that is missing or wrong is named, with what is wrong', () => {
  const refused = (files: ServerCredentialFiles & ChannelCredentialFiles, name: string, problem: string) => {
    const expected = { code: 'FAILED_PRECONDITION', message: `${file(name)}: ${problem}` };
    assert.throws(() => createServerCredentials(files), expected);
    assert.throws(() => createChannelCredentials(files), expected);
  };
  refused({ ...server(), tlsCert: file('none') }, 'none', 'there is no such file');
  refused({ ...server(), tlsCert: file('not-pem') }, 'not-pem', 'expected a certificate in PEM form');
  refused(
    { ...server(), tlsKey: file('not-pem') },
    'not-pem',
    'expected a private key in PEM form, without a passphrase',
  );
  const stranger = `this is not the key of the certificate ${file('server.crt')}`;
  refused({ ...server(), tlsKey: file('stranger.key') }, 'stranger.key', stranger);
  refused({ ...server(), tlsCa: file('not-pem') }, 'not-pem', 'expected a certificate in PEM form');
  refused({ tlsCert: file('server.crt') }, 'server.crt', 'this certificate has no key beside it');
  refused({ tlsKey: file('server.key') }, 'server.key', 'this key has no certificate beside it');
});

test('authorities of clients without a certificate of the server are refused, not ignored', () => {
  assert.throws(() => createServerCredentials({ tlsCa: file('authority.crt') }), {
    code: 'FAILED_PRECONDITION',
    message: `${file('authority.crt')}: client certificates need a certificate and key of the server too`,
  });
});

test('a token file holds one token', () => {
  writeFileSync(file('two-tokens'), 'a b');
  writeFileSync(file('no-token'), '\n');
  for (const name of ['two-tokens', 'no-token']) {
    assert.throws(() => createChannelCredentials({ tokenFile: file(name) }), {
      code: 'FAILED_PRECONDITION',
      message: `${file(name)}: expected one bearer token and nothing else`,
    });
  }
});
