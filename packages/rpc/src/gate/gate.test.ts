import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Metadata } from '@grpc/grpc-js';
import { createGate, type GateOptions } from './gate.ts';
import type { TokenEntry } from './token-file.ts';
import { createTokenStore } from './token-store.ts';

const paths = {
  public: '/grpc.health.v1.Health/Check',
  infer: '/weft.nlp.v1.NlpService/Embed',
  admin: '/weft.router.v1.Admin/LoadModel',
  executor: '/weft.executor.v1.Executor/Attach',
} as const;

const sha256 = (token: string) => createHash('sha256').update(token).digest();
const entries: readonly TokenEntry[] = [
  { name: 'team-a', sha256: sha256('token-a'), roles: ['infer'], tenant: 'a', priorities: [2, 3] },
  { name: 'operator', sha256: sha256('token-o'), roles: ['infer', 'admin'] },
  { name: 'router-1', certificate: 'router.weft', roles: ['executor'] },
];
const tokens = createTokenStore(() => entries);

const headers = (fields: Readonly<Record<string, string>>) => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(fields)) metadata.set(name, value);
  return { metadata };
};
const bearer = (token: string, more: Readonly<Record<string, string>> = {}) =>
  headers({ authorization: `Bearer ${token}`, ...more });
const withCertificate = (CN: unknown) => ({
  ...headers({}),
  getAuthContext: () => ({ transportSecurityType: 'ssl', sslPeerCertificate: { subject: { CN } } }),
});

const local = createGate({ boundToLoopback: true });
const open = createGate({ boundToLoopback: false });
const guarded = (options: Partial<GateOptions> = {}) =>
  createGate({ boundToLoopback: false, tls: true, tokens, ...options });

test('on loopback without credentials everything is allowed, and tenant and priority are taken as said', () => {
  for (const path of Object.values(paths)) assert.equal(local.admit(path, headers({})).name, 'anonymous', path);
  const said = local.admit(paths.infer, headers({ 'weft-tenant': 'blue', 'weft-priority': '4' }));
  assert.deepEqual([said.tenant, said.priority], ['blue', 4]);
  const silent = local.admit(paths.infer, headers({}));
  assert.deepEqual([silent.tenant, silent.priority], ['', 0]);
});

test('what is said must make sense', () => {
  const refused = (fields: Readonly<Record<string, string>>) =>
    assert.throws(
      () => local.admit(paths.infer, headers(fields)),
      { code: 'INVALID_ARGUMENT' },
      JSON.stringify(fields),
    );
  for (const priority of ['high', '-1', '1.5', '4294967296', '', '1e1']) refused({ 'weft-priority': priority });
  refused({ 'weft-tenant': 'x'.repeat(129) });
});

test('on a public address without credentials admin and executor calls are refused, saying why', () => {
  for (const role of ['admin', 'executor'] as const) {
    assert.throws(() => open.admit(paths[role], headers({})), {
      code: 'PERMISSION_DENIED',
      message: `${role} calls need credentials: this process listens on a public address and has none configured`,
    });
  }
  // A token proves nothing where no token is known.
  assert.throws(() => open.admit(paths.admin, bearer('token-o')), { code: 'PERMISSION_DENIED' });
  assert.equal(open.admit(paths.public, headers({})).name, 'anonymous');
});

test('a verified certificate alone opens no admin calls: a token file must give it a role', () => {
  const gate = createGate({ boundToLoopback: false, tls: true, mutualTls: true });
  assert.equal(gate.admit(paths.infer, withCertificate('router.weft')).name, 'anonymous');
  assert.throws(() => gate.admit(paths.admin, withCertificate('router.weft')), {
    code: 'PERMISSION_DENIED',
    message: 'admin calls need credentials: no token file gives a role to this certificate',
  });
});

test('a stranger on a public address chooses neither tenant nor priority', () => {
  assert.equal(open.admit(paths.infer, headers({ 'weft-tenant': 'blue' })).tenant, '');
  assert.throws(() => open.admit(paths.infer, headers({ 'weft-priority': '1' })), { code: 'PERMISSION_DENIED' });
});

test('with credentials configured every call but the public ones needs them, on loopback too', () => {
  for (const gate of [guarded(), guarded({ boundToLoopback: true, tls: false })]) {
    assert.equal(gate.admit(paths.public, headers({})).name, 'anonymous');
    for (const role of ['infer', 'admin', 'executor'] as const) {
      assert.throws(() => gate.admit(paths[role], headers({})), { code: 'UNAUTHENTICATED' }, role);
    }
  }
});

test('a token gives its entry: name, tenant, roles and priorities', () => {
  assert.deepEqual(guarded().admit(paths.infer, bearer('token-a')), {
    name: 'team-a',
    tenant: 'a',
    roles: ['infer'],
    priorities: [2, 3],
    priority: 2,
  });
  const operator = guarded().admit(paths.admin, bearer('token-o'));
  assert.deepEqual([operator.tenant, operator.priorities, operator.priority], ['operator', [0], 0]);
});

test('the tenant of a token cannot be talked over, and its priority only within what it may use', () => {
  const gate = guarded();
  assert.equal(gate.admit(paths.infer, bearer('token-a', { 'weft-tenant': 'b' })).tenant, 'a');
  assert.equal(gate.admit(paths.infer, bearer('token-a', { 'weft-priority': '3' })).priority, 3);
  assert.throws(() => gate.admit(paths.infer, bearer('token-a', { 'weft-priority': '1' })), {
    code: 'PERMISSION_DENIED',
    message: 'team-a may not use priority 1',
  });
});

test('a known caller without the role is denied, and told which role', () => {
  assert.throws(() => guarded().admit(paths.admin, bearer('token-a')), {
    code: 'PERMISSION_DENIED',
    message: 'team-a may not call /weft.router.v1.Admin/LoadModel: it lacks the role admin',
  });
  // Roles do not include one another.
  assert.throws(() => guarded().admit(paths.executor, bearer('token-o')), { code: 'PERMISSION_DENIED' });
});

test('what is no known bearer token is unauthenticated', () => {
  const gate = guarded();
  for (const authorization of [
    'Bearer wrong',
    'Bearer ',
    'token-a',
    'Basic token-a',
    'Bearer token-a token-o',
    'Bearer',
  ]) {
    assert.throws(
      () => gate.admit(paths.infer, headers({ authorization })),
      { code: 'UNAUTHENTICATED' },
      authorization,
    );
  }
  assert.equal(gate.admit(paths.infer, headers({ authorization: 'bearer  token-a' })).name, 'team-a');
});

test('two authorization headers are refused, even when one is right', () => {
  const call = bearer('token-a');
  call.metadata.add('authorization', 'Bearer token-o');
  assert.throws(() => guarded().admit(paths.infer, call), {
    code: 'UNAUTHENTICATED',
    message: 'authorization is given twice',
  });
});

test('a refusal never repeats the token', () => {
  assert.throws(
    () => guarded().admit(paths.infer, bearer('sup3r-secret')),
    (error: Error) => !error.message.includes('sup3r'),
  );
});

test('a verified certificate gives the entry of its common name', () => {
  const gate = guarded({ mutualTls: true });
  assert.equal(gate.admit(paths.executor, withCertificate('router.weft')).name, 'router-1');
  assert.throws(() => gate.admit(paths.infer, withCertificate('router.weft')), { code: 'PERMISSION_DENIED' });
  for (const name of ['other', ['router.weft', 'other'], undefined, 'ROUTER.WEFT']) {
    assert.throws(() => gate.admit(paths.executor, withCertificate(name)), { code: 'UNAUTHENTICATED' }, String(name));
  }
});

test('a certificate that the listener does not verify counts for nothing', () => {
  assert.throws(() => guarded().admit(paths.executor, withCertificate('router.weft')), { code: 'UNAUTHENTICATED' });
});

test('a token goes before the certificate of the connection, which may be a proxy', () => {
  const call = { ...withCertificate('router.weft'), ...bearer('token-a') };
  const gate = guarded({ mutualTls: true });
  assert.equal(gate.admit(paths.infer, call).name, 'team-a');
  assert.throws(() => gate.admit(paths.executor, call), { code: 'PERMISSION_DENIED' });
  assert.throws(() => gate.admit(paths.executor, { ...call, ...bearer('wrong') }), { code: 'UNAUTHENTICATED' });
});

test('without TLS on a public address no token opens admin and executor calls', () => {
  const gate = guarded({ tls: false });
  assert.equal(gate.admit(paths.infer, bearer('token-o')).name, 'operator');
  assert.throws(() => gate.admit(paths.admin, bearer('token-o')), {
    code: 'PERMISSION_DENIED',
    message: 'admin calls need TLS: this process listens on a public address without it',
  });
});

test('a token that is taken away stops working', () => {
  let inForce = entries;
  const gate = guarded({ tokens: createTokenStore(() => inForce) });
  gate.admit(paths.infer, bearer('token-a'));
  inForce = entries.slice(1);
  assert.throws(() => gate.admit(paths.infer, bearer('token-a')), { code: 'UNAUTHENTICATED' });
});
