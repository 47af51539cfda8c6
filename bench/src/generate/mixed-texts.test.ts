import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixedRequest } from './mixed-texts.ts';

test('60 numbers in a row have each prompt with each length and temperature', () => {
  for (const first of [0, 7000]) {
    const requests = Array.from({ length: 60 }, (_, index) => mixedRequest(first + index));
    const kinds = requests.map(({ prompt, maxTokens, temperature }) =>
      JSON.stringify([prompt, maxTokens, temperature]),
    );
    assert.equal(new Set(kinds).size, 60);
  }
});
