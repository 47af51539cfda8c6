import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abandonedParts } from './abandoned-parts.ts';

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
const now = Date.parse('2030-01-03T00:00:00Z');
const dayBefore = '2030-01-01T23:00:00Z';
const lately = '2030-01-02T01:00:00Z';

test('parts that no artifact names are abandoned when nothing of their upload came for a day', () => {
  const object = (name: string, mtime: string, description = '') => ({ name, mtime, description, deleted: false });
  const objects = [
    object(a, dayBefore, 'kept'),
    object(`${a}/kept/0`, dayBefore),
    object(`${a}/lost/0`, dayBefore),
    object(`${a}/lost/1`, dayBefore),
    object(`${b}/going/0`, dayBefore),
    object(`${b}/going/1`, lately),
    object(`${b}/kept/0`, dayBefore),
    { ...object(`${b}/gone/0`, dayBefore), deleted: true },
    object('something/else/0', dayBefore),
    object(`${b}/x/y`, dayBefore),
  ];
  assert.deepEqual(
    abandonedParts(objects, (description) => description, now),
    [`${a}/lost/0`, `${a}/lost/1`, `${b}/kept/0`],
  );
});
