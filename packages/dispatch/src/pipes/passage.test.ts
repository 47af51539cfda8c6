import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import type { VersionView } from '../replicas/inventory.ts';
import { silentObserver, startEngine, turns } from '../testing/start-engine.ts';
import { Passage, type Ways } from './passage.ts';
import { KeptBytes } from './kept-bytes.ts';
import type { MoveReason, PipeListener } from './pipe.ts';
import { SlotQueue } from './slot-queue.ts';
import { VersionPlaces } from './version-places.ts';

const method = '/a.B/Stream';
const view = {
  model: 'm',
  version: '3',
  entry: { name: 'm', version: '3', methods: [], streamMethods: [method] },
} as unknown as VersionView;
const ended = (move: MoveReason) => ({ error: new WeftError('UNAVAILABLE', move), move });
const lost = ended('lost');

/** A stream and its replicas, which only note what they are told. */
function started({ first = 'a', slots = 1, reaches = true, requestStream = true, mostKept = 100 } = {}) {
  const told: string[] = [];
  const pipes: PipeListener[] = [];
  const { clock } = startEngine();
  const queue = new SlotQueue<string>({ clock, model: 'm', maxWaiting: 4 });
  const places = new VersionPlaces({ clock, queue, observer: silentObserver.lane('m', '3') });
  places.setPlaces(new Map([['x', slots]]));
  const streamed: (string | undefined)[] = [];
  const budget = new KeptBytes(mostKept);
  const asked: boolean[] = [];
  const ends: (string | undefined)[] = [];
  const ways: Ways = {
    clock,
    budget,
    resolve: () => view,
    tallyOf: () => ({ responded() {}, streamed: (_stream, _drawn, code) => void streamed.push(code) }),
    placesOf: () => places,
    reached: () => (start, listener) => {
      asked.push(start.tellBegun);
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
    ...{ priority: 0, first: Buffer.from(first), requestStream },
  };
  const passage = new Passage(ways, call, {
    onResponse: (response) => void told.push(`heard ${response.toString()}`),
    onRoom: () => void told.push('room'),
    onEnd(error) {
      told.push(`end ${error?.code ?? 'OK'}`);
      ends.push(error?.message);
    },
  });
  const told_ = async (): Promise<string[]> => {
    await turns();
    return told.splice(0);
  };
  return { passage, pipes, queue, streamed, budget, asked, ends, told: told_ };
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

type Step = (stream: ReturnType<typeof started>) => void;

/** What it tells of its loss for that reason, after a step. */
async function after(step: Step, reason: MoveReason, how: Parameters<typeof started>[0] = {}): Promise<string[]> {
  const stream = started(how);
  await stream.told();
  step(stream);
  await stream.told();
  stream.pipes[0]?.onEnd(ended(reason));
  const told = await stream.told();
  stream.passage.cancel(new WeftError('CANCELLED', 'left'));
  assert.equal(stream.budget.kept, 0);
  return told;
}

const moved = ['2 a', 'room'];
const stays = ['end UNAVAILABLE'];

test('after a second message or an answer a stream does not move', async () => {
  assert.deepEqual(await after(({ passage }) => void passage.send(b), 'lost'), stays);
  assert.deepEqual(await after(({ pipes }) => pipes[0]?.onResponse(b), 'lost'), stays);
  assert.deepEqual(await after(({ pipes }) => pipes[0]?.onBegun(), 'lost'), moved);
});

test('a stream that no instance ever had is told again whole, whatever was sent meanwhile', async () => {
  assert.deepEqual(await after(({ passage }) => void passage.send(b), 'unbegun'), ['2 a', '2 b', 'room']);
  const begun: Step = ({ passage, pipes }) => {
    passage.send(b);
    pipes[0]?.onBegun();
  };
  assert.deepEqual(await after(begun, 'unbegun'), stays);
});

test('a first message of any size moves as long as the budget of all streams has room, and until it is begun in any case', async () => {
  const nothing: Step = () => {};
  const begun: Step = ({ pipes }) => pipes[0]?.onBegun();
  const large = { first: 'a'.repeat(50), requestStream: false };
  assert.deepEqual(await after(nothing, 'lost', large), [`2 ${large.first}`, 'room']);
  const over = { ...large, mostKept: 49 };
  assert.deepEqual(await after(nothing, 'unbegun', over), [`2 ${large.first}`, 'room']);
  assert.deepEqual(await after(begun, 'lost', over), stays);
});

test('a replica is asked to say when a stream has begun only where that matters', async () => {
  const cases = [{ requestStream: true }, { requestStream: false }, { requestStream: false, mostKept: 0 }];
  for (const [index, expected] of [true, false, true].entries()) {
    const { asked, told } = started({ slots: 2, ...cases[index] });
    await told();
    assert.deepEqual(asked, [expected]);
  }
});

test('a stream whose instance crashed before it answered moves on, once', async () => {
  const { pipes, told } = started();
  await told();
  pipes[0]?.onEnd(ended('crashed'));
  assert.deepEqual(await told(), moved);
  pipes[1]?.onEnd(ended('crashed'));
  assert.deepEqual(await told(), stays);
  assert.deepEqual(await after(({ pipes: [first] }) => first?.onResponse(b), 'crashed'), stays);
});

test('a stream that finds no other place ends with how it lost the one that it had', async () => {
  const { pipes, ends, told } = started();
  await told();
  for (const reason of ['crashed', 'unbegun', 'unbegun'] as const) {
    pipes.at(-1)?.onEnd(ended(reason));
    await told();
  }
  assert.deepEqual([pipes.length, ends], [3, ['crashed']]);
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
  pipes[0]?.onEnd({ error: undefined, move: undefined });
  assert.deepEqual([await told(), queue.open, streamed], [['end OK'], 0, [undefined]]);
});
