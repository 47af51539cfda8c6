import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainPunctuation } from './plain-punctuation.ts';

test('wide forms become common ones in a Latin line', () => {
  assert.equal(plainPunctuation('Total：５ items，（net）～'), 'Total:5 items,(net)~');
  assert.equal(plainPunctuation('plain, as it was: 100 € – ok'), 'plain, as it was: 100 € – ok');
});

test('a Chinese line keeps them', () => {
  assert.equal(plainPunctuation('总计：５，（净）'), '总计：５，（净）');
});
