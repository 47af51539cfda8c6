// The gate in front of REST in a real router: tokens, certificates, and an address that is not loopback.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from './testing/author-models.ts';
import { CredentialFolder } from './testing/certificates.ts';
import { type StartedService, startRouterOver } from './testing/local-mesh.ts';

const secrets = temporaryFolder();
const files = new CredentialFolder(secrets.path);

before(async () => {
  await files.issue('authority');
  await files.issue('server');
  await files.issue('team.weft');
  await files.issue('stranger.weft');
  files.writeTokens('tokens', [
    { name: 'client', token: 'token-infer', roles: ['infer'] },
    { name: 'operator', token: 'token-admin', roles: ['admin'] },
    { name: 'team', certificate: 'team.weft', roles: ['infer'] },
  ]);
});
after(() => secrets.remove());

const pair = () => ['--tls-cert', files.file('server.crt'), '--tls-key', files.file('server.key')];

/** The status, or how the connection failed. */
async function statusOf(router: StartedService, path: string, options: RequestOptions = {}): Promise<number | string> {
  const port = Number(router.service.httpAddress?.split(':')[1]);
  const ca = readFileSync(files.file('authority.crt'));
  const asked = request({ host: '127.0.0.1', port, path, ca, agent: false, ...options });
  asked.end();
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode ?? 0;
  } catch {
    return 'refused';
  }
}

const bearer = (token: string, method = 'GET'): RequestOptions => ({
  method,
  headers: { authorization: `Bearer ${token}` },
});

describe('REST with credentials', () => {
  test('speaks TLS only, and gives each token what its roles allow', async (t) => {
    const router = await startRouterOver([], { args: [...pair(), '--token-file', files.file('tokens')] });
    t.after(() => router.stop());
    assert.equal(await statusOf(router, '/v2/health/live'), 200);
    assert.equal(await statusOf(router, '/v2'), 401);
    assert.equal(await statusOf(router, '/v2', bearer('unknown')), 401);
    assert.equal(await statusOf(router, '/v2', bearer('token-infer')), 200);
    const load = '/v2/repository/models/m/unload';
    assert.equal(await statusOf(router, load, { method: 'POST' }), 401);
    assert.equal(await statusOf(router, load, bearer('token-infer', 'POST')), 403);
    assert.equal(await statusOf(router, load, bearer('token-admin', 'POST')), 404);
    const plain = get(`http://${router.service.httpAddress}/v2/health/live`);
    await assert.rejects(once(plain, 'response'));
  });

  test('with client certificates asks each for one, and knows it by its name', async (t) => {
    const args = [...pair(), '--tls-ca', files.file('authority.crt'), '--token-file', files.file('tokens')];
    const router = await startRouterOver([], { args });
    t.after(() => router.stop());
    const shown = (name: string): RequestOptions => ({
      cert: readFileSync(files.file(`${name}.crt`)),
      key: readFileSync(files.file(`${name}.key`)),
    });
    assert.equal(await statusOf(router, '/v2'), 'refused');
    assert.equal(await statusOf(router, '/v2', shown('team.weft')), 200);
    assert.equal(await statusOf(router, '/v2', shown('stranger.weft')), 401);
    assert.equal(
      await statusOf(router, '/v2/repository/models/m/unload', { ...shown('team.weft'), method: 'POST' }),
      403,
    );
  });

  test('on a public address without any offers inference and no administration', async (t) => {
    const router = await startRouterOver([], { args: ['--bind', '0.0.0.0'] });
    t.after(() => router.stop());
    const port = String(router.service.httpAddress).split(':')[1];
    const status = async (path: string, method: string) =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { method })).status;
    assert.equal(await status('/v2', 'GET'), 200);
    assert.equal(await status('/v2/repository/models/m/unload', 'POST'), 403);
    assert.equal(await status('/v2/logging', 'GET'), 403);
  });
});
