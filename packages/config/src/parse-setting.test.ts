import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedBy, parseSetting } from './parse-setting.ts';
import type { Setting } from './setting.ts';

const doc = '';

test('every kind yields its own type of value', () => {
  const cases: readonly (readonly [Setting, string, unknown])[] = [
    [{ kind: 'string', doc }, 'a b', 'a b'],
    [{ kind: 'path', doc }, './x', './x'],
    [{ kind: 'integer', doc }, '-12', -12],
    [{ kind: 'number', doc }, '0.75', 0.75],
    [{ kind: 'port', doc }, '65535', 65_535],
    [{ kind: 'boolean', doc }, 'Yes', true],
    [{ kind: 'boolean', doc }, '0', false],
    [{ kind: 'bytes', doc }, '64KB', 64_000],
    [{ kind: 'duration', doc }, '2m', 120_000],
    [{ kind: 'list', doc }, ' a, b ,,c', ['a', 'b', 'c']],
    [{ kind: 'choice', values: ['json', 'text'], doc }, 'text', 'text'],
  ];
  for (const [setting, text, value] of cases) assert.deepEqual(parseSetting(setting, text), value, setting.kind);
});

test('every kind refuses what it is not', () => {
  const cases: readonly (readonly [Setting, string])[] = [
    [{ kind: 'string', doc }, ''],
    [{ kind: 'path', doc }, ''],
    [{ kind: 'integer', doc }, '1.5'],
    [{ kind: 'integer', doc }, '99999999999999999999'],
    [{ kind: 'integer', minimum: 1, doc }, '0'],
    [{ kind: 'number', doc }, 'Infinity'],
    [{ kind: 'number', doc }, ' '],
    [{ kind: 'number', maximum: 1, doc }, '1.1'],
    [{ kind: 'port', doc }, '65536'],
    [{ kind: 'port', doc }, '-1'],
    [{ kind: 'boolean', doc }, 'maybe'],
    [{ kind: 'boolean', doc }, 'constructor'],
    [{ kind: 'bytes', doc }, '1 potato'],
    [{ kind: 'bytes', maximum: 1024, doc }, '2KiB'],
    [{ kind: 'duration', doc }, '10'],
    [{ kind: 'choice', values: ['json', 'text'], doc }, 'TEXT'],
  ];
  for (const [setting, text] of cases) assert.equal(parseSetting(setting, text), undefined, `${setting.kind} ${text}`);
});

test('one item that fails its check refuses the whole list', () => {
  const check = (item: string) => assert.match(item, /^\d+$/);
  assert.deepEqual(parseSetting({ kind: 'list', check, doc }, '1,2'), ['1', '2']);
  assert.equal(parseSetting({ kind: 'list', check, doc }, '1,x'), undefined);
});

test('what is accepted is said with its bounds', () => {
  assert.equal(acceptedBy({ kind: 'integer', minimum: 1, maximum: 64, doc }), 'a whole number from 1 to 64');
  assert.equal(acceptedBy({ kind: 'bytes', minimum: 1, doc }), 'a size such as 4096, 64KB or 64MiB, at least 1');
  assert.equal(acceptedBy({ kind: 'choice', values: ['json', 'text'], doc }), 'json, text');
  assert.equal(acceptedBy({ kind: 'list', item: 'host:port', doc }), 'a comma-separated list of host:port');
});
