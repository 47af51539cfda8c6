// Streams of typed methods, from the client through a router and a service to the code in a worker and back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { VideoResult__Output } from '@weft/rpc/messages/weft/vision/v1/VideoResult';
import { temporaryFolder } from './testing/author-models.ts';
import { type Dialled, dial } from './testing/dial.ts';
import { type StartedService, startModelService, startRouterOver } from './testing/local-mesh.ts';
import { openStream } from './testing/open-stream.ts';
import { scrape } from './testing/scrape.ts';
import { StreamReports } from './testing/stream-reports.ts';
import { generate, videoPath, writeStreamingModel } from './testing/streaming-model.ts';

const folder = temporaryFolder();
const reports = new StreamReports();
let service: StartedService;
let router: StartedService;
let client: Dialled;
let direct: Dialled;

before(async () => {
  await writeStreamingModel(folder.path, 'm');
  await writeStreamingModel(
    folder.path,
    'apart',
    'parameters { key: "weft.isolation" value { string_value: "process" } }',
  );
  service = await startModelService('streaming', folder.path);
  await service.service.ready;
  router = await startRouterOver([service.address]);
  client = dial(router.address);
  direct = dial(service.address);
});

after(async () => {
  client.close();
  direct.close();
  await router.stop();
  await service.stop();
  reports.close();
  folder.remove();
});

const ways = [
  ['through a router', () => client],
  ['at the service itself', () => direct],
] as const;

for (const [where, at] of ways) {
  describe(where, () => {
    test('messages go both ways in order, and the client ends its half first', async () => {
      const call = openStream<VideoResult__Output>(at(), videoPath);
      const sent = Array.from({ length: 300 }, (_, index) => index + 1);
      for (const frameId of sent) call.send({ model: 'm', frameId });
      call.end();
      const results = await call.rest();
      assert.deepEqual(
        results.map(({ frameId }) => frameId),
        sent,
      );
      assert.deepEqual([results[0]?.model, results[0]?.modelVersion], ['m', '1']);
      assert.equal(await call.result(), 'OK');
    });

    test('an answer comes while the client still sends', async () => {
      const call = openStream<VideoResult__Output>(at(), videoPath);
      for (const frameId of [1, 2, 3]) {
        call.send({ model: 'm', frameId });
        assert.equal((await call.next())?.frameId, frameId);
      }
      call.end();
      assert.equal(await call.next(), undefined);
    });

    test('a later message that names another model ends the stream', async () => {
      const call = openStream<VideoResult__Output>(at(), videoPath);
      call.send({ model: 'm', frameId: 1 });
      await call.next();
      call.send({ frameId: 2 });
      assert.equal((await call.next())?.frameId, 2);
      call.send({ model: 'other', frameId: 3 });
      await call.rest();
      assert.match(await call.result(), /^INVALID_ARGUMENT .*must not name model 'other'/);
    });

    test('what a client cancels, its code in the worker hears of', async () => {
      const name = `cancel-${where}`.replaceAll(' ', '-');
      const call = generate(at(), `wait ${name}`);
      await reports.hear(`waiting ${name}`);
      call.cancel();
      await reports.hear(`left ${name} CANCELLED`);
    });

    test('a deadline ends the stream in the worker too', async () => {
      const name = `late-${where}`.replaceAll(' ', '-');
      const call = generate(at(), `wait ${name}`, { deadline: Date.now() + 1500 });
      await call.rest();
      assert.match(await call.result(), /^DEADLINE_EXCEEDED/);
      await Promise.race([reports.hear(`left ${name} CANCELLED`), reports.hear(`left ${name} DEADLINE_EXCEEDED`)]);
    });

    test('who reads slowly slows down only the own stream, and nothing piles up for it', async () => {
      const [responses, bytes] = [3000, 20_000];
      const name = `slow-${where}`.replaceAll(' ', '-');
      const slow = generate(at(), `count ${responses} ${bytes} ${name}`);
      assert.equal((await slow.next())?.generatedTokens, 1);
      const other = await generate(at(), `count ${responses} ${bytes} other`).rest();
      assert.equal(other.length, responses);
      const [given] = await generate(at(), `told ${name}`).rest();
      assert.ok((given?.generatedTokens ?? responses) < responses / 4, `${given?.generatedTokens} of ${responses}`);
      assert.equal((await slow.rest()).length, responses - 1);
      assert.equal(await slow.result(), 'OK');
    });

    test('a message of several megabytes comes through whole', async () => {
      const [response] = await generate(at(), 'count 1 9000000 big').rest();
      assert.equal(response?.text.length, 9_000_000);
    });

    test('500 streams that are cancelled at any time leave no slot taken', async () => {
      // Servers stop serving a connection of many resets: each client has a hundred.
      const clients = Array.from({ length: 5 }, () => dial(at().address));
      const calls = Array.from({ length: 500 }, (_, index) => {
        const call = generate(
          clients[index % 5] ?? at(),
          index % 3 === 0 ? `wait many-${index}` : `count ${index % 7} 10 many`,
        );
        // Some before they are anywhere, some in line, some with their first response.
        const read = index % 2 === 0 ? Promise.resolve() : call.next();
        return read.then(() => call.cancel());
      });
      await Promise.all(calls);
      for (const one of clients) one.close();
      const after = Array.from({ length: 4 }, (_, index) => generate(at(), `wait ${where} ${index}`));
      for (const call of after) assert.equal((await call.next())?.text, where.split(' ')[0]);
      for (const call of after) call.cancel();
    });
  });
}

test('a fifth stream waits for one of four slots, as long as its deadline allows', async () => {
  const four = ['a', 'b', 'c', 'd'].map((name) => generate(client, `wait slot-${name}`));
  for (const call of four) await call.next();
  const late = generate(client, 'count 1 1 late', { deadline: Date.now() + 300 });
  await late.rest();
  assert.match(await late.result(), /^DEADLINE_EXCEEDED/);
  const fifth = generate(client, 'count 1 1 fifth');
  await reports.hear('waiting slot-c');
  reports.go('slot-c');
  assert.equal((await fifth.rest()).length, 1);
  assert.equal((await four[2]?.rest())?.[0]?.text, 'went on');
  for (const call of four) call.cancel();
});

test('a worker that dies ends its streams at once, and takes streams again when it is back', async () => {
  const victim = generate(client, 'wait victim', { model: 'apart' });
  await victim.next();
  const killer = generate(client, 'kill', { model: 'apart' });
  await killer.rest();
  // It had no answer: another instance might have had it, if there were one.
  assert.match(await killer.result(), /^UNAVAILABLE the instance of model 'apart' crashed/);
  await victim.rest();
  assert.match(await victim.result(), /^UNAVAILABLE the instance of model 'apart' crashed/);
  await service.logged('model.ready');
  for (;;) {
    const again = generate(client, 'count 2 1 again', { model: 'apart' });
    if ((await again.rest()).length === 2) break;
    assert.match(await again.result(), /^UNAVAILABLE/);
  }
});

test('a model without the method, and a method without a model, are refused with the reason', async () => {
  const none = generate(client, 'x', { model: 'nobody' });
  await none.rest();
  assert.match(await none.result(), /^NOT_FOUND Request for unknown model: 'nobody'/);
  const unnamed = generate(client, 'x', { model: '' });
  await unnamed.rest();
  assert.match(await unnamed.result(), /^UNAVAILABLE no replica serves/);
  const upscale = openStream(client, '/weft.generator.v1.GeneratorService/UpscaleStream');
  upscale.send({ model: 'm' });
  upscale.end();
  await upscale.rest();
  assert.match(await upscale.result(), /^INVALID_ARGUMENT model 'm' does not serve .*it serves .*Generate/);
});

test('a service that drains finishes its streams, and new ones go elsewhere', async () => {
  const second = await startModelService('streaming', folder.path);
  await second.service.ready;
  const both = await startRouterOver([second.address, service.address]);
  const over = dial(both.address);
  const held = ['x', 'y'].map((name) => generate(over, `wait drain-${name}`));
  for (const call of held) await call.next();
  const stopped = second.stop();
  await second.logged('service.draining');
  for (const name of ['1', '2', '3']) assert.equal((await generate(over, `count 1 1 ${name}`).rest()).length, 1);
  for (const name of ['x', 'y']) {
    await reports.hear(`waiting drain-${name}`);
    reports.go(`drain-${name}`);
  }
  for (const call of held) assert.equal((await call.rest())[0]?.text, 'went on');
  await stopped;
  over.close();
  await both.stop();
});

test('nothing is open or buffered when all is over', { timeout: 30_000 }, async () => {
  const gauges = [
    [service, 'weft_instance_streams_open'],
    [service, 'weft_instance_stream_buffered_bytes'],
    [service, 'weft_streams_open'],
    [router, 'weft_streams_open'],
  ] as const;
  for (const [of, name] of gauges) while ((await scrape(String(of.service.metricsAddress))).sum(name) !== 0);
  const { sum } = await scrape(String(service.service.metricsAddress));
  assert.ok(sum('weft_instance_stream_messages_total', { direction: 'out' }) > 12_000);
});
