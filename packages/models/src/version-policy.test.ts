import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfigText } from './config-file.ts';
import { chooseVersions } from './version-policy.ts';

function chosen(policy: string): number[] {
  return chooseVersions(
    [2, 10, 9],
    parseConfigText(policy === '' ? '' : `version_policy: { ${policy} }`).versionPolicy,
  );
}

test('the newest version serves by default, by number and not by letter', () => {
  assert.deepEqual(chosen(''), [10]);
});

test('policies choose the newest n, all, or those named that are there', () => {
  assert.deepEqual(chosen('latest { num_versions: 2 }'), [10, 9]);
  assert.deepEqual(chosen('all {}'), [10, 9, 2]);
  assert.deepEqual(chosen('specific { versions: [2, 3] }'), [2]);
});
