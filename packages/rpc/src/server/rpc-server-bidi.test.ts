import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import { WeftError } from '@weft/errors';
import { rpcMethod } from '../protos.ts';
import { collect, startCallServer } from '../testing/call-server.ts';

const push = '/weft.router.v1.Admin/Push';
const { encodeRequest, decodeResponse } = rpcMethod(push);

interface PushRequest {
  readonly piece?: Buffer;
}

type Answer = (requests: AsyncIterable<PushRequest>, signal: AbortSignal) => AsyncIterable<object>;

async function pushing(t: TestContext, answer: Answer) {
  const calls = await startCallServer((server) =>
    server.bidi<PushRequest, object>(push, (requests, _context, signal) => answer(requests, signal)),
  );
  t.after(() => calls.stop());
  return calls.bidi(push);
}

const piece = (size: number): Buffer => encodeRequest({ piece: Buffer.alloc(size) });

describe('a bidirectional stream of decoded messages', () => {
  test('answers while requests come, and ends when its handler does', async (t) => {
    const stream = await pushing(t, async function* (requests) {
      let storedBytes = 0;
      for await (const { piece: bytes } of requests) yield { storedBytes: (storedBytes += bytes?.length ?? 0) };
      yield { published: { version: '3' } };
    });
    const all = collect(stream);
    for (const size of [10, 20, 30]) stream.write(piece(size));
    stream.end();
    const { messages, ended } = await all;
    const said = messages.map((bytes) => decodeResponse(bytes as Buffer) as { storedBytes?: number; kind: string });
    assert.deepEqual(
      said.map(({ storedBytes, kind }) => storedBytes ?? kind),
      [10, 30, 60, 'published'],
    );
    assert.equal(ended, 'OK');
  });

  test('may end before the client does', async (t) => {
    const stream = await pushing(t, async function* (requests) {
      for await (const { piece: bytes } of requests) {
        yield { storedBytes: bytes?.length ?? 0 };
        return;
      }
    });
    stream.write(piece(5));
    const { messages, ended } = await collect(stream);
    assert.deepEqual([messages.length, ended], [1, 'OK']);
  });

  test('with a message that is none is INVALID_ARGUMENT, and what the handler throws is its end', async (t) => {
    const stream = await pushing(t, async function* (requests) {
      for await (const { piece: bytes } of requests) {
        if (bytes !== undefined) throw new WeftError('ALREADY_EXISTS', 'version 3 is another one');
        yield {};
      }
    });
    stream.write(piece(1));
    assert.equal((await collect(stream)).ended, 'ALREADY_EXISTS version 3 is another one');
    const second = await pushing(t, async function* (requests) {
      for await (const _ of requests) yield {};
    });
    second.write(Buffer.from([0xff]));
    assert.equal((await collect(second)).ended, 'INVALID_ARGUMENT malformed request message');
  });

  test('that the client leaves ends its handler, though it waits', async (t) => {
    const ended = withResolvers<string>();
    const stream = await pushing(t, async function* (requests) {
      try {
        for await (const _ of requests) yield { storedBytes: 1 };
      } catch (thrown) {
        ended.resolve((thrown as WeftError).code);
        throw thrown;
      }
    });
    stream.on('error', () => {});
    stream.write(piece(1));
    await once(stream, 'data');
    stream.cancel();
    assert.equal(await ended.promise, 'CANCELLED');
  });

  test('is read no faster than its handler takes it', async (t) => {
    const go = withResolvers<void>();
    let taken = 0;
    const stream = await pushing(t, async function* (requests) {
      await go.promise;
      for await (const { piece: bytes } of requests) taken += bytes?.length ?? 0;
      yield { storedBytes: taken };
    });
    const all = collect(stream);
    const size = 500_000;
    let accepted = 0;
    // Until the other side's windows are full, writes go through; then they wait.
    while (accepted < 100 && stream.write(piece(size))) accepted += 1;
    const stuck = await Promise.race([once(stream, 'drain').then(() => 'drained'), settledTurns()]);
    assert.equal(stuck, 'waits');
    go.resolve();
    stream.end();
    await all;
    assert.equal(taken, (accepted + 1) * size);
  });
});

/** Long enough for anything that is not held back to pass through loopback. */
async function settledTurns(): Promise<string> {
  for (let turn = 0; turn < 300; turn += 1) await new Promise(setImmediate);
  return 'waits';
}

/** Promise.withResolvers, which Node 20 has not got. */
function withResolvers<Value>(): { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
