import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateModelName } from './model-name.ts';

test('names that could leave their folder are refused', () => {
  const refused = [
    '',
    '../etc',
    'a/../b',
    '..',
    '.',
    '/etc/passwd',
    'model/sub',
    'model/',
    ' ..',
    '.. ',
    'a\\b',
    '..\\x',
    'a\0b',
    ' a',
  ];
  for (const name of refused) assert.throws(() => validateModelName(name), { code: 'INVALID_ARGUMENT' }, name);
});

test('odd but harmless names are accepted', () => {
  for (const name of ['...', '..my_model', 'model..1', 'a b', 'é', 'use-lite']) validateModelName(name);
});
