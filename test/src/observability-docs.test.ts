// docs/observability.md names every event that is logged, with its levels, and every metric, and none that there is not.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);

const sources = ['packages', 'services'].flatMap((part) =>
  readdirSync(new URL(part, root)).flatMap((name) => {
    const folder = new URL(`${part}/${name}/src/`, root);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const shipped = files.filter((file) => file.endsWith('.ts') && !/\.test\.ts$|(^|\/)(testing|gen)\//.test(file));
    return shipped.map((file) => readFileSync(new URL(file, folder), 'utf8'));
  }),
);

/** The rows below the head that begins so: the names between backticks of the first cell, and the second cell. */
function rowsBelow(head: string): readonly (readonly [name: string, second: string])[] {
  const page = readFileSync(new URL('docs/observability.md', root), 'utf8');
  const [, table = ''] = page.slice(page.indexOf(head)).match(/^.*\n.*\n((?:\|.*\n)+)/) ?? [];
  return table.split('\n').flatMap((row) => {
    const [, first = '', second = ''] = row.split('|');
    return [...first.replace(/\(.*?\)/g, '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => [name, second] as const);
  });
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

test('the page names every event that is logged, with its levels', () => {
  const logged = new Map<string, Set<string>>();
  for (const source of sources)
    for (const [call, level = '', event = ''] of source.matchAll(/\blog\??\s*\.(debug|info|warn|error)\(([^,)]*)/g)) {
      // One may be chosen among several.
      const names = [...event.matchAll(/'([a-z_]+\.[a-z_]+)'/g)].map(([, name = '']) => name);
      assert.ok(names.length > 0, `${call}: the event's name cannot be read`);
      for (const name of names) logged.set(name, (logged.get(name) ?? new Set()).add(level));
    }
  const told = rowsBelow('| event | level |');
  assert.deepEqual(sorted(told.map(([event]) => event)), sorted(logged.keys()));
  for (const [event, levels] of told)
    for (const level of logged.get(event) ?? []) assert.match(levels, new RegExp(`\\b${level}\\b`), event);
});

test('the page names every metric', () => {
  const made = sources.flatMap((source) => {
    const calls = [...source.matchAll(/\.(?:counter|gauge|histogram|observeCounter|observeGauge)\(\s*'([^']+)'/g)];
    // Some are made from lists of names.
    const literals = [...source.matchAll(/'((?:weft|nv|nodejs|process)_[a-z0-9_]+)'/g)];
    return [...calls, ...literals].map(([, name = '']) => name);
  });
  // That one is the exporter's.
  const expected = sorted([...made, 'target_info']);
  assert.ok(expected.length > 50, 'they are found');
  assert.deepEqual(sorted(rowsBelow('| metric | kind |').map(([name]) => name)), expected);
});
