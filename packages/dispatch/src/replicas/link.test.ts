import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectLocally, type Link } from './link.ts';

/** Two connected ends that write down what they hear. */
function connect() {
  const heard: { near: string[]; far: string[] } = { near: [], far: [] };
  const handlers = (end: 'near' | 'far') => ({
    onMessage: (message: Buffer) => void heard[end].push(message.toString()),
    onClosed: (reason: string) => void heard[end].push(`closed: ${reason}`),
  });
  let far: Link | undefined;
  const near = connectLocally(handlers('near'), (link) => {
    far = link;
    return handlers('far');
  });
  assert.ok(far);
  return { near, far, heard, turn: () => new Promise(setImmediate) };
}

const text = (message: string) => Buffer.from(message);

test('messages arrive both ways, in order, and never inside send', async () => {
  const { near, far, heard, turn } = connect();
  near.send(text('1'));
  near.send(text('2'));
  far.send(text('3'));
  assert.deepEqual(heard, { near: [], far: [] });
  await turn();
  assert.deepEqual(heard, { near: ['3'], far: ['1', '2'] });
});

test('what was sent before closing arrives, and then the other end hears of it once', async () => {
  const { near, far, heard, turn } = connect();
  far.send(text('last'));
  far.close();
  far.close();
  far.send(text('too late'));
  await turn();
  near.close();
  await turn();
  assert.deepEqual(heard, { near: ['last', 'closed: closed'], far: [] });
});

test('who closed hears nothing any more', async () => {
  const { near, far, heard, turn } = connect();
  far.send(text('on its way'));
  near.close();
  far.send(text('later'));
  await turn();
  assert.deepEqual(heard, { near: [], far: ['closed: closed'] });
});

test('ends that close at once hear nothing of each other', async () => {
  const { near, far, heard, turn } = connect();
  near.close();
  far.close();
  await turn();
  assert.deepEqual(heard.near, []);
});
