import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PipeEnd, StreamCounts } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import { ManualClock } from '@weft/flow';
import { epochMs } from '@weft/telemetry';
import type { InstanceHost } from '../executor/instance-host.ts';
import type { InstanceStream } from './instance-streams.ts';
import { VersionStreams } from './version-streams.ts';

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
};

/** An instance whose streams answer what they are given, and fail with what they are given. */
function instance() {
  const opened: InstanceStream[] = [];
  const streams: { next?: (answer: Buffer | WeftError) => void }[] = [];
  async function* stream(given: InstanceStream): AsyncGenerator<Buffer, void, undefined> {
    opened.push(given);
    const own: (typeof streams)[number] = {};
    streams.push(own);
    for (;;) {
      const answer = await new Promise<Buffer | WeftError>((resolve) => {
        own.next = resolve;
        given.signal.addEventListener('abort', () => resolve(given.signal.reason), { once: true });
      });
      if (answer instanceof WeftError) throw answer;
      yield answer;
    }
  }
  return { host: { stream } as unknown as InstanceHost, opened, streams };
}

function start(slots = 1) {
  const clock = new ManualClock();
  const counts: StreamCounts = { responded() {}, streamed() {} };
  const streams = new VersionStreams({ model: 'm', version: '1', clock, counts });
  const one = instance();
  streams.setInstances(new Map([[one.host, slots]]));
  const open = ({ deadlineMs = Number.POSITIVE_INFINITY, tellBegun = false } = {}) => {
    const told: string[] = [];
    const ends: PipeEnd[] = [];
    const terms = { model: 'm', version: '1', method: '/a.B/C', traceparent: '', tenant: '', priority: 0 };
    const pipe = streams.open(
      { ...terms, deadlineMs, tellBegun },
      {
        onResponse: (response) => void told.push(response.toString()),
        onRoom() {},
        onBegun: () => void told.push('begun'),
        onEnd: (end) => void ends.push(end),
      },
    );
    pipe.read();
    return { pipe, told, ends };
  };
  return { ...one, clock, open, versionStreams: streams };
}

const crash = new WeftError('UNAVAILABLE', 'crashed');

test('a stream is told as begun when an instance has it, to who asked', async () => {
  const { open } = start();
  const [asks, waits] = [open({ tellBegun: true }), open({ tellBegun: true })];
  await turns();
  assert.deepEqual([asks.told, waits.told], [['begun'], []]);
});

test('the worker is told the time that is left after the wait in line', async () => {
  const { clock, open, opened } = start();
  open();
  await turns();
  open({ deadlineMs: clock.now() + 1000 });
  await turns();
  clock.advance(900);
  const untilMs = epochMs() + 100;
  opened[0]?.onEnded(false);
  await turns();
  const told = opened[1]?.start.deadlineMs ?? Number.NaN;
  assert.ok(Math.abs(told - untilMs) < 90, `${told - untilMs} ms late`);
});

test('a stream whose instance died may move as long as it was not answered', async () => {
  const { open, opened, streams } = start(2);
  const answered = open();
  const unanswered = open();
  await turns();
  streams[0]?.next?.(Buffer.from('x'));
  await turns();
  assert.deepEqual(answered.told, ['x']);
  answered.pipe.read();
  await turns();
  for (const [index, { next }] of streams.entries()) {
    opened[index]?.onEnded(true);
    next?.(crash);
  }
  await turns();
  assert.deepEqual(
    [answered, unanswered].map(({ ends }) => ends.map(({ move }) => move)),
    [[undefined], ['crashed']],
  );
});

test('a stream that fails by itself does not move', async () => {
  const { open, opened, streams } = start();
  const { ends } = open();
  await turns();
  opened[0]?.onEnded(false);
  streams[0]?.next?.(crash);
  await turns();
  assert.deepEqual(ends, [{ error: crash, move: undefined }]);
});

test('streams that outlast an unloaded version end, and say why; without a limit they go on', async () => {
  for (const graceMs of [60_000, 0]) {
    const { open, opened, clock, versionStreams } = start(2);
    const { ends } = open();
    await turns();
    const finished = versionStreams.finish(graceMs);
    clock.advance(59_000);
    await turns();
    assert.equal(ends.length, 0);
    clock.advance(1_000);
    await turns();
    const text = "model 'm' version 1 ends its streams: it was unloaded 1m ago (--stream-grace)";
    assert.deepEqual(
      ends.map(({ error, move }) => [error?.code, error?.message, move]),
      graceMs === 0 ? [] : [['UNAVAILABLE', text, undefined]],
    );
    assert.equal(opened[0]?.signal.aborted, graceMs > 0);
    finished();
  }
});
