import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@weft/flow';
import { longestWaitMs, OpenSequences } from './open-sequences.ts';

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}

function start() {
  const clock = new ManualClock();
  const sequences = new OpenSequences(clock, 1000);
  let over = false;
  const wait = (): void => void sequences.over()?.then(() => (over = true));
  return { clock, sequences, wait, isOver: async () => (await turns(), over) };
}

test('a version without sequences need not wait', async () => {
  const { sequences } = start();
  assert.equal(sequences.leftMs, 0);
  assert.equal(sequences.over(), undefined);
});

test('sequences are over when each instance remembers none', async () => {
  const { sequences, wait, isOver } = start();
  sequences.heard(0, 2);
  sequences.heard(1, 1);
  wait();
  sequences.heard(0, 0);
  assert.equal(await isOver(), false);
  sequences.heard(1, 0);
  assert.equal(await isOver(), true);
});

test('sequences of which nothing is heard for the idle time are over', async () => {
  const { clock, sequences, wait, isOver } = start();
  sequences.heard(0, 1);
  wait();
  await turns();
  clock.advance(900);
  sequences.heard(0, 1);
  await turns();
  clock.advance(900);
  assert.equal(await isOver(), false);
  clock.advance(400);
  assert.equal(await isOver(), true);
});

test('a sequence without an end is given up at last', async () => {
  const { clock, sequences, wait, isOver } = start();
  sequences.heard(0, 1);
  wait();
  for (let ms = 0; ms < longestWaitMs - 500; ms += 500) {
    clock.advance(500);
    sequences.heard(0, 1);
    await new Promise(setImmediate);
  }
  assert.equal(await isOver(), false);
  clock.advance(500);
  assert.equal(await isOver(), true);
});
