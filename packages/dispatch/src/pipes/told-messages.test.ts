import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptBytes } from './kept-bytes.ts';
import { ToldMessages } from './told-messages.ts';

const [a, b] = [Buffer.from('a'), Buffer.from('b')];

function start({ most = 10, asked = true } = {}) {
  const budget = new KeptBytes(most);
  return { budget, told: new ToldMessages([a], { budget, asked }) };
}

test('everything is kept until an instance has the stream, and nothing once it has more than one message', () => {
  const { budget, told } = start();
  told.add(b);
  assert.deepEqual([told.hearsOfBegin, budget.kept], [true, 2]);
  told.begun();
  assert.deepEqual([budget.kept, told.take('unbegun')], [0, undefined]);
});

test('messages after the beginning are not kept, however many come', () => {
  const { budget, told } = start();
  told.begun();
  assert.equal(budget.kept, 1);
  for (let count = 0; count < 5; count++) told.add(b);
  assert.deepEqual([budget.kept, told.take('lost')], [0, undefined]);
});

test('where nobody says when it begins the second message counts as if', () => {
  const { told } = start({ asked: false });
  assert.equal(told.hearsOfBegin, false);
  told.add(b);
  assert.equal(told.take('unbegun'), undefined);
});

test('over the budget a first message is kept until it is begun, and no second one', () => {
  const refused = start({ most: 0, asked: false });
  assert.deepEqual([refused.told.hearsOfBegin, refused.told.take('unbegun')], [true, [a]]);
  const begun = start({ most: 0 });
  begun.told.begun();
  assert.equal(begun.told.take('lost'), undefined);
  const more = start({ most: 1 });
  more.told.add(b);
  assert.deepEqual([more.budget.kept, more.told.take('unbegun')], [0, undefined]);
});

test('it is told elsewhere once, and given back to the budget then', () => {
  const { budget, told } = start();
  assert.deepEqual(told.take('lost'), [a]);
  assert.deepEqual([told.take('lost'), budget.kept], [undefined, 0]);
});
