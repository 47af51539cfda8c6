// A trace that a client begins goes on through the router, the batch and the model's run, and reaches a collector as one tree.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fragile, plus, temporaryFolder, writeModel } from './testing/author-models.ts';
import { inferFloats, inferPath } from './testing/infer-request.ts';
import { startLocalMesh } from './testing/local-mesh.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './testing/otlp-receiver.ts';

const traceOf = (call: string) => `0af7651916cd43dd8448eb211c80319${call}`;
const clientSpan = 'b7ad6b7169203331';
const traceparent = (call: string, sampled = true) => ({
  headers: { traceparent: `00-${traceOf(call)}-${clientSpan}-0${Number(sampled)}` },
});
const folder = temporaryFolder();
let receiver: OtlpReceiver;

/** All calls are made before, for spans arrive when the processes end. */
before(async () => {
  await writeModel(folder.path, 'plus', { graph: plus(1) });
  await writeModel(folder.path, 'fragile', { graph: fragile() });
  receiver = await startOtlpReceiver();
  const otlpEndpoint = receiver.endpoint;
  const mesh = await startLocalMesh(folder.path, { custom: { otlpEndpoint }, router: { otlpEndpoint } });
  const { client, direct } = mesh;
  await client.ask(inferPath, inferFloats('plus', [1, 2]), traceparent('1'));
  await direct.ask(inferPath, inferFloats('plus', [1, 2]), traceparent('2'));
  await client.call(inferPath, inferFloats('nope', [1, 2]), traceparent('3'));
  await client.call(inferPath, inferFloats('fragile', [1], { shape: [1] }), traceparent('4'));
  await client.ask(inferPath, inferFloats('plus', [1, 2]), traceparent('5', false));
  await client.ask(inferPath, inferFloats('plus', [1, 2]));
  await Promise.all(['6', '7'].map((call) => client.ask(inferPath, inferFloats('plus', [1, 2]), traceparent(call))));
  await mesh.stop();
});

after(async () => {
  await receiver.stop();
  folder.remove();
});

function spansOf(call: string): readonly ReceivedSpan[] {
  return receiver.spans.filter(({ traceId }) => traceId === traceOf(call));
}

/** Names and components along the only path from the client's span downwards. */
function pathBelow(spans: readonly ReceivedSpan[], parent = clientSpan): string[] {
  const children = spans.filter(({ parentSpanId }) => parentSpanId === parent);
  assert.ok(children.length < 2, 'the path branches');
  return children.flatMap((span) => [
    `${span.attributes['weft.component']}: ${span.name}`,
    ...pathBelow(spans, span.spanId),
  ]);
}

const rpc = 'inference.GRPCInferenceService/ModelInfer';

test('a call through the router is one path: client, router, batch, run', () => {
  const spans = spansOf('1');
  assert.deepEqual(pathBelow(spans), [`router: ${rpc}`, 'custom: weft.batch', 'custom: weft.infer']);
  assert.equal(spans.length, 3);
});

test('each span lies within the one above it, and says which model and how many ride along', () => {
  const [router, batch, run] = ['inference.', 'weft.batch', 'weft.infer'].map((name) =>
    spansOf('1').find((span) => span.name.startsWith(name)),
  );
  assert.ok(router && batch && run);
  // Each process reads its own clock; those of one machine differ by less than this.
  const toleranceMs = 20;
  for (const [outer, inner] of [
    [router, batch],
    [batch, run],
  ] as const) {
    assert.ok(outer.startMs - toleranceMs <= inner.startMs && inner.endMs <= outer.endMs + toleranceMs);
    assert.ok(inner.startMs <= inner.endMs);
  }
  assert.deepEqual([router.attributes['weft.model'], batch.attributes['weft.model']], ['plus', 'plus']);
  assert.deepEqual(
    [batch.attributes['weft.version'], batch.attributes['weft.batch.requests'], batch.attributes['weft.batch.rows']],
    ['1', '1', '1'],
  );
});

test('a call on the service itself is one path too', () => {
  assert.deepEqual(pathBelow(spansOf('2')), [`custom: ${rpc}`, 'custom: weft.batch', 'custom: weft.infer']);
});

test('a call that is refused at the door ends there, with its reason', () => {
  const spans = spansOf('3');
  assert.deepEqual(pathBelow(spans), [`router: ${rpc}`]);
  assert.deepEqual(
    [spans[0]?.failure, spans[0]?.attributes['error.type']],
    ["Request for unknown model: 'nope' is not found", 'NOT_FOUND'],
  );
});

test('a call that fails unexpectedly does not tell the cause', () => {
  const router = spansOf('4').find(({ name }) => name === rpc);
  assert.deepEqual([router?.failure, router?.attributes['error.type']], ['internal error', 'INTERNAL']);
});

test('a trace that its client does not sample is not recorded', () => {
  assert.deepEqual(spansOf('5'), []);
});

test('a call without a trace begins one', () => {
  const roots = receiver.spans.filter(({ parentSpanId }) => parentSpanId === '');
  assert.deepEqual(
    roots.map(({ name }) => name),
    [rpc],
  );
  assert.deepEqual(pathBelow(receiver.spans, roots[0]?.spanId), ['custom: weft.batch', 'custom: weft.infer']);
});

test('calls that may share a batch keep their own traces', () => {
  for (const call of ['6', '7'])
    assert.deepEqual(pathBelow(spansOf(call)), [`router: ${rpc}`, 'custom: weft.batch', 'custom: weft.infer']);
});
