import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fragmentBytes, Reassembler, wholeOf } from './fragments.ts';
import { MessageSender } from './message-sender.ts';
import { decodeRouterMessage, encodeBatch, encodeCancel } from './router-message.ts';

/** A stream that takes one write at a time, when it is told to, and then overwrites nothing that it has kept. */
function slowStream() {
  const taken: Buffer[] = [];
  const waiting: { readonly bytes: Buffer; readonly onGone: (error?: Error | null) => void }[] = [];
  const sender = new MessageSender((bytes, onGone) => void waiting.push({ bytes, onGone }));
  const take = (error?: Error): void => {
    const next = waiting.shift();
    assert.ok(next !== undefined);
    taken.push(Buffer.from(next.bytes));
    next.onGone(error);
  };
  const takeAll = (): void => {
    while (waiting.length > 0) take();
  };
  return { sender, taken, waiting, take, takeAll };
}

const payload = Buffer.from(Uint8Array.from({ length: fragmentBytes * 2 + 77 }, (_, at) => at % 251));
const large = encodeBatch({ id: 1, version: '1', method: 'm', instance: 0 }, [
  { payload, timeoutUs: 0, rows: 1, traceparent: '', tenant: '' },
]);

test('small messages are written at once and as they are', () => {
  const { sender, waiting } = slowStream();
  const message = encodeCancel(1, [2]);
  sender.send(message);
  assert.equal(waiting[0]?.bytes, message);
});

test('a large message leaves piece by piece from one buffer, and comes out whole', () => {
  const { sender, taken, waiting, take } = slowStream();
  sender.send(large);
  const memory = new Set<ArrayBufferLike>();
  while (waiting.length > 0) {
    assert.equal(waiting.length, 1);
    memory.add(waiting[0]?.bytes.buffer as ArrayBufferLike);
    take();
  }
  assert.equal(memory.size, 1);
  const reassembler = new Reassembler(fragmentBytes * 3);
  const wholes = taken.map((bytes) => {
    const decoded = decodeRouterMessage(bytes);
    assert.ok(decoded.kind === 'fragment');
    return reassembler.add(decoded.piece, decoded.last);
  });
  assert.deepEqual(wholes, [undefined, undefined, wholeOf(large)]);
});

test('what is sent behind a large message stays behind all of its pieces, in order', () => {
  const { sender, taken, takeAll } = slowStream();
  sender.send(large);
  sender.send(encodeCancel(1, [0]));
  sender.send(large);
  sender.send(encodeCancel(2, [0]));
  takeAll();
  const kinds = taken.map((bytes) => decodeRouterMessage(bytes).kind);
  const pieces = ['fragment', 'fragment', 'fragment'];
  assert.deepEqual(kinds, [...pieces, 'cancel', ...pieces, 'cancel']);
});

test('who waits hears when all is written', () => {
  const { sender, takeAll } = slowStream();
  let heard = 0;
  sender.whenSent(() => void heard++);
  assert.equal(heard, 1);
  sender.send(large);
  sender.send(large);
  sender.whenSent(() => void heard++);
  assert.equal(heard, 1);
  takeAll();
  assert.equal(heard, 2);
});

test('a stream that breaks is written to no more', () => {
  const { sender, waiting, take } = slowStream();
  sender.send(large);
  take(new Error('gone'));
  assert.deepEqual(waiting, []);
});
