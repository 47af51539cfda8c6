import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRouterAddress } from './router-address.ts';

test('host and port are read, IPv6 in brackets too', () => {
  assert.equal(parseRouterAddress('weft.example:9001').target, 'weft.example:9001');
  assert.equal(parseRouterAddress('[fe80::1]:9001').target, '[fe80::1]:9001');
});

test('the port defaults to 8001', () => {
  assert.equal(parseRouterAddress('weft').target, 'weft:8001');
  assert.equal(parseRouterAddress('[::1]').target, '[::1]:8001');
});

test('dns:/// spreads calls over the addresses of a name', () => {
  const { host, port, target, balanced } = parseRouterAddress('dns:///routers.weft.svc');
  assert.deepEqual([host, port, target, balanced], ['routers.weft.svc', 8001, 'dns:///routers.weft.svc:8001', true]);
  assert.equal(parseRouterAddress('routers.weft.svc').balanced, false);
  assert.equal(parseRouterAddress('dns:///localhost').loopback, true);
});

test('addresses of this machine are known as such', () => {
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]']) {
    assert.equal(parseRouterAddress(host).loopback, true, host);
  }
  assert.equal(parseRouterAddress('127.example.org').loopback, false);
});

for (const text of [
  '',
  'http://x:8001',
  'x:',
  'x:0',
  'x:70000',
  'a b:1',
  '::1',
  'x:8001/path',
  'x:port',
  'dns:x',
  'dns://x:1',
  'dns:////x',
]) {
  test(`${JSON.stringify(text)} is no router address`, () => {
    assert.throws(() => parseRouterAddress(text), { code: 'INVALID_ARGUMENT', message: /expected host:port/ });
  });
}
