import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaceSection } from './write-docs.ts';

const document = 'a\n<!-- results of x -->\nold\n<!-- end of x -->\nb\n<!-- results of y -->\n<!-- end of y -->\n';

test('only the named section is replaced', () => {
  const replaced = replaceSection(document, 'x', 'new');
  assert.equal(replaced, document.replace('old', '\nnew\n'));
  assert.equal(replaceSection(replaced, 'x', 'new'), replaced);
});

test('a section that the document lacks is an error', () => {
  assert.throws(() => replaceSection(document, 'z', 'new'), /no section "<!-- results of z -->"/);
});
