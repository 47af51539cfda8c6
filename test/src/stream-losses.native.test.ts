// Streams that lose their replica, readers that stop, clients that come and go: against processes, as they are deployed.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoResult__Output } from '@weft/rpc/messages/weft/vision/v1/VideoResult';
import type { Dialled } from './testing/dial.ts';
import { openStream } from './testing/open-stream.ts';
import { startStreamProcesses, type StreamProcess } from './testing/stream-processes.ts';
import { generate, videoPath, writeStreamingModel } from './testing/streaming-model.ts';

const slots = (count: number): string => `parameters { key: "weft.stream_slots" value { string_value: "${count}" } }`;

/** Once it is true. */
async function until(look: () => Promise<boolean>): Promise<void> {
  while (!(await look()));
}

const openAt = async (process: StreamProcess): Promise<number> =>
  (await process.metrics()).sum('weft_instance_streams_open');

test('of the streams of a killed replica those that were answered are UNAVAILABLE at once, and the others move on', async (t) => {
  const write = (repository: string): Promise<void> => writeStreamingModel(repository, 'm', slots(120));
  const mesh = await startStreamProcesses(t, { worker: 'streaming', replicas: 2, write });
  const [victim, survivor] = mesh.replicas as [StreamProcess, StreamProcess];
  const answered = Array.from({ length: 100 }, (_, index) => generate(mesh.client, `wait kill-${index}`));
  for (const call of answered) assert.notEqual(await call.next(), undefined);
  const [of, others] = [await openAt(victim), await openAt(survivor)];
  assert.equal(of + others, 100);
  const large = ` ${'x'.repeat(2 * 1024 * 1024)}`;
  const prompts = Array.from({ length: 20 }, (_, index) => `after 1500${index % 8 === 0 ? large : ''}`);
  const unanswered = prompts.map((prompt) => generate(mesh.client, prompt));
  await until(async () => (await openAt(victim)) + (await openAt(survivor)) === 120);

  const killedMs = performance.now();
  victim.child.kill('SIGKILL');
  let ended = 0;
  const ends = answered.map(async (call) => {
    await call.rest();
    ended++;
    return { result: await call.result(), ms: performance.now() - killedMs };
  });
  for (const call of unanswered) assert.equal((await call.rest()).length, 1, await call.result());
  const movedMs = performance.now() - killedMs;
  assert.equal(ended, of, 'streams of the other replica go on');
  for (const call of answered) call.cancel();
  const lost = (await Promise.all(ends)).filter(({ result }) => !result.startsWith('CANCELLED'));
  const slowest = Math.max(...lost.map(({ ms }) => ms));
  t.diagnostic(
    `${of} streams ended within ${slowest.toFixed(0)} ms; 20 moved on and were done after ${movedMs.toFixed(0)} ms`,
  );
  assert.equal(lost.length, of);
  for (const { result } of lost) assert.match(result, /^UNAVAILABLE the replica was lost/);
  assert.ok(slowest < 3000, `${slowest} ms`);
});

test('of the streams of a crashed instance those that were not answered move on', async (t) => {
  const apart = 'parameters { key: "weft.isolation" value { string_value: "process" } }';
  const write = (repository: string): Promise<void> => writeStreamingModel(repository, 'm', `${slots(20)}\n${apart}`);
  const mesh = await startStreamProcesses(t, { worker: 'streaming', replicas: 2, write });
  const unanswered = Array.from({ length: 10 }, () => generate(mesh.client, 'after 1500'));
  await until(async () => (await openAt(mesh.replicas[0] as StreamProcess)) === 5);
  const cause = generate(mesh.client, 'fall');
  assert.notEqual(await cause.next(), undefined);
  await cause.rest();
  assert.match(await cause.result(), /^UNAVAILABLE the instance of model 'm' crashed/);
  for (const call of unanswered) assert.equal((await call.rest()).length, 1, await call.result());
});

test('of two routers each gives its stream to a replica that is free, and one that waits gets the slot that the other gives back', async (t) => {
  const write = (repository: string): Promise<void> => writeStreamingModel(repository, 'm', slots(1));
  const mesh = await startStreamProcesses(t, { worker: 'streaming', replicas: 2, routers: 2, write });
  const [one, other] = mesh.clients as [Dialled, Dialled];
  const held = [generate(one, 'wait one'), generate(other, 'wait other')];
  for (const call of held) assert.notEqual(await call.next(), undefined);
  const waiting = generate(other, 'count 1 1 waiting');
  held[0]?.cancel();
  assert.equal((await waiting.rest()).length, 1, await waiting.result());
  held[1]?.cancel();
});

const stoppedMs = process.env['WEFT_LONG_TESTS'] === undefined ? 4_000 : 60_000;
/** HTTP/2's flow-control window: what is kept on the whole way stays under it, and one message for each hop. */
const windowBytes = 64 * 1024;
const hops = ['client and router', 'router and service', 'service and worker'];

test('for a client that stops reading little is kept, and nobody else notices', async (t) => {
  const write = (repository: string): Promise<void> => writeStreamingModel(repository, 'm', slots(8));
  const mesh = await startStreamProcesses(t, { worker: 'streaming', replicas: 1, write });
  const [service] = mesh.replicas as [StreamProcess];
  const messageBytes = 20_000;
  // So that what is measured is not the code that is compiled meanwhile.
  const warm = (): Promise<unknown> => generate(mesh.client, `count 3000 ${messageBytes} warm`).rest();
  await warm();
  await warm();
  const memory = (): number[] => [mesh.router, service].map((each) => each.residentMb());
  const before = memory();
  const stopped = generate(mesh.client, `count 100000 ${messageBytes} stopped`);
  assert.notEqual(await stopped.next(), undefined);
  const most = [0, 0, 0];
  let mostAtOnce = 0;
  const untilMs = performance.now() + stoppedMs;
  let others = 0;
  let slowestMs = 0;
  while (performance.now() < untilMs) {
    const startMs = performance.now();
    assert.equal((await generate(mesh.client, `count 20 ${messageBytes} other`).rest()).length, 20);
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
    others++;
    const [atRouter, atService] = await Promise.all([mesh.router.metrics(), service.metrics()]);
    const kept = [
      atRouter.sum('weft_stream_unsent_bytes'),
      atService.sum('weft_stream_unsent_bytes'),
      atService.sum('weft_instance_stream_buffered_bytes'),
    ];
    mostAtOnce = Math.max(
      mostAtOnce,
      kept.reduce((sum, bytes) => sum + bytes, 0),
    );
    for (const [index, bytes] of kept.entries()) most[index] = Math.max(most[index] as number, bytes);
    await sleep(100);
  }
  const grown = memory().map((mb, index) => mb - (before[index] as number));
  stopped.cancel();
  t.diagnostic(
    `kept at the router ${most[0]}, at the service ${most[1]} and ${most[2]} bytes; memory ${grown.map((mb) => mb.toFixed(1)).join(' and ')} MB more; ` +
      `${others} other streams, the slowest ${slowestMs.toFixed(0)} ms`,
  );
  for (const bytes of most) assert.ok(bytes > 0, 'every place keeps something');
  assert.ok(mostAtOnce <= windowBytes + hops.length * messageBytes, `${mostAtOnce} bytes`);
  for (const mb of grown) assert.ok(mb < 16, `${mb} MB`);
  await until(async () => (await openAt(service)) === 0);
});

test('1,000 streams that are cancelled at random points leave no slot, no file and no memory taken', async (t) => {
  const write = (repository: string): Promise<void> => writeStreamingModel(repository, 'm', slots(64));
  const mesh = await startStreamProcesses(t, { worker: 'streaming', replicas: 1, write });
  const [service] = mesh.replicas as [StreamProcess];
  const both = [mesh.router, service];
  const files = (): number[] => both.map(({ child }) => readdirSync(`/proc/${child.pid}/fd`).length);
  const round = async (count: number, seed: number): Promise<void> => {
    const calls = Array.from({ length: count }, async (_, index) => {
      const call = openStream<VideoResult__Output>(mesh.client, videoPath);
      // Not random, but every point occurs: before anything, in line, between messages, after the end of the requests.
      const steps = (index * 7 + seed) % 6;
      for (let frameId = 1; frameId <= steps; frameId++) {
        call.send({ model: 'm', frameId });
        if (frameId % 2 === 0) await call.next();
      }
      if (steps === 5) call.end();
      // grpc-js never tells the server of a call that is cancelled in the turn of its first message.
      await new Promise(setImmediate);
      call.cancel();
    });
    await Promise.all(calls);
    await until(async () => {
      const open = await Promise.all(both.map(async (each) => (await each.metrics()).sum('weft_streams_open')));
      return open.every((streams) => streams === 0) && (await openAt(service)) === 0;
    });
  };
  for (let seed = 0; seed < 3; seed++) await round(500, seed);
  const [memory, open] = [both.map((each) => each.residentMb()), files()];
  const later: number[][] = [];
  for (let seed = 0; seed < 4; seed++) {
    await round(500, seed);
    later.push(both.map((each, index) => each.residentMb() - (memory[index] as number)));
  }
  // What leaks stays after the last two rounds as well; garbage that waits for its collector does not.
  const grown = both.map((_, index) => Math.min(...later.slice(-2).map((each) => each[index] as number)));
  t.diagnostic(
    `memory ${grown.map((mb) => mb.toFixed(1)).join(' and ')} MB more, files ${open.join()} → ${files().join()}`,
  );
  for (const [index, count] of files().entries()) assert.ok(count <= (open[index] as number) + 2, `${count} files`);
  for (const mb of grown) assert.ok(mb < 16, `${mb} MB`);
  const all = Array.from({ length: 64 }, (_, index) => generate(mesh.client, `wait slot-${index}`));
  for (const call of all) assert.notEqual(await call.next(), undefined);
  for (const call of all) call.cancel();
});
