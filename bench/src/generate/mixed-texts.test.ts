import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixedRequest, numbersOfWriter } from './mixed-texts.ts';

test('60 numbers in a row have each prompt with each length and temperature, as have the first of 60 writers', () => {
  for (const step of [1, numbersOfWriter]) {
    const requests = Array.from({ length: 60 }, (_, index) => mixedRequest(7000 + index * step));
    const kinds = requests.map(({ prompt, maxTokens, temperature }) =>
      JSON.stringify([prompt, maxTokens, temperature]),
    );
    assert.equal(new Set(kinds).size, 60);
  }
});
