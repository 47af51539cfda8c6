import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cannotListen } from './cannot-listen.ts';

test('what the system says is told in words, with the address as it would be dialled', () => {
  const told = (text: string, host = '127.0.0.1', what?: string) =>
    cannotListen(new Error(text), { host, port: 80 }, what).message;
  assert.equal(
    told('No address added out of total 1 resolved errors: [listen EADDRINUSE: address already in use]'),
    'cannot listen on 127.0.0.1:80: the port is taken',
  );
  assert.equal(
    told('listen EACCES: permission denied ::1:80', '::1'),
    'cannot listen on [::1]:80: this user may not use the port',
  );
  assert.equal(
    told('listen EADDRNOTAVAIL: address not available', '10.1.2.3', 'the metrics of nlp'),
    'the metrics of nlp cannot listen on 10.1.2.3:80: this machine has no such address',
  );
  assert.equal(
    told('getaddrinfo ENOTFOUND nowhere', 'nowhere'),
    'cannot listen on nowhere:80: getaddrinfo ENOTFOUND nowhere',
  );
});

test('it is FAILED_PRECONDITION and keeps its cause', () => {
  const cause = new Error('listen EADDRINUSE');
  const error = cannotListen(cause, { host: 'a', port: 1 });
  assert.deepEqual([error.code, error.cause], ['FAILED_PRECONDITION', cause]);
});
