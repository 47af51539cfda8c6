import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics, type Metrics } from './create-metrics.ts';
import { createLog } from './log.ts';

const start = (component = 'router', port = 0) =>
  createMetrics({ component, version: '1.2.3', host: '127.0.0.1', port });

/** The samples of a scrape by name and labels as written, and the type of each metric. */
async function scrape(metrics: Metrics) {
  const response = await fetch(metrics.url);
  assert.equal(response.status, 200);
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of (await response.text()).split('\n')) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (type !== null) types.set(type[1] ?? '', type[2] ?? '');
    const sample = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line);
    if (sample !== null) samples.set(sample[1] ?? '', Number(sample[2]));
  }
  return { samples, types };
}

test('a scrape shows counters, gauges, observers and cumulative histograms', async (t) => {
  const metrics = await start();
  t.after(() => metrics.stop());
  metrics.counter('weft_requests_total', 'Requests', ['method', 'code']).with('/a.B/C', 'OK').add(3);
  metrics.gauge('weft_queue_rows', 'Rows waiting', ['model']).with('quo"te\\').set(4);
  metrics.observeCounter('weft_bytes_total', 'Bytes', { labels: [], observe: (report) => report(42) });
  const seconds = metrics.histogram('weft_queue_seconds', 'Time in queue', {
    labels: ['model'],
    boundaries: [0.01, 0.1],
  });
  for (const value of [0.001, 0.05, 0.06, 3]) seconds.with('m').record(value);

  const { samples, types } = await scrape(metrics);
  assert.equal(samples.get('weft_requests_total{method="/a.B/C",code="OK"}'), 3);
  assert.equal(samples.get('weft_queue_rows{model="quo\\"te\\\\"}'), 4);
  assert.equal(samples.get('weft_bytes_total'), 42);
  assert.equal(samples.get('weft_queue_seconds_bucket{model="m",le="0.01"}'), 1);
  assert.equal(samples.get('weft_queue_seconds_bucket{model="m",le="0.1"}'), 3);
  assert.equal(samples.get('weft_queue_seconds_bucket{model="m",le="+Inf"}'), 4);
  assert.equal(samples.get('weft_queue_seconds_count{model="m"}'), 4);
  assert.equal(samples.get('weft_queue_seconds_sum{model="m"}'), 3.111);
  assert.deepEqual(
    ['weft_requests_total', 'weft_queue_rows', 'weft_queue_seconds'].map((name) => types.get(name)),
    ['counter', 'gauge', 'histogram'],
  );
});

test('a scrape says which component it is of, and how its runtime does', async (t) => {
  const metrics = await start('nlp');
  t.after(() => metrics.stop());
  const { samples } = await scrape(metrics);
  assert.equal(samples.get('target_info{service_name="weft-nlp",service_namespace="weft",service_version="1.2.3"}'), 1);
  assert.ok((samples.get('nodejs_memory_bytes{kind="rss"}') ?? 0) > 1e6);
  assert.ok((samples.get('process_cpu_seconds_total') ?? 0) > 0);
  for (const quantile of ['0.5', '0.99', '1']) {
    assert.ok((samples.get(`nodejs_eventloop_delay_seconds{quantile="${quantile}"}`) ?? -1) >= 0, quantile);
  }
});

test('a blocked event loop shows in the next scrape, and only there', async (t) => {
  const metrics = await start();
  t.after(() => metrics.stop());
  const longest = async () => (await scrape(metrics)).samples.get('nodejs_eventloop_delay_seconds{quantile="1"}') ?? -1;
  // The measuring timer has to fire to count anything.
  const timersHaveFired = () => new Promise<void>((resolve) => setTimeout(resolve, 30));
  await timersHaveFired();
  const until = performance.now() + 300;
  while (performance.now() < until);
  await timersHaveFired();
  assert.ok((await longest()) >= 0.25);
  await timersHaveFired();
  assert.ok((await longest()) < 0.25);
});

test('components of one process have metrics and ports of their own', async (t) => {
  const [router, nlp] = [await start('router'), await start('nlp')];
  t.after(() => Promise.all([router.stop(), nlp.stop()]));
  router.counter('weft_x_total', 'X').with().add();
  nlp.counter('weft_x_total', 'X');
  assert.notEqual(router.port, nlp.port);
  assert.equal((await scrape(router)).samples.get('weft_x_total'), 1);
  assert.equal((await scrape(nlp)).samples.get('weft_x_total'), 0);
});

test('a taken port is an error that names component and address', async (t) => {
  const first = await start('router');
  t.after(() => first.stop());
  await assert.rejects(start('nlp', first.port), {
    code: 'FAILED_PRECONDITION',
    message: `the metrics of nlp cannot listen on 127.0.0.1:${first.port}: the port is taken`,
  });
});

test('an observer that throws is logged and takes no other metric away', async (t) => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', fields: {}, destination: { write: (line) => void lines.push(line) } });
  const metrics = await createMetrics({ component: 'router', version: '1', host: '127.0.0.1', port: 0, log });
  t.after(() => metrics.stop());
  metrics.observeGauge('weft_broken', 'B', {
    labels: [],
    observe: () => {
      throw new Error('no');
    },
  });
  metrics.gauge('weft_sound', 'S').with().set(1);
  const { samples } = await scrape(metrics);
  assert.equal(samples.get('weft_sound'), 1);
  assert.equal(samples.has('weft_broken'), false);
  assert.match(lines.join(''), /"metric":"weft_broken".*"event":"metrics\.unreadable"/);
});

test('nothing but GET /metrics is served', async (t) => {
  const metrics = await start();
  t.after(() => metrics.stop());
  assert.equal((await fetch(new URL('/', metrics.url))).status, 404);
  assert.equal((await fetch(metrics.url, { method: 'POST', body: 'x' })).status, 404);
});

test('after stopping the port is free again', async () => {
  const first = await start();
  await fetch(first.url).then((response) => response.text());
  await first.stop();
  const second = await start('router', first.port);
  assert.equal(second.port, first.port);
  await second.stop();
});
