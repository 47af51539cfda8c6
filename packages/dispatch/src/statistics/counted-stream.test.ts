import { streamInferPath } from '@weft/rpc';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import { pipeOver } from '../pipes/pipe-over.ts';
import { OutcomeWindow } from '../rollout/version-tally.ts';
import { followPipe } from '../testing/follow-pipe.ts';
import { FakeReplica } from '../testing/fake-replica.ts';
import { startEngine, turns } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';
import { emptyFinalResponse, streamResponse } from '../streams/stream-response.ts';
import { StatisticsBook } from './statistics-book.ts';
import { statisticsMessage } from './statistics-message.ts';

type Scenario = (clock: { advance(ms: number): void }) => AsyncGenerator<Buffer, void, undefined>;

const response = (): Buffer => Buffer.from(streamResponse(Buffer.alloc(0), undefined));

const gone = new WeftError('CANCELLED', 'the client has gone');

/** A model version with one replica whose streams do as the scenario says. */
async function withStreams(scenario: Scenario, method = streamInferPath) {
  const started = startEngine();
  const { engine, clock, statistics } = started;
  const streams = { streamMethods: [method], streamSlots: 1 };
  engine.updateReplica('a', replicaState([version('m', '1', streams)]), new FakeReplica().open);
  engine.pipes.reach('a', (_start, listener) =>
    pipeOver(() => ({ responses: scenario(clock), move: () => undefined }), listener),
  );
  await turns();
  const drain = async (leaveAfter?: number): Promise<string> => {
    const terms = { deadlineMs: Number.POSITIVE_INFINITY, traceparent: '', tenant: '', priority: 0 };
    const call = { model: 'm', version: '', method, ...terms, first: Buffer.alloc(1), requestStream: false };
    const leave = leaveAfter === undefined ? undefined : { after: leaveAfter, reason: gone };
    const { error } = await followPipe((listener) => engine.pipes.open(call, listener), [], leave);
    return error?.code ?? 'OK';
  };
  return { ...started, drain, read: () => statisticsMessage(statistics, 'm', '1') };
}

const ms = (count: number, each: number) => ({ count, ns: count * each * 1e6 });
const none = { count: 0, ns: 0 };

test('a request of a decoupled model is one inference; its responses are counted by their place, and its empty end', async () => {
  const { drain, read } = await withStreams(async function* (clock) {
    clock.advance(3);
    yield response();
    clock.advance(5);
    yield response();
    clock.advance(1);
  });
  assert.equal(await drain(), 'OK');
  const { inferenceCount, executionCount, inferenceStats, batchStats, responseStats } = read();
  assert.deepEqual([inferenceCount, executionCount], [1, 1]);
  assert.deepEqual(
    [inferenceStats?.success, inferenceStats?.computeInfer, inferenceStats?.queue?.count],
    [ms(1, 9), ms(1, 9), 1],
  );
  assert.deepEqual(
    batchStats?.map(({ batchSize, computeInfer }) => [batchSize, computeInfer]),
    [[1, ms(1, 9)]],
  );
  assert.deepEqual(Object.keys(responseStats ?? {}), ['0', '1', '2']);
  assert.deepEqual([responseStats?.['0']?.success, responseStats?.['1']?.computeInfer], [ms(1, 3), ms(1, 5)]);
  assert.deepEqual([responseStats?.['2']?.success, responseStats?.['2']?.emptyResponse], [none, ms(1, 1)]);
});

test('a response that says it is the final one is followed by no empty one', async () => {
  const { drain, read } = await withStreams(async function* () {
    // Only the flag matters, which both messages have in the same place.
    yield Buffer.from(emptyFinalResponse('m', '1', '').subarray(2));
  });
  await drain();
  assert.deepEqual(Object.keys(read().responseStats ?? {}), ['0']);
});

test('what fails and what is cancelled is counted where it was, and by why', async () => {
  let fails = true;
  const { drain, read, statistics } = await withStreams(async function* (clock) {
    yield response();
    clock.advance(2);
    if (fails) throw new WeftError('INTERNAL', 'it broke');
    yield response();
  });
  assert.equal(await drain(), 'INTERNAL');
  fails = false;
  assert.equal(await drain(1), 'CANCELLED');
  const { inferenceStats, inferenceCount, responseStats } = read();
  assert.deepEqual([inferenceStats?.fail?.count, inferenceStats?.success?.count, inferenceCount], [2, 0, 0]);
  assert.deepEqual(statistics.of('m', '1').failures, { REJECTED: 0, CANCELED: 1, BACKEND: 1, OTHER: 0 });
  assert.deepEqual([responseStats?.['1']?.fail, responseStats?.['1']?.cancel?.count], [ms(1, 2), 1]);
});

test('places are counted up to a limit, however long a stream is; typed streams have none', async () => {
  for (const [method, places] of [
    [streamInferPath, 1001],
    ['/weft.nlp.v1.NlpService/Generate', 0],
  ] as const) {
    const { drain, read } = await withStreams(async function* () {
      for (let at = 0; at < 3000; at++) yield response();
    }, method);
    await drain();
    const { responseStats, inferenceStats } = read();
    assert.deepEqual([Object.keys(responseStats ?? {}).length, inferenceStats?.success?.count], [places, 1]);
  }
});

test('streams are compared as calls are, by their first response and by whether they fail', async () => {
  let count = 0;
  const { drain, engine, clock } = await withStreams(async function* (time) {
    time.advance(4);
    yield response();
    time.advance(1000);
    if (count++ === 0) throw new WeftError('UNAVAILABLE', 'it broke');
  });
  // Makes the tally, which the guard of canaries asks for.
  assert.equal(await drain(), 'UNAVAILABLE');
  const tally = engine.tallyOf('m', '1');
  assert.ok(tally);
  tally.window = new OutcomeWindow(60_000);
  count = 0;
  assert.deepEqual([await drain(), await drain()], ['UNAVAILABLE', 'OK']);
  const { calls, failed, p99Ms = 0 } = tally.window.read(clock.now());
  assert.deepEqual([calls, failed, tally.answered, tally.failed], [2, 1, 1, 2]);
  assert.ok(p99Ms > 3 && p99Ms < 6, `${p99Ms} ms`);
});

test('of the streams that a service computes itself, its own queue adds what they waited', () => {
  const book = new StatisticsBook(0, 0);
  const own = book.ofOwnQueue('m', '1');
  const stream = { rows: 1, enqueuedMs: 0, sentMs: 4, firstMs: 5, lastMs: 6, place: 1, endsEmpty: true } as const;
  own.streamed(stream as never, undefined, 9);
  own.streamed(stream as never, 'INTERNAL', 9);
  own.streamed({ ...stream, sentMs: undefined } as never, 'DEADLINE_EXCEEDED', 9);
  const { success, queue, fail, responses, rows } = book.of('m', '1');
  assert.deepEqual(
    [success, queue, fail.count, responses.size, rows].map((one) => (typeof one === 'number' ? one : one.ms)),
    [4, 4, 1, 0, 0],
  );
});
