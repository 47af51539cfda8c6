import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharingOf } from './sharing-of.ts';

const told = (routers: number, rows: number, allRows: number) => ({ version: '1', routers, rows, allRows });

test('replicas that no other router uses are the own ones', () => {
  assert.equal(sharingOf([undefined, undefined]), undefined);
  assert.deepEqual(sharingOf([undefined, told(2, 49, 98)]), { rowsPart: 0.75, timePart: 0.75 });
});

test('who sends little has a small part of the rows, and is due as much time as each of the others', () => {
  assert.deepEqual(sharingOf([told(2, 9, 98)]), { rowsPart: 0.1, timePart: 0.5 });
  assert.deepEqual(sharingOf([told(2, 89, 98)]), { rowsPart: 0.9, timePart: 0.9 });
});

test('routers that begin at the same time have equal parts', () => {
  assert.deepEqual(sharingOf([told(4, 0, 0)]), { rowsPart: 0.25, timePart: 0.25 });
});
