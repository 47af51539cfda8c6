import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createInstruments, type ReadableInstruments } from './instruments.ts';

function read(instruments: ReadableInstruments, name: string) {
  const metric = [...instruments.metrics].find((candidate) => candidate.name === name);
  assert.ok(metric);
  return metric.read().points;
}

test('a counter adds up for each combination of labels', () => {
  const instruments = createInstruments();
  const requests = instruments.counter('requests_total', 'Requests', ['method', 'code']);
  requests.with('Embed', 'OK').add();
  requests.with('Embed', 'OK').add(2);
  requests.with('Rank', 'OK').add();
  assert.deepEqual(read(instruments, 'requests_total'), [
    { labels: { method: 'Embed', code: 'OK' }, value: 3 },
    { labels: { method: 'Rank', code: 'OK' }, value: 1 },
  ]);
});

test('labels that look alike when joined stay apart', () => {
  const instruments = createInstruments();
  const family = instruments.counter('x', 'X', ['a', 'b']);
  family.with('1', '12').add();
  family.with('11', '2').add();
  assert.equal(read(instruments, 'x').length, 2);
});

test('a metric without labels reads zero from the start', () => {
  const instruments = createInstruments();
  instruments.counter('x_total', 'X');
  assert.deepEqual(read(instruments, 'x_total'), [{ labels: {}, value: 0 }]);
});

test('a gauge is set and moved', () => {
  const instruments = createInstruments();
  const waiting = instruments.gauge('waiting', 'Waiting', ['model']);
  waiting.with('a').set(5);
  waiting.with('a').add(-2);
  assert.deepEqual(read(instruments, 'waiting'), [{ labels: { model: 'a' }, value: 3 }]);
});

test('what is forgotten is gone from every metric with such labels, and counts from zero when it comes again', () => {
  const instruments = createInstruments();
  const counter = instruments.counter('batches_total', 'B', ['model', 'version', 'reason']);
  const gauge = instruments.gauge('open', 'O', ['version', 'model']);
  const histogram = instruments.histogram('seconds', 'S', { labels: ['model'], boundaries: [] });
  const plain = instruments.counter('x_total', 'X');
  for (const version of ['1', '2']) {
    for (const reason of ['full', 'idle']) counter.with('m', version, reason).add(3);
    gauge.with(version, 'm').set(1);
  }
  histogram.with('m').record(1);
  plain.with().add();
  instruments.forget({ model: 'm', version: '1' });
  assert.deepEqual(
    ['batches_total', 'open', 'seconds', 'x_total'].map((name) => read(instruments, name).map(({ labels }) => labels)),
    [
      [
        { model: 'm', version: '2', reason: 'full' },
        { model: 'm', version: '2', reason: 'idle' },
      ],
      [{ version: '2', model: 'm' }],
      [{ model: 'm' }],
      [{}],
    ],
  );
  counter.with('m', '1', 'full').add();
  assert.equal(read(instruments, 'batches_total').at(-1)?.value, 1);
});

test('an observer is asked at every reading', () => {
  const instruments = createInstruments();
  let free = 1;
  instruments.observeGauge('free', 'Free', { labels: ['replica'], observe: (report) => report(free, 'r1') });
  free = 7;
  assert.deepEqual(read(instruments, 'free'), [{ labels: { replica: 'r1' }, value: 7 }]);
});

test('a value on a boundary belongs to the bucket below it', () => {
  const instruments = createInstruments();
  const seconds = instruments.histogram('seconds', 'S', { boundaries: [1, 2] }).with();
  for (const value of [0, 1, 1.5, 2, 2.1]) seconds.record(value);
  assert.deepEqual(read(instruments, 'seconds')[0]?.value, {
    boundaries: [1, 2],
    counts: [2, 2, 1],
    sum: 6.6,
    count: 5,
  });
});

test('every value falls into the one bucket that holds it', () => {
  const boundaries = fc
    .uniqueArray(fc.integer({ min: -100, max: 100 }), { maxLength: 20 })
    .map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(boundaries, fc.array(fc.integer({ min: -120, max: 120 })), (bounds, values) => {
      const instruments = createInstruments();
      const cell = instruments.histogram('h', 'H', { boundaries: bounds }).with();
      for (const value of values) cell.record(value);
      const [point] = read(instruments, 'h');
      assert.ok(point && typeof point.value === 'object');
      const { counts, count } = point.value;
      const expected = [...bounds, Number.POSITIVE_INFINITY].map(
        (upper, index) =>
          values.filter((value) => value <= upper && value > (bounds[index - 1] ?? Number.NEGATIVE_INFINITY)).length,
      );
      assert.deepEqual(counts, expected);
      assert.equal(count, values.length);
    }),
  );
});

test('two metrics of one name, and a name Prometheus refuses, are mistakes of the program', () => {
  const instruments = createInstruments();
  instruments.gauge('x', 'X');
  assert.throws(() => instruments.counter('x', 'X'), /exists already/);
  assert.throws(() => instruments.gauge('a-b', 'X'), /no name/);
});
