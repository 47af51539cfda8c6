import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { refusal, WeftError } from '@weft/errors';
import { type CallContext, inferPath, type Reply, rpcMethod } from '@weft/rpc';
import type { Inventory } from '../replicas/inventory.ts';
import type { PassageListener } from '../pipes/passage.ts';
import { InferStream } from './infer-stream.ts';
import { streamLimit, unseenBytes } from './stream-account.ts';

const fewBeforeAnswers = streamLimit.bytes / unseenBytes;

interface AskedCall {
  readonly reply: Reply;
  cancelled: boolean;
}

interface OpenedPipe {
  readonly listener: PassageListener;
  reads: number;
  cancelled: boolean;
}

/** A stream whose calls and pipes the test answers, and whose client takes what the test reads. `refused`: each call is, at once. */
function started({ refused = false, decoupled = false, grpcError = false } = {}) {
  const calls: AskedCall[] = [];
  const pipes: OpenedPipe[] = [];
  const unsent = { bytes: 0, most: 0 };
  const gone = new AbortController();
  const client = requestsOf(gone.signal);
  const view = { version: '1', entry: { config: { modelTransactionPolicy: { decoupled } } } };
  const stream = new InferStream(
    {
      shuttle(_request, caller, reply) {
        const call: AskedCall = { reply, cancelled: false };
        calls.push(call);
        if (refused) reply(new WeftError('RESOURCE_EXHAUSTED', 'Exceeds maximum queue size'));
        caller.onCancelled(() => (call.cancelled = true));
      },
      stream(_request, listener) {
        const pipe: OpenedPipe = { listener, reads: 0, cancelled: false };
        pipes.push(pipe);
        return {
          send: () => true,
          halfClose() {},
          read: () => void pipe.reads++,
          cancel: () => void (pipe.cancelled = true),
        };
      },
      inventory: () => ({ shares: new Map([['m', [{ view }]]]) }) as unknown as Inventory,
      report() {},
      onUnsent(change) {
        unsent.bytes += change;
        unsent.most = Math.max(unsent.most, unsent.bytes);
      },
    },
    {
      ...{ path: '', identity: {}, deadlineMs: Number.POSITIVE_INFINITY, traceparent: '' },
      metadata: { get: () => [String(grpcError)] },
    } as unknown as CallContext,
  );
  const answers = stream.answer(client.requests(), gone.signal)[Symbol.asyncIterator]();
  return { calls, pipes, unsent, answers, client, leave: () => gone.abort() };
}

/** What a client sends; waits for more until it half-closes, and throws when it goes. */
function requestsOf(signal: AbortSignal) {
  const waiting: Buffer[] = [];
  let ended = false;
  let wake = (): void => {};
  signal.addEventListener('abort', () => wake());
  return {
    send(count: number) {
      for (let one = 0; one < count; one++) waiting.push(request);
      wake();
    },
    halfClose() {
      ended = true;
      wake();
    },
    async *requests(): AsyncGenerator<Buffer, void, undefined> {
      for (;;) {
        if (signal.aborted) throw refusal('CANCELLED', 'the client has gone');
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

const request = rpcMethod(inferPath).encodeRequest({ modelName: 'm', id: 'a' });

/** An answer of about so many bytes. */
const answerOf = (bytes: number): Buffer => Buffer.alloc(bytes);
const small = answerOf(10);

for (const decoupled of [false, true]) {
  const kind = decoupled ? 'decoupled' : 'ordinary';
  const asked = (stream: ReturnType<typeof started>) => (decoupled ? stream.pipes : stream.calls);

  test(`a client that half-closes and goes takes its requests to ${kind} models along`, async () => {
    const stream = started({ decoupled });
    const end = stream.answers.next();
    stream.client.send(3);
    stream.client.halfClose();
    await turn();
    assert.deepEqual(
      asked(stream).map(({ cancelled }) => cancelled),
      [false, false, false],
    );
    stream.leave();
    assert.deepEqual(
      asked(stream).map(({ cancelled }) => cancelled),
      [true, true, true],
    );
    assert.equal((await end).done, true);
  });

  test(`a client that goes while its stream is full takes its requests to ${kind} models along`, async () => {
    const stream = started({ decoupled });
    const end = stream.answers.next();
    stream.client.send(200);
    await turn();
    const all = asked(stream);
    assert.equal(all.length, fewBeforeAnswers);
    stream.leave();
    await end;
    await turn();
    assert.deepEqual([all.length, all.every(({ cancelled }) => cancelled)], [fewBeforeAnswers, true]);
  });
}

test('a request that comes in the turn in which its client goes is asked of nobody', async () => {
  const stream = started();
  const end = stream.answers.next();
  await turn();
  stream.client.send(1);
  stream.leave();
  await end;
  await turn();
  assert.equal(stream.calls.length, 0);
});

test('a request that is refused at once has nothing to cancel', async () => {
  const stream = started({ refused: true });
  stream.client.send(1);
  assert.equal((await stream.answers.next()).done, false);
  stream.leave();
  assert.equal(stream.calls[0]?.cancelled, false);
});

test('with triton_grpc_error a failure ends the stream in its turn, and nothing further is read', async () => {
  const stream = started({ grpcError: true });
  const first = stream.answers.next();
  stream.client.send(2);
  await turn();
  const [head, second] = stream.calls;
  second?.reply(refusal('NOT_FOUND', 'no such model'));
  stream.client.send(1);
  await turn();
  head?.reply(undefined, small);
  assert.equal((await first).done, false);
  await assert.rejects(stream.answers.next(), { code: 'NOT_FOUND' });
  stream.client.send(1);
  await turn();
  assert.equal(stream.calls.length, 3);
});

test('small answers let 128 requests in, and a reader that takes them lets further ones in', async () => {
  const stream = started();
  const first = stream.answers.next();
  stream.client.send(300);
  await turn();
  stream.calls[0]?.reply(undefined, small);
  await first;
  await turn();
  assert.equal(stream.calls.length, streamLimit.messages);
  for (const { reply } of stream.calls.slice(1)) reply(undefined, small);
  for (let taken = 0; taken < 100; taken++) await stream.answers.next();
  await turn();
  assert.equal(stream.calls.length, streamLimit.messages + 100);
});

test('answers that a stopped reader leaves are counted where they are, and let nothing further in', async () => {
  const stream = started();
  const size = 4 * 1024 * 1024;
  const end = stream.answers.next();
  stream.client.send(200);
  await turn();
  // The head is the slowest.
  for (const { reply } of stream.calls.slice(1)) reply(undefined, answerOf(size));
  await turn();
  assert.equal(stream.calls.length, fewBeforeAnswers);
  const held = (fewBeforeAnswers - 1) * size;
  assert.ok(stream.unsent.bytes >= held && stream.unsent.bytes < held + 1000, `${stream.unsent.bytes}`);
  stream.leave();
  assert.deepEqual([(await end).done, stream.unsent.bytes], [true, 0]);
});

test('once the size of answers is known, as many requests are in flight as their answers have room', async () => {
  const stream = started();
  const size = 8 * 1024 * 1024;
  const large = answerOf(size);
  stream.client.send(200);
  let answered = 0;
  for (let taken = 0; taken < 30; taken++) {
    const next = stream.answers.next();
    await turn();
    for (; answered < stream.calls.length; answered++) stream.calls[answered]?.reply(undefined, large);
    assert.equal((await next).done, false);
  }
  // Of those that came before the first answer nobody could know.
  const open = stream.calls.length - 30;
  assert.ok(open <= streamLimit.bytes / size && open > 1, `${open} in flight`);
  stream.leave();
});

test('requests whose responses are few and far between leave room for others, once one has shown its size', async () => {
  const stream = started({ decoupled: true });
  const first = stream.answers.next();
  stream.client.send(200);
  await turn();
  stream.pipes[0]?.listener.onResponse(small);
  await first;
  await turn();
  assert.equal(stream.pipes.length, streamLimit.messages);
});

test('the next response of a decoupled model is asked for when the client has taken the last', async () => {
  const stream = started({ decoupled: true });
  const first = stream.answers.next();
  stream.client.send(1);
  await turn();
  const [pipe] = stream.pipes;
  pipe?.listener.onResponse(answerOf(1000));
  await first;
  assert.deepEqual([pipe?.reads, stream.unsent.bytes], [1, 0]);
  const second = stream.answers.next();
  await turn();
  assert.equal(pipe?.reads, 2);
  pipe?.listener.onEnd(undefined);
  stream.client.halfClose();
  assert.deepEqual([(await second).done, stream.unsent.most >= 1000], [true, true]);
});
