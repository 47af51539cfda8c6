import assert from 'node:assert/strict';
import test from 'node:test';
import { parseNatsServer } from './nats-server.ts';

test('a NATS server is host:port, with or without a scheme', () => {
  assert.deepEqual(parseNatsServer('nats://n1:4222'), { hostPort: 'n1:4222', requiresTls: false });
  assert.deepEqual(parseNatsServer('tls://[::1]:4222/'), { hostPort: '[::1]:4222', requiresTls: true });
  assert.deepEqual(parseNatsServer('n1:4222'), { hostPort: 'n1:4222', requiresTls: false });
});

test('other schemes, missing ports and passwords in the address are refused, and no password is repeated', () => {
  for (const text of ['http://n1:4222', 'nats://n1', 'n1', '', 'nats://n1:4222/x'])
    assert.throws(() => parseNatsServer(text), { code: 'INVALID_ARGUMENT' });
  assert.throws(
    () => parseNatsServer('nats://me:secret@n1:4222'),
    (error) => error instanceof Error && !error.message.includes('secret'),
  );
});
