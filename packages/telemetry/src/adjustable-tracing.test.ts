import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adjustableTracing } from './adjustable-tracing.ts';
import { noTracing, type Tracing } from './tracing.ts';

const client = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function recording() {
  const started: string[] = [];
  const inner: Tracing = {
    ...noTracing,
    enabled: true,
    start(name, parent) {
      started.push(name);
      return { traceparent: parent === undefined || parent === '' ? `trace of ${name}` : parent, set() {}, end() {} };
    },
    forComponent: () => inner,
  };
  const tracing = adjustableTracing(inner);
  return { tracing, started, start: (name: string, parent = '') => tracing.start(name, parent).traceparent };
}

test('one request in so many begins a trace; one of a trace of its client is always in it', () => {
  const { tracing, start, started } = recording();
  tracing.control?.change({ rate: 3 });
  assert.deepEqual(
    ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => start(name)),
    [...['', '', 'trace of c'], ...['', '', 'trace of f']],
  );
  assert.equal(start('g', client), client);
  assert.deepEqual(started, ['c', 'f', 'g']);
});

test('after so many requests, or switched off, nothing is traced, in any component', () => {
  const { tracing, start, started } = recording();
  const component = tracing.forComponent('nlp');
  tracing.control?.change({ count: 2 });
  for (const name of ['a', 'b', 'c']) start(name);
  assert.deepEqual([started, tracing.control?.now.count, component.enabled], [['a', 'b'], 0, false]);
  assert.equal(start('d', client), client);
  tracing.control?.change({ ...tracing.control.initial });
  component.start('e', '');
  tracing.control?.change({ on: false });
  assert.equal(tracing.enabled, false);
  start('f');
  assert.deepEqual(started, ['a', 'b', 'e']);
});
