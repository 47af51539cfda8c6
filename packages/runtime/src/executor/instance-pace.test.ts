import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@weft/flow';
import { InstancePace } from './instance-pace.ts';

function start() {
  const clock = new ManualClock();
  const calls: number[] = [];
  const pace = new InstancePace(clock, () => calls.push(clock.now()));
  return { clock, calls, pace };
}

test('an instance without a batch takes one', () => {
  assert.equal(start().pace.takesMore, true);
});

test('one that runs a batch takes the next two milliseconds before its end, and no third', () => {
  const { clock, calls, pace } = start();
  pace.add(100);
  clock.advance(97);
  assert.deepEqual([pace.takesMore, calls], [false, []]);
  clock.advance(1);
  assert.deepEqual([pace.takesMore, calls], [true, [98]]);
  pace.add(100);
  assert.equal(pace.takesMore, false);
});

test('the time of the batch behind begins when it begins, not when it came', () => {
  const { clock, calls, pace } = start();
  pace.add(100);
  clock.advance(98);
  pace.add(50);
  clock.advance(60);
  pace.end();
  assert.deepEqual([pace.takesMore, calls], [false, [98]]);
  clock.advance(48);
  assert.deepEqual([pace.takesMore, calls], [true, [98, 206]]);
});

test('a batch that ends early leaves no timer behind', () => {
  const { clock, calls, pace } = start();
  pace.add(100);
  clock.advance(10);
  pace.end();
  assert.deepEqual(calls, [10]);
  pace.add(1000);
  clock.advance(200);
  assert.deepEqual([pace.takesMore, calls], [false, [10]]);
});

test('nothing is sent ahead of a batch whose time nobody knows, and ahead of a short one at once', () => {
  const { clock, pace } = start();
  pace.add(undefined);
  clock.advance(10_000);
  assert.equal(pace.takesMore, false);
  pace.end();
  pace.add(1);
  assert.equal(pace.takesMore, true);
});
