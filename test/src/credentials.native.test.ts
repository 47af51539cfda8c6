// The gate as it stands in real processes: TLS, tokens and certificates between client, router and service, and a walk over
// every method of every proto with every kind of caller.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { type ChannelCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { type RequiredRole, requiredRole, rpcMethods } from '@weft/rpc';
import { identity, temporaryFolder, writeModel } from './testing/author-models.ts';
import { CredentialFolder } from './testing/certificates.ts';
import { type Dialled, dial } from './testing/dial.ts';
import { floatsOf, inferFloats, inferPath } from './testing/infer-request.ts';
import { type StartedService, startModelService, startRouterOver } from './testing/local-mesh.ts';

const folder = temporaryFolder();
const secrets = temporaryFolder();
const files = new CredentialFolder(secrets.path);
const request = inferFloats('rows', [1, 2]);
let custom: StartedService;
let router: StartedService;
let trust: ChannelCredentials;

before(async () => {
  await writeModel(folder.path, 'rows', { graph: identity('FP32', ['rows', 2]) });
  await files.issue('authority');
  await files.issue('server');
  await files.issue('router.weft');
  trust = files.channel('authority');
  files.writeTokens('tokens', [
    { name: 'client', token: 'token-infer', roles: ['infer'], tenant: 'a', priorities: [2, 1] },
    { name: 'operator', token: 'token-admin', roles: ['admin'] },
    { name: 'router', token: 'token-executor', roles: ['executor'] },
  ]);
  files.write('router-token', 'token-executor\n');
  const server = [
    '--tls-cert',
    files.file('server.crt'),
    '--tls-key',
    files.file('server.key'),
    '--token-file',
    files.file('tokens'),
  ];
  custom = await startModelService('custom', folder.path, { args: server });
  await custom.service.ready;
  const dialling = [
    '--executor-tls-ca',
    files.file('authority.crt'),
    '--executor-token-file',
    files.file('router-token'),
  ];
  router = await startRouterOver([custom.address], { args: [...server, ...dialling] });
});

after(async () => {
  await router.stop();
  await custom.stop();
  folder.remove();
  secrets.remove();
});

function dialled(t: TestContext, service: StartedService, token?: string): Dialled {
  const client = dial(service.address, { credentials: trust, ...(token === undefined ? {} : { token }) });
  t.after(() => client.close());
  return client;
}

/** How the gate meets a call of any kind: the code and text of its refusal, or `admitted`, whatever came of it then. */
async function gateAnswer(client: Dialled, path: string, token?: string): Promise<string> {
  const bytes = (message: Buffer) => message;
  const metadata = client.metadata(token === undefined ? {} : { authorization: `Bearer ${token}` });
  const call = client.client.makeBidiStreamRequest(path, bytes, bytes, metadata);
  call.end(Buffer.alloc(0));
  const refused = [status.UNAUTHENTICATED, status.PERMISSION_DENIED];
  const answer = await new Promise<string>((resolve) => {
    call.on('data', () => resolve('admitted'));
    call.on('end', () => resolve('admitted'));
    call.on('error', ({ code, details }: ServiceError) =>
      resolve(refused.includes(code) ? `${status[code]} ${details}` : 'admitted'),
    );
  });
  call.cancel();
  return answer;
}

describe('every method under proto/', () => {
  const callers: Readonly<
    Record<string, { readonly token?: string; readonly expected: (role: RequiredRole, path: string) => string }>
  > = {
    'without credentials': {
      expected: (role) =>
        role === 'public' ? 'admitted' : 'UNAUTHENTICATED this call needs credentials: authorization must hold a token',
    },
    'with an unknown token': {
      token: 'guessed',
      expected: (role) => (role === 'public' ? 'admitted' : 'UNAUTHENTICATED the bearer token is not known here'),
    },
    ...Object.fromEntries(
      (['infer', 'admin', 'executor'] as const).map((own) => [
        `with the role ${own} alone`,
        {
          token: `token-${own}`,
          expected: (role: RequiredRole, path: string) => {
            const name = { infer: 'client', admin: 'operator', executor: 'router' }[own];
            return role === 'public' || role === own
              ? 'admitted'
              : `PERMISSION_DENIED ${name} may not call ${path}: it lacks the role ${role}`;
          },
        },
      ]),
    ),
  };
  for (const [caller, { token, expected }] of Object.entries(callers)) {
    test(`passes the gate of router and service ${caller}`, async (t) => {
      for (const service of [router, custom]) {
        const client = dialled(t, service);
        const paths = [...rpcMethods().keys()];
        assert.ok(paths.length > 20);
        const answers = await Promise.all(paths.map(async (path) => [path, await gateAnswer(client, path, token)]));
        assert.deepEqual(
          answers,
          paths.map((path) => [path, expected(requiredRole(path), path)]),
        );
      }
    });
  }
});

describe('over TLS', () => {
  test('a client with a token infers through the router, which shows its own to the service', async (t) => {
    const client = dialled(t, router, 'token-infer');
    assert.deepEqual(floatsOf(await client.ask(inferPath, request)), [1, 2]);
  });

  test('a client may use the priorities of its token and no other', async (t) => {
    const client = dialled(t, router, 'token-infer');
    const asking = async (priority: string) =>
      (await client.call(inferPath, request, { headers: { 'weft-priority': priority } })).result;
    assert.equal(await asking('1'), 'OK');
    assert.equal(await asking('3'), 'PERMISSION_DENIED client may not use priority 3');
    assert.equal(await asking('high'), 'INVALID_ARGUMENT weft-priority must be a whole number from 0 to 4294967295');
  });

  test('a client that speaks without TLS gets nowhere', async (t) => {
    const client = dial(router.address, { token: 'token-infer' });
    t.after(() => client.close());
    assert.match((await client.call(inferPath, request, { deadline: Date.now() + 5_000 })).result, /^UNAVAILABLE/);
  });

  test('a router whose token the service does not know stays up without it, and says why', async (t) => {
    files.write('wrong-token', 'guessed');
    const args = ['--executor-tls-ca', files.file('authority.crt'), '--executor-token-file', files.file('wrong-token')];
    const lonely = await startRouterOver([custom.address], { args });
    t.after(() => lonely.stop());
    assert.match(String((await lonely.logged('replica.absent'))['reason']), /UNAUTHENTICATED: .* is not known here/);
    const client = dial(lonely.address);
    t.after(() => client.close());
    assert.deepEqual(await client.ask('/inference.GRPCInferenceService/ServerReady', {}), { ready: true });
  });

  test('a service that asks for certificates serves the router whose certificate has the role, and no one without', async (t) => {
    const tokens = files.writeTokens('certificate-names', [
      { name: 'router', certificate: 'router.weft', roles: ['executor', 'infer'] },
    ]);
    const server = ['--tls-cert', files.file('server.crt'), '--tls-key', files.file('server.key')];
    const mutual = await startModelService('custom', folder.path, {
      args: [...server, '--tls-ca', files.file('authority.crt'), '--token-file', tokens],
    });
    t.after(() => mutual.stop());
    await mutual.service.ready;
    const own = [
      '--executor-tls-cert',
      files.file('router.weft.crt'),
      '--executor-tls-key',
      files.file('router.weft.key'),
    ];
    const known = await startRouterOver([mutual.address], {
      args: ['--executor-tls-ca', files.file('authority.crt'), ...own],
    });
    t.after(() => known.stop());
    const client = dial(known.address);
    t.after(() => client.close());
    assert.equal((await client.call(inferPath, request)).result, 'OK');
    const without = dial(mutual.address, { credentials: trust });
    t.after(() => without.close());
    assert.match((await without.call(inferPath, request, { deadline: Date.now() + 5_000 })).result, /^UNAVAILABLE/);
  });
});

test('on a public address without credentials, clients may infer, but no one may execute or administer', async (t) => {
  const open = await startModelService('custom', folder.path, { args: ['--bind', '0.0.0.0'] });
  t.after(() => open.stop());
  await open.service.ready;
  const address = open.address.replace('0.0.0.0', '127.0.0.1');
  const client = dial(address);
  t.after(() => client.close());
  assert.equal((await client.call(inferPath, request)).result, 'OK');
  const reason = 'this process listens on a public address and has none configured';
  for (const method of ['Watch', 'Attach']) {
    assert.equal(
      await gateAnswer(client, `/weft.executor.v1.Executor/${method}`),
      `PERMISSION_DENIED executor calls need credentials: ${reason}`,
    );
  }
  const lonely = await startRouterOver([address]);
  t.after(() => lonely.stop());
  assert.match(
    String((await lonely.logged('replica.absent'))['reason']),
    /PERMISSION_DENIED: executor calls need credentials/,
  );
});
