// Replicas that are killed while they have streams: one that has answered nothing yet goes on elsewhere, any other hears of it at once.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ModelStreamInferResponse__Output } from '@weft/rpc/messages/inference/ModelStreamInferResponse';
import { temporaryFolder } from './testing/author-models.ts';
import { type CustomProcess, startCustomProcess } from './testing/custom-process.ts';
import { type Dialled, dial } from './testing/dial.ts';
import { type StartedService, startRouterOver } from './testing/local-mesh.ts';
import { type OpenedStream, openStream } from './testing/open-stream.ts';
import { repeatRequest, streamInferPath, told, writeRepeatModel } from './testing/repeat-model.ts';
import { scrape } from './testing/scrape.ts';

interface Mesh {
  readonly replicas: readonly CustomProcess[];
  readonly router: StartedService;
  readonly client: Dialled;
}

/** Two replicas in processes of their own, behind a router. */
async function start(t: TestContext): Promise<Mesh> {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  await writeRepeatModel(folder.path);
  const replicas = await Promise.all([startCustomProcess(t, folder.path), startCustomProcess(t, folder.path)]);
  const router = await startRouterOver(replicas.map(({ address }) => address));
  const client = dial(router.address);
  t.after(async () => {
    client.close();
    await router.stop();
  });
  return { replicas, router, client };
}

type Stream = OpenedStream<ModelStreamInferResponse__Output>;

/** Two streams of a request each; equals take turns, so each replica gets one. */
async function openTwo({ client, replicas }: Mesh, values: readonly number[], delayMs: number): Promise<Stream[]> {
  const streams = ['a', 'b'].map((id) => {
    const stream: Stream = openStream(client, streamInferPath);
    stream.send(repeatRequest(values, { id, delayMs }));
    stream.end();
    return stream;
  });
  for (const { metrics } of replicas)
    while ((await scrape(metrics)).sum('weft_instance_streams_open') === 0) await new Promise(setImmediate);
  return streams;
}

test('a stream whose replica is killed before it has answered is answered by another one', async (t) => {
  const mesh = await start(t);
  const streams = await openTwo(mesh, [7, 8], 1500);
  mesh.replicas[0]?.custom.kill('SIGKILL');
  const all = await Promise.all(streams.map((stream) => stream.rest()));
  assert.deepEqual(
    all.map((responses) => responses.map(told)),
    [
      ['a 7 0', 'a 8 1'],
      ['b 7 0', 'b 8 1'],
    ],
  );
  assert.ok(mesh.router.lines.some(({ event }) => event === 'replica.lost'));
});

test('a stream whose replica is killed after it has answered hears so at once, and the others go on', async (t) => {
  const mesh = await start(t);
  const streams = await openTwo(mesh, [7, 8], 3000);
  for (const stream of streams)
    assert.match(told((await stream.next()) as ModelStreamInferResponse__Output), /^[ab] 7 0$/);
  const killedMs = performance.now();
  mesh.replicas[0]?.custom.kill('SIGKILL');
  const said = await Promise.all(
    streams.map(async (stream) => {
      const [last] = await stream.rest();
      return { ms: performance.now() - killedMs, text: last === undefined ? '' : told(last).slice(2) };
    }),
  );
  const lost = 'failed: the replica was lost while it had this stream';
  assert.deepEqual(said.map(({ text }) => text).sort(), ['8 1', lost]);
  assert.ok((said.find(({ text }) => text === lost)?.ms ?? Number.NaN) < 2000);
});
