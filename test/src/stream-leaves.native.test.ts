// Clients of ModelStreamInfer that go: what they have asked stops at once, also when nothing is read or written at that moment, and
// whatever kind of model it is for.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import { temporaryFolder, writeConfig } from './testing/author-models.ts';
import { type LocalMesh, startLocalMesh } from './testing/local-mesh.ts';
import { type OpenedStream, openStream } from './testing/open-stream.ts';
import { repeatRequest, streamInferPath, writeRepeatModel } from './testing/repeat-model.ts';
import { type Metrics, scrape } from './testing/scrape.ts';
import { modelParameter } from './testing/sleeping-model.ts';

const folder = temporaryFolder();
let mesh: LocalMesh;
const slots = 2;
/** As many requests come in before their model has answered the first. */
const inflight = 16;

/** Answers one request at a time, each after its DELAY. */
const slowConfig = `backend: "repeat" max_batch_size: 0
  input [
    { name: "IN" data_type: TYPE_INT32 dims: [ -1 ] }, { name: "DELAY" data_type: TYPE_UINT32 dims: [ -1 ] },
    { name: "WAIT" data_type: TYPE_UINT32 dims: [ 1 ] }
  ]
  output [ { name: "OUT" data_type: TYPE_INT32 dims: [ 1 ] }, { name: "IDX" data_type: TYPE_UINT32 dims: [ 1 ] } ]`;

before(async () => {
  await writeRepeatModel(folder.path, modelParameter('stream_slots', String(slots)));
  await writeConfig(folder.path, 'slow', slowConfig);
  mesh = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

/** Each on a stream of its own: with its client's half-close, and full, so that no further message is read. */
const ways = [
  ['after it has half-closed', 8, (stream: OpenedStream<unknown>) => stream.end()],
  ['while its stream is full', 100, () => {}],
] as const;

function ask(count: number, request: ModelInferRequest): OpenedStream<unknown> {
  const stream = openStream(mesh.client, streamInferPath);
  for (let sent = 0; sent < count; sent++) stream.send(request);
  return stream;
}

const router = (): Promise<Metrics> => scrape(String(mesh.router.service.metricsAddress));
const replica = (): Promise<Metrics> => scrape(String(mesh.custom.service.metricsAddress));

async function until(metrics: () => Promise<Metrics>, holds: (metrics: Metrics) => boolean): Promise<Metrics> {
  for (;;) {
    const now = await metrics();
    if (holds(now)) return now;
  }
}

for (const [when, sent, then] of ways) {
  const asked = Math.min(sent, inflight);
  describe(`a client that goes ${when}`, { timeout: 20_000 }, () => {
    test('takes its requests to an ordinary model out of the queue', async () => {
      const cancelled = ({ sum }: Metrics): number => sum('weft_cancelled_total', { model: 'slow' });
      const computed = ({ sum }: Metrics): number => sum('weft_batch_requests_total', { model: 'slow' });
      const [cancelledBefore, computedBefore] = [cancelled(await router()), computed(await replica())];
      const stream = ask(sent, repeatRequest([1], { modelName: 'slow', delayMs: 500 }));
      then(stream);
      await until(router, ({ sum }) => sum('weft_requests_inflight') === asked);
      stream.cancel();
      const gone = await until(router, ({ sum }) => sum('weft_requests_inflight') === 0);
      assert.equal(cancelled(gone) - cancelledBefore, asked);
      assert.equal(gone.sum('weft_dispatch_waiting'), 0);
      // What the instance had, and was given ahead; and what is left of the test before.
      const done = computed(await replica()) - computedBefore;
      assert.ok(done <= asked / 2, `${done} of ${asked}`);
    });

    test('gives back the slots of its requests to a decoupled model, and its places in line', async () => {
      const cancelled = ({ sum }: Metrics): number => sum('weft_streams_total', { code: 'CANCELLED' });
      const before = cancelled(await router());
      const stream = ask(sent, repeatRequest([1], { delayMs: 60_000 }));
      then(stream);
      await until(router, ({ sum }) => sum('weft_streams_open') === asked);
      await until(replica, ({ sum }) => sum('weft_instance_streams_open') === slots);
      stream.cancel();
      const gone = await until(router, ({ sum }) => sum('weft_streams_open') === 0);
      assert.equal(cancelled(gone) - before, asked);
      await until(replica, ({ sum }) => sum('weft_instance_streams_open') === 0);
    });
  });
}
