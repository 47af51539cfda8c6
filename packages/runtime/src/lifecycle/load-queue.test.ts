import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadQueue } from './load-queue.ts';

const never = new AbortController().signal;

/** A task that runs until it is told to end. */
function task(begun: string[], name: string) {
  let end: () => void = () => {};
  const run = (): Promise<string> => {
    begun.push(name);
    return new Promise((resolve) => (end = () => resolve(name)));
  };
  return { run, end: () => end() };
}

test('tasks begin in order, as many at a time as may', async () => {
  const queue = new LoadQueue(2);
  const begun: string[] = [];
  const tasks = ['a', 'b', 'c', 'd'].map((name) => task(begun, name));
  const results = tasks.map(({ run }) => queue.run(run, never));
  await new Promise(setImmediate);
  assert.deepEqual(begun, ['a', 'b']);
  tasks[1]?.end();
  assert.equal(await results[1], 'b');
  assert.deepEqual(begun, ['a', 'b', 'c']);
  for (const index of [0, 2]) tasks[index]?.end();
  await Promise.all([results[0], results[2]]);
  tasks[3]?.end();
  assert.equal(await results[3], 'd');
});

test('a task that fails leaves its place to the next, one that is given up while it waits never begins', async () => {
  const queue = new LoadQueue(1);
  const begun: string[] = [];
  const failing = queue.run(() => Promise.reject(new Error('no model')), never);
  const abort = new AbortController();
  const givenUp = queue.run(task(begun, 'given up').run, abort.signal);
  const last = task(begun, 'last');
  const lastResult = queue.run(last.run, never);
  abort.abort(new Error('not wanted'));
  await assert.rejects(givenUp, /not wanted/);
  await assert.rejects(failing, /no model/);
  await new Promise(setImmediate);
  last.end();
  assert.equal(await lastResult, 'last');
  assert.deepEqual(begun, ['last']);
  await assert.rejects(queue.run(last.run, abort.signal), /not wanted/);
});

test('a task that is given up as soon as it was asked for never begins, and takes no place', async () => {
  const queue = new LoadQueue(1);
  const begun: string[] = [];
  const abort = new AbortController();
  const givenUp = queue.run(task(begun, 'given up').run, abort.signal);
  abort.abort(new Error('not wanted'));
  await assert.rejects(givenUp, /not wanted/);
  const next = task(begun, 'next');
  const result = queue.run(next.run, never);
  await new Promise(setImmediate);
  next.end();
  assert.equal(await result, 'next');
  assert.deepEqual(begun, ['next']);
});
