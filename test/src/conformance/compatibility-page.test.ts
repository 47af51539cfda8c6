import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type ConformanceResults, generatedPart, withResults } from './compatibility-page.ts';

const results = JSON.parse(
  readFileSync(new URL('../../results/conformance.json', import.meta.url), 'utf8'),
) as ConformanceResults;
const page = readFileSync(new URL('../../../docs/compatibility.md', import.meta.url), 'utf8');

test('docs/compatibility.md tells the kept results of a run, and nothing else', () => {
  assert.equal(page, withResults(page, results));
});

const one = { client: 'c', rpc: ['ModelInfer'], check: 'infers', ok: true, detail: '' };
const told = (clients: ConformanceResults['clients']): string =>
  generatedPart({ weft: '1', ranAt: '2026-01-02T03:04:05Z', platform: 'linux x64', node: '20', clients });

describe('the generated part', () => {
  test('counts the checks of each call, and lists them', () => {
    const text = told([{ client: 'c', versions: { lib: '2' }, checks: [one, { ...one, check: 'again' }] }]);
    assert.match(text, /2 of 2 checks hold/);
    assert.match(text, /^\| ModelInfer \| 2 \|$/m);
    assert.match(text, /^- ModelInfer: again$/m);
  });

  test('does not hide what fails, nor a client that could not be run', () => {
    const failed = { ...one, ok: false, detail: 'it\nsaid `no`' };
    const text = told([
      { client: 'c', versions: {}, checks: [one, failed] },
      { client: 'd', versions: {}, checks: [], missing: 'no wheel' },
    ]);
    assert.match(text, /^\| ModelInfer \| \*\*1 of 2\*\* \|\s+\|$/m);
    assert.match(text, /- \*\*fails\*\* ModelInfer: infers: `it said no `/);
    assert.match(text, /^\| d \| not run: no wheel \|$/m);
  });

  test('a page without its marks is refused', () => {
    assert.throws(() => withResults('# a page', results), /has no part/);
  });
});
