import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox } from './inbox.ts';

/** An inbox whose reader asks again from within, until it has so many. */
function reading(wanted: number) {
  const given: number[] = [];
  let asked = 0;
  const inbox: Inbox<number> = new Inbox(
    () => void asked++,
    (part) => {
      given.push(part);
      if (given.length < wanted) inbox.read();
    },
  );
  return { inbox, given, asked: () => asked };
}

test('gives one part for each read, and asks for more when there is none', () => {
  const { inbox, given, asked } = reading(1);
  inbox.read();
  assert.deepEqual([given, asked()], [[], 1]);
  inbox.add([1, 2]);
  assert.deepEqual([given, asked()], [[1], 1]);
  inbox.read();
  assert.deepEqual([given, asked()], [[1, 2], 1]);
  inbox.read();
  assert.equal(asked(), 2);
});

test('a reader that asks from within gets all, in order, however many there are', () => {
  const { inbox, given, asked } = reading(Number.POSITIVE_INFINITY);
  const parts = Array.from({ length: 100_000 }, (_, index) => index);
  inbox.read();
  inbox.add(parts);
  assert.deepEqual(given, parts);
  assert.equal(asked(), 2);
});

test('what holds nothing is followed by what comes next', () => {
  const { inbox, given, asked } = reading(1);
  inbox.read();
  inbox.add([]);
  assert.equal(asked(), 2);
  inbox.add([7]);
  assert.deepEqual(given, [7]);
});
