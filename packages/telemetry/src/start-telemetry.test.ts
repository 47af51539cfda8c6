import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epochMs } from './epoch-ms.ts';
import { type Collector, startGrpcCollector, startHttpCollector } from './otlp-collector.fixture.ts';
import { startTelemetry, type TelemetryOptions } from './start-telemetry.ts';
import { parseTraceparent } from './traceparent.ts';

const client = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Telemetry that writes its log lines to `lines`. */
async function start(options: Partial<TelemetryOptions> = {}) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const telemetry = await startTelemetry({ component: 'router', version: '1.2.3', destination, ...options });
  return { lines, ...telemetry };
}

function spanNamed(collector: Collector, name: string) {
  const found = collector.spans.find((span) => span.name === name);
  assert.ok(found, `no span ${name} among ${collector.spans.map((span) => span.name).join(', ')}`);
  return found;
}

const spanIdOf = (traceparent: string) => parseTraceparent(traceparent)?.spanId;

test('without an endpoint nothing is traced, and the traceparent of the client passes through', async () => {
  const { tracing, stop } = await start();
  assert.equal(tracing.enabled, false);
  assert.equal(tracing.start('rpc', client).traceparent, client);
  assert.equal(tracing.start('rpc', undefined).traceparent, '');
  assert.equal(tracing.record('batch', client, { startMs: 0, endMs: 1 }), client);
  tracing.start('rpc', client).end();
  await stop();
});

test('spans reach the collector as one tree below the span of the client', async (t) => {
  const collector = await startHttpCollector();
  t.after(() => collector.stop());
  const { tracing, forComponent, stop } = await start({ otlpEndpoint: collector.endpoint });
  assert.equal(tracing.enabled, true);
  const before = epochMs();
  const rpc = tracing.start('/weft.nlp.v1.NlpService/Embed', client, {
    kind: 'server',
    attributes: { 'rpc.system': 'grpc', rows: 2 },
  });
  const batch = forComponent('nlp').tracing.record('batch', rpc.traceparent, { startMs: before, endMs: before + 7.25 });
  const run = tracing.record('model.run', batch, { startMs: before + 1, endMs: before + 6 });
  rpc.set({ 'weft.model': 'use-lite' });
  rpc.end();
  await stop();

  const [rpcSpan, batchSpan, runSpan] = ['/weft.nlp.v1.NlpService/Embed', 'batch', 'model.run'].map((name) =>
    spanNamed(collector, name),
  );
  assert.ok(rpcSpan && batchSpan && runSpan);
  assert.deepEqual(new Set(collector.spans.map((span) => span.traceId)), new Set(['0af7651916cd43dd8448eb211c80319c']));
  assert.equal(rpcSpan.parentSpanId, 'b7ad6b7169203331');
  assert.equal(batchSpan.parentSpanId, rpcSpan.spanId);
  assert.equal(runSpan.parentSpanId, batchSpan.spanId);
  assert.deepEqual(
    [spanIdOf(rpc.traceparent), spanIdOf(batch), spanIdOf(run)],
    [rpcSpan.spanId, batchSpan.spanId, runSpan.spanId],
  );
  assert.equal(rpcSpan.kind, 2);
  assert.equal(rpcSpan.service, 'weft-router');
  assert.deepEqual(rpcSpan.attributes, {
    'weft.component': 'router',
    'rpc.system': 'grpc',
    rows: '2',
    'weft.model': 'use-lite',
  });
  assert.equal(batchSpan.attributes['weft.component'], 'nlp');
  assert.ok(Math.abs(batchSpan.startMs - before) < 0.01, `${batchSpan.startMs} ${before}`);
  assert.ok(Math.abs(batchSpan.endMs - batchSpan.startMs - 7.25) < 0.01);
  assert.ok(rpcSpan.startMs >= before && rpcSpan.endMs <= epochMs());
});

test('a call without a traceparent, or with a malformed one, begins a new trace', async (t) => {
  const collector = await startHttpCollector();
  t.after(() => collector.stop());
  const { tracing, stop } = await start({ otlpEndpoint: `${collector.endpoint}/` });
  tracing.start('none', undefined).end();
  tracing.start('malformed', '00-xyz').end();
  await stop();
  assert.deepEqual(
    collector.spans.map((span) => span.parentSpanId),
    ['', ''],
  );
  assert.notEqual(spanNamed(collector, 'none').traceId, spanNamed(collector, 'malformed').traceId);
});

test('a trace that the client does not sample is not exported, and is handed on as such', async (t) => {
  const collector = await startHttpCollector();
  t.after(() => collector.stop());
  const { tracing, stop } = await start({ otlpEndpoint: collector.endpoint });
  const span = tracing.start('rpc', client.replace(/01$/, '00'));
  assert.match(span.traceparent, /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
  span.end();
  await stop();
  assert.deepEqual(collector.spans, []);
});

test('a failed span carries code and message, a batch links to its requests', async (t) => {
  const collector = await startHttpCollector();
  t.after(() => collector.stop());
  const { tracing, stop } = await start({ otlpEndpoint: collector.endpoint });
  tracing.start('rpc', client).end({ code: 'NOT_FOUND', message: 'no model x' });
  const failure = { code: 'INTERNAL', message: 'internal error' };
  tracing.record('batch', undefined, { startMs: epochMs(), endMs: epochMs(), links: [client, 'malformed'], failure });
  await stop();
  assert.equal(spanNamed(collector, 'rpc').failure, 'no model x');
  assert.equal(spanNamed(collector, 'rpc').attributes['error.type'], 'NOT_FOUND');
  assert.equal(spanNamed(collector, 'batch').failure, 'internal error');
  assert.deepEqual(spanNamed(collector, 'batch').links, ['0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331']);
});

test('spans are exported over gRPC too', async (t) => {
  const collector = await startGrpcCollector();
  t.after(() => collector.stop());
  const { tracing, stop } = await start({ otlpEndpoint: collector.endpoint, otlpProtocol: 'grpc' });
  tracing.start('rpc', client).end();
  await stop();
  assert.equal(spanNamed(collector, 'rpc').parentSpanId, 'b7ad6b7169203331');
});

test('a collector that refuses is reported in the log and does not fail the stop', async (t) => {
  const collector = await startHttpCollector();
  t.after(() => collector.stop());
  const { tracing, stop, lines } = await start({ otlpEndpoint: `${collector.endpoint}/nowhere` });
  tracing.start('rpc', client).end();
  await stop();
  assert.ok(
    lines.some((line) => line['event'] === 'tracing.failed' && line['level'] === 'warn'),
    JSON.stringify(lines),
  );
});

test('components of one process log under their own names', async () => {
  const { log, forComponent, lines } = await start();
  log.info('a');
  forComponent('nlp').log.info('b');
  assert.deepEqual(
    lines.map((line) => [line['component'], line['event']]),
    [
      ['router', 'a'],
      ['nlp', 'b'],
    ],
  );
});
