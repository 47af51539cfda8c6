import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ServerCredentials } from '@grpc/grpc-js';
import { generate } from 'selfsigned';
import { connect } from './connect.ts';
import type { TlsOptions } from './connect-options.ts';
import { type FakeRouter, startFakeRouter } from './testing/fake-router.ts';

const live = '/inference.GRPCInferenceService/ServerLive';

describe('a client over TLS', { timeout: 30_000 }, () => {
  let router: FakeRouter;
  let authority: { private: string; cert: string };
  let own: { private: string; cert: string };

  before(async () => {
    authority = await generate([{ name: 'commonName', value: 'weft.example' }], {
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 2, value: 'weft.example' }] },
      ],
    });
    own = await generate([{ name: 'commonName', value: 'a client' }], {
      algorithm: 'sha256',
      ca: { key: authority.private, cert: authority.cert },
    });
    const pair = { private_key: Buffer.from(authority.private), cert_chain: Buffer.from(authority.cert) };
    const credentials = ServerCredentials.createSsl(Buffer.from(authority.cert), [pair], true);
    router = await startFakeRouter({ [live]: () => ({ live: true }) }, credentials);
  });
  after(() => router.stop());

  function call(tls: TlsOptions) {
    const client = connect({ router: router.address, tls, token: 'secret', retry: { maxRetries: 0 } });
    return client.server.live().finally(() => client.close());
  }

  test('trusts the given authority and shows its own certificate', async () => {
    const tls = { ca: authority.cert, cert: own.cert, key: own.private, serverName: 'weft.example' };
    assert.equal(await call(tls), true);
    assert.deepEqual(router.calls.at(-1)?.metadata.get('authorization'), ['Bearer secret']);
  });

  test('is turned away without a certificate of its own', async () => {
    await assert.rejects(call({ ca: authority.cert, serverName: 'weft.example' }), { code: 'UNAVAILABLE' });
  });

  test('does not talk to a router of an unknown authority', async () => {
    const tls = { cert: own.cert, key: own.private, serverName: 'weft.example' };
    await assert.rejects(call(tls), { code: 'UNAVAILABLE', message: /certificate/ });
  });

  test('does not talk to a router of another name', async () => {
    const tls = { ca: authority.cert, cert: own.cert, key: own.private, serverName: 'other.example' };
    await assert.rejects(call(tls), { code: 'UNAVAILABLE', message: /other\.example/ });
  });
});
