import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import type { VersionView } from '../replicas/inventory.ts';
import { silentObserver, startEngine } from '../testing/start-engine.ts';
import { followPipe } from '../testing/follow-pipe.ts';
import type { MoveReason, OpenPipe } from './pipe.ts';
import { pipeOver } from './pipe-over.ts';
import { Pipes } from './pipes.ts';

const method = '/a.B/Stream';
const entry = {
  name: 'm',
  version: '3',
  state: 'MODEL_STATE_READY',
  methods: [],
  streamMethods: [method],
  streamSlots: 1,
  config: null,
};
const view = { model: 'm', version: '3', entry } as unknown as VersionView;

type Behaviour = 'answers' | 'lost' | 'lost after one' | 'crashed' | 'failed';

const reasons: Partial<Record<Behaviour, MoveReason>> = { lost: 'lost', 'lost after one': 'lost', crashed: 'crashed' };

function start(replicas: Readonly<Record<string, Behaviour>>) {
  const asked: string[] = [];
  const heard: string[] = [];
  const state = { draining: false, models: [entry] };
  const views = new Map(
    Object.keys(replicas).map((key) => [key, { view: { connected: true, state }, attachments: new Map() }]),
  );
  const pipes = new Pipes({
    clock: startEngine().clock,
    maxQueueSize: 4,
    maxQueueBytes: 100,
    resolve: () => view,
    replicas: () => views as never,
    tallyOf: () => ({ responded() {}, streamed() {} }),
    observerOf: () => silentObserver.lane('m', '3'),
  });
  for (const [key, behaviour] of Object.entries(replicas)) {
    const open: OpenPipe = (begun, listener) => {
      asked.push(`${key} ${begun.version}`);
      async function* responses(requests: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
        for await (const request of requests) {
          heard.push(`${key} ${request.toString()}`);
          if (behaviour === 'lost' || behaviour === 'crashed' || behaviour === 'failed')
            throw new WeftError('UNAVAILABLE', behaviour);
          yield request;
          if (behaviour === 'lost after one') throw new WeftError('UNAVAILABLE', behaviour);
        }
      }
      const move = (): MoveReason | undefined => reasons[behaviour];
      return pipeOver((requests) => ({ responses: responses(requests), move }), listener);
    };
    pipes.reach(key, open);
  }
  const run = async (...requests: string[]): Promise<string> => {
    const [first = Buffer.alloc(0), ...later] = requests.map((request) => Buffer.from(request));
    const terms = { deadlineMs: Number.POSITIVE_INFINITY, traceparent: '', tenant: '', priority: 0 };
    const call = { model: 'm', version: '', method, ...terms, first, requestStream: true };
    const { responses, error } = await followPipe((listener) => pipes.open(call, listener), later);
    return [...responses.map(String), ...(error === undefined ? [] : [error.message])].join(' ');
  };
  return { asked, heard, run };
}

test('a stream goes to one replica, as the version that was resolved', async () => {
  const { asked, run } = start({ a: 'answers' });
  assert.equal(await run('x', 'y', 'z'), 'x y z');
  assert.deepEqual(asked, ['a 3']);
});

test('a stream whose replica is lost before it answered goes to another one, which hears all of it', async () => {
  const { heard, run } = start({ a: 'lost', b: 'answers' });
  assert.equal(await run('x', 'y'), 'x y');
  assert.deepEqual(heard, ['a x', 'b x', 'b y']);
});

test('a stream that was answered, or failed by itself, goes nowhere else', async () => {
  for (const behaviour of ['lost after one', 'failed'] as const) {
    const { asked, run } = start({ a: behaviour, b: 'answers' });
    assert.match(await run('x'), new RegExp(`${behaviour}$`));
    assert.deepEqual(asked, ['a 3']);
  }
});

test('a stream that crashes every instance gets two of them', async () => {
  const { asked, run } = start({ a: 'crashed', b: 'crashed', c: 'answers' });
  assert.equal(await run('x'), 'crashed');
  assert.deepEqual(asked, ['a 3', 'b 3']);
});

test('a stream that loses one replica after the other ends, and leaves no slot taken', async () => {
  const { asked, run } = start({ a: 'lost', b: 'lost' });
  assert.equal(await run('x'), 'lost');
  assert.equal(asked.length, 3);
  assert.equal(await run('y'), 'lost');
  assert.equal(asked.length, 6);
});
