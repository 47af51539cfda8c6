import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { linkedAbort } from './linked-abort.ts';

test('whichever aborts first ends it, with its reason', () => {
  const [a, b] = [new AbortController(), new AbortController()];
  const linked = linkedAbort(a.signal, b.signal);
  assert.equal(linked.signal.aborted, false);
  b.abort(new Error('second'));
  a.abort(new Error('first'));
  assert.match(String(linked.signal.reason), /second/);
  assert.match(String(linkedAbort(b.signal).signal.reason), /second/);
});

test('a signal that lives on keeps nothing of what was released', () => {
  const { signal } = new AbortController();
  for (let call = 0; call < 100; call += 1) linkedAbort(new AbortController().signal, signal).release();
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('what was released is not aborted any more, but by its owner', () => {
  const long = new AbortController();
  const linked = linkedAbort(long.signal);
  linked.release();
  long.abort();
  assert.equal(linked.signal.aborted, false);
  linked.abort(new Error('mine'));
  assert.match(String(linked.signal.reason), /mine/);
});
