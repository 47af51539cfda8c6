import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfigText } from './config-file.ts';
import { maxRows } from './max-rows.ts';

const own = (rows: string) => `parameters { key: "weft.max_batch_size" value { string_value: "${rows}" } }`;

test('a batch has the rows that the model or its task takes, whichever is more, and at least one', () => {
  assert.equal(maxRows(parseConfigText('')), 1);
  assert.equal(maxRows(parseConfigText('max_batch_size: 8')), 8);
  assert.equal(maxRows(parseConfigText(own('32'))), 32);
  assert.equal(maxRows(parseConfigText(`max_batch_size: 8 ${own('4')}`)), 8);
});
