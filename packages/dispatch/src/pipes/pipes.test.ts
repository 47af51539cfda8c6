import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import type { VersionView } from '../inventory.ts';
import { startEngine } from '../testing/start-engine.ts';
import { HeldRequests } from './held-requests.ts';
import type { OpenPipe, PipeStart } from './pipe.ts';
import { Pipes } from './pipes.ts';

const method = '/a.B/Stream';
const entry = {
  name: 'm',
  version: '3',
  state: 'MODEL_STATE_READY',
  methods: [],
  streamMethods: [method],
  streamSlots: 1,
};
const view = { model: 'm', version: '3', entry } as unknown as VersionView;

type Behaviour = 'answers' | 'lost' | 'lost after one' | 'crashed';

function start(replicas: Readonly<Record<string, Behaviour>>) {
  const asked: string[] = [];
  const heard: string[] = [];
  const state = { draining: false, models: [entry] };
  const views = new Map(Object.keys(replicas).map((key) => [key, { view: { connected: true, state } }]));
  const pipes = new Pipes({
    clock: startEngine().clock,
    maxWaiting: 4,
    resolve: () => view,
    replicas: () => views as never,
    tallyOf: () => ({ responded() {}, streamed() {} }),
  });
  for (const [key, behaviour] of Object.entries(replicas)) {
    const open: OpenPipe = (begun: PipeStart, requests) => {
      asked.push(`${key} ${begun.version}`);
      async function* responses(): AsyncGenerator<Buffer> {
        for await (const request of requests) {
          heard.push(`${key} ${request.toString()}`);
          if (behaviour === 'lost' || behaviour === 'crashed') throw new WeftError('UNAVAILABLE', behaviour);
          yield request;
          if (behaviour === 'lost after one') throw new WeftError('UNAVAILABLE', behaviour);
        }
      }
      return { responses: responses(), movable: () => behaviour !== 'crashed' };
    };
    pipes.reach(key, open);
  }
  const run = async (...requests: string[]): Promise<string> => {
    async function* later(): AsyncGenerator<Buffer> {
      for (const request of requests.slice(1)) yield Buffer.from(request);
    }
    const held = new HeldRequests(Buffer.from(requests[0] ?? ''), later());
    const terms = { deadlineMs: Number.POSITIVE_INFINITY, traceparent: '', tenant: '', priority: 0 };
    const { signal } = new AbortController();
    const answers: string[] = [];
    try {
      for await (const response of pipes.open({ model: 'm', version: '', method, ...terms, signal, requests: held }))
        answers.push(response.toString());
    } catch (thrown) {
      answers.push((thrown as WeftError).message);
    }
    return answers.join(' ');
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

test('a stream that was answered, or that crashed its instance, goes nowhere else', async () => {
  for (const behaviour of ['lost after one', 'crashed'] as const) {
    const { asked, run } = start({ a: behaviour, b: 'answers' });
    assert.match(await run('x'), new RegExp(`${behaviour}$`));
    assert.deepEqual(asked, ['a 3']);
  }
});

test('a stream that loses one replica after the other ends, and leaves no slot taken', async () => {
  const { asked, run } = start({ a: 'lost', b: 'lost' });
  assert.equal(await run('x'), 'lost');
  assert.equal(asked.length, 3);
  assert.equal(await run('y'), 'lost');
  assert.equal(asked.length, 6);
});
