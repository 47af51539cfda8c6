import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesHost, parseHostPattern } from './host-pattern.ts';

const matches = (pattern: string, url: string): boolean => matchesHost(parseHostPattern(pattern), new URL(url));

test('a host is itself, whatever its case, its spelling or a last dot', () => {
  assert.equal(matches('HuggingFace.co', 'https://huggingface.co/x'), true);
  assert.equal(matches('huggingface.co', 'https://huggingface.co./x'), true);
  assert.equal(matches('127.1', 'https://127.0.0.1/'), true);
  assert.equal(matches('[0:0::1]', 'https://[::1]/'), true);
  assert.equal(matches('huggingface.co', 'https://huggingface.co.evil.example/'), false);
  assert.equal(matches('huggingface.co', 'https://evilhuggingface.co/'), false);
});

test('a wildcard is every host below, and not the host itself', () => {
  assert.equal(matches('*.hf.co', 'https://cdn.eu.hf.co/'), true);
  assert.equal(matches('*.hf.co', 'https://hf.co/'), false);
  assert.equal(matches('*.hf.co', 'https://evilhf.co/'), false);
});

test('plain HTTP needs to be said, and a port holds where it is said', () => {
  assert.equal(matches('models.lan', 'http://models.lan/'), false);
  assert.equal(matches('http://models.lan', 'http://models.lan/'), true);
  assert.equal(matches('http://models.lan', 'https://models.lan/'), true);
  assert.equal(matches('models.lan:8443', 'https://models.lan:8443/'), true);
  assert.equal(matches('models.lan:8443', 'https://models.lan/'), false);
  assert.equal(matches('models.lan:443', 'https://models.lan/'), true);
});

test('what is no host is refused', () => {
  for (const text of ['', '*', 'https://x', 'x/y', 'a b', 'user@x', 'x:port', '*.*.x', '[::g]'])
    assert.throws(() => parseHostPattern(text), { code: 'INVALID_ARGUMENT' });
});
