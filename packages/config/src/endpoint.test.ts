import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatEndpoint, isLoopback, parseEndpoint } from './endpoint.ts';

test('names, IPv4 and bracketed IPv6 addresses are endpoints, and are written as they were', () => {
  for (const text of ['nlp:8011', '127.0.0.1:1', '[::1]:8011', 'nlp-0.nlp.weft.svc.cluster.local:65535']) {
    assert.equal(formatEndpoint(parseEndpoint(text)), text);
  }
  assert.deepEqual(parseEndpoint('[::1]:8011'), { host: '::1', port: 8011 });
});

test('what has no host, no port or an impossible one is refused', () => {
  for (const text of [
    '',
    'nlp',
    ':8011',
    'nlp:',
    'nlp:0',
    'nlp:65536',
    '::1:8011',
    'http://nlp:80',
    'a b:1',
    'nlp:80 ',
  ]) {
    assert.throws(() => parseEndpoint(text), { code: 'INVALID_ARGUMENT' }, text);
  }
});

test('only addresses of this machine are loopback', () => {
  for (const host of ['127.0.0.1', '127.8.9.1', '::1', 'localhost', 'LOCALHOST', '::ffff:127.0.0.1']) {
    assert.equal(isLoopback(host), true, host);
  }
  const others = [
    '0.0.0.0',
    '::',
    '',
    '10.0.0.1',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '128.0.0.1',
    '::ffff:10.0.0.1',
  ];
  for (const host of others) assert.equal(isLoopback(host), false, host);
});
