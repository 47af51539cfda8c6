import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import type { VersionView } from '../inventory.ts';
import { startEngine, turns } from '../testing/start-engine.ts';
import { Passage, type Ways } from './passage.ts';
import type { PipeListener } from './pipe.ts';
import { SlotQueue } from './slot-queue.ts';

const method = '/a.B/Stream';
const view = {
  model: 'm',
  version: '3',
  entry: { name: 'm', version: '3', methods: [], streamMethods: [method] },
} as unknown as VersionView;
const lost = { error: new WeftError('UNAVAILABLE', 'lost'), movable: true };

/** A stream and its replicas, which only note what they are told. */
function started({ first = 'a', slots = 1, reaches = true } = {}) {
  const told: string[] = [];
  const pipes: PipeListener[] = [];
  const { clock } = startEngine();
  const queue = new SlotQueue<string>({ clock, model: 'm', maxWaiting: 4 });
  queue.setPlaces(new Map([['x', slots]]));
  const streamed: (string | undefined)[] = [];
  const ways: Ways = {
    clock,
    resolve: () => view,
    tallyOf: () => ({ responded() {}, streamed: (_stream, _drawn, code) => void streamed.push(code) }),
    queueOf: () => queue,
    reached: () => (_start, listener) => {
      if (!reaches) throw new Error('the channel is closed');
      const id = pipes.push(listener);
      return {
        send: (message) => told.push(`${id} ${message.toString()}`) > 0,
        halfClose: () => void told.push(`${id} half-close`),
        read: () => void told.push(`${id} read`),
        cancel: (reason) => void told.push(`${id} cancel ${reason.code}`),
      };
    },
  };
  const call = {
    ...{ model: 'm', version: '', method, deadlineMs: Number.POSITIVE_INFINITY, traceparent: '', tenant: '' },
    ...{ priority: 0, first: Buffer.from(first) },
  };
  const passage = new Passage(ways, call, {
    onResponse: (response) => void told.push(`heard ${response.toString()}`),
    onRoom: () => void told.push('room'),
    onEnd: (error) => void told.push(`end ${error?.code ?? 'OK'}`),
  });
  const told_ = async (): Promise<string[]> => {
    await turns();
    return told.splice(0);
  };
  return { passage, pipes, queue, streamed, told: told_ };
}

const b = Buffer.from('b');

test('the listener is told nothing before it has the stream', async () => {
  const { passage, told } = started();
  passage.read();
  assert.deepEqual(await told(), ['1 a', '1 read', 'room']);
});

test('a stream that is lost before it was answered is told again, with its read and its half-close', async () => {
  const { passage, pipes, told } = started();
  passage.read();
  passage.halfClose();
  await told();
  pipes[0]?.onEnd(lost);
  assert.deepEqual(await told(), ['2 a', '2 read', '2 half-close']);
});

test('a message that comes between two replicas goes to the second one, and keeps it there', async () => {
  const { passage, pipes, told } = started();
  await told();
  pipes[0]?.onEnd(lost);
  assert.equal(passage.send(b), false);
  assert.deepEqual(await told(), ['2 a', '2 b', 'room']);
  pipes[1]?.onEnd(lost);
  assert.deepEqual(await told(), ['end UNAVAILABLE']);
});

test('after a second message, an answer, or a first message over 1 MiB it does not move', async () => {
  const steps = [
    ({ passage }: ReturnType<typeof started>) => void passage.send(b),
    ({ pipes }: ReturnType<typeof started>) => pipes[0]?.onResponse(b),
    () => {},
  ];
  for (const [index, step] of steps.entries()) {
    const stream = started({ first: index === 2 ? 'a'.repeat(1024 * 1024 + 1) : 'a' });
    await stream.told();
    step(stream);
    await stream.told();
    stream.pipes[0]?.onEnd(lost);
    assert.deepEqual(await stream.told(), ['end UNAVAILABLE']);
  }
});

test('who cancels is told nothing more, and frees the slot, in line and with a replica', async () => {
  for (const slots of [0, 1]) {
    const { passage, queue, streamed, told } = started({ slots });
    await told();
    passage.cancel(new WeftError('CANCELLED', 'left'));
    passage.cancel(new WeftError('INTERNAL', 'again'));
    assert.deepEqual(await told(), slots === 0 ? [] : ['1 cancel CANCELLED']);
    assert.deepEqual([queue.open, queue.waiting, streamed], [0, 0, ['CANCELLED']]);
  }
});

test('a replica that cannot be reached any more frees the slot, and is the end', async () => {
  const { queue, streamed, told } = started({ reaches: false });
  assert.deepEqual([await told(), queue.open, streamed], [['end INTERNAL'], 0, ['INTERNAL']]);
});

test('the end frees the slot and is counted once', async () => {
  const { pipes, queue, streamed, told } = started();
  await told();
  pipes[0]?.onEnd({ error: undefined, movable: false });
  assert.deepEqual([await told(), queue.open, streamed], [['end OK'], 0, [undefined]]);
});
