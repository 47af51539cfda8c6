import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { WeftError } from '@weft/errors';
import { collect, startCallServer } from '../testing/call-server.ts';
import type { ServerStream, ServerStreamListener } from './server-stream.ts';

const path = '/weft.executor.v1.Executor/Pipe';

/** A call, and its stream at the server once it is there; what the stream hears is noted. */
async function opened(t: TestContext, listener: Partial<ServerStreamListener> = {}) {
  const heard: string[] = [];
  let accepted: (stream: ServerStream) => void = () => {};
  const stream = new Promise<ServerStream>((resolve) => (accepted = resolve));
  const unsent = { bytes: 0, most: 0 };
  const calls = await startCallServer(
    (server) =>
      server.stream(path, (given) => {
        given.listen({
          onMessage: (message) => void heard.push(`${message.length}`),
          onHalfClose: () => void heard.push('half-close'),
          onRoom: () => void heard.push('room'),
          onGone: () => void heard.push('gone'),
          ...listener,
        });
        accepted(given);
      }),
    {
      onUnsent(change) {
        unsent.bytes += change;
        unsent.most = Math.max(unsent.most, unsent.bytes);
      },
    },
  );
  t.after(() => calls.stop());
  return { call: calls.bidi(path), stream, heard, unsent, lines: calls.lines };
}

/** Long enough for anything that is not held back to pass through loopback. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
}

/** The responses of a client that has read one: one of grpc-js that has never read holds all that comes. */
async function reading(call: Readable, server: ServerStream): Promise<AsyncIterator<unknown>> {
  server.send(Buffer.alloc(1));
  const responses = call.iterator({ destroyOnReturn: false });
  await responses.next();
  return responses;
}

test('one message comes for each read, and then the half-close', async (t) => {
  const { call, stream, heard } = await opened(t);
  for (const size of [1, 2, 3]) call.write(Buffer.alloc(size));
  call.end();
  const server = await stream;
  for (const expected of [[], ['1'], ['1', '2'], ['1', '2', '3'], ['1', '2', '3', 'half-close']]) {
    await turns();
    assert.deepEqual(heard, expected);
    server.read();
  }
  const ended = collect(call);
  server.end();
  assert.equal((await ended).ended, 'OK');
});

test('a reader that asks from within hears all, however many come at once', async (t) => {
  let count = 0;
  const { call, stream } = await opened(t, {
    onMessage() {
      count++;
      void stream.then((server) => server.read());
    },
    onHalfClose: () => void stream.then((server) => server.end()),
  });
  for (let index = 0; index < 500; index++) call.write(Buffer.alloc(1));
  call.end();
  (await stream).read();
  assert.equal((await collect(call)).ended, 'OK');
  assert.equal(count, 500);
});

test('for a client that does not read the window and a message are kept, and there is room again when it reads', async (t) => {
  const { call, stream, heard, unsent } = await opened(t);
  call.write(Buffer.alloc(1));
  const server = await stream;
  const size = 50_000;
  const responses = await reading(call, server);
  let sent = 0;
  // Its own read-ahead and HTTP/2's window take some of it; then nothing leaves any more.
  for (let stuck = 0; stuck < 3; stuck = heard.splice(0).includes('room') ? 0 : stuck + 1) {
    if (stuck === 0) {
      // Each is larger than the window.
      assert.equal(server.send(Buffer.alloc(size)), false);
      sent++;
    }
    await turns();
  }
  assert.equal(unsent.most, size);
  let read = 0;
  for (; read < sent; read++) await responses.next();
  while (!heard.includes('room')) await turns();
  server.end();
  assert.equal((await responses.next()).done, true);
  assert.equal(unsent.bytes, 0);
});

test('who leaves is heard of once, and what was kept for it counts no more', async (t) => {
  const { call, stream, heard, unsent } = await opened(t);
  call.on('error', () => {});
  call.write(Buffer.alloc(1));
  const server = await stream;
  await reading(call, server);
  for (let sent = 0; sent < 10; sent++) server.send(Buffer.alloc(500_000));
  await turns();
  assert.ok(unsent.bytes > 0);
  call.cancel();
  while (!heard.includes('gone')) await turns();
  assert.deepEqual(
    [heard.filter((event) => event !== 'room'), unsent.bytes, server.send(Buffer.alloc(1))],
    [['gone'], 0, false],
  );
});

test('the first end counts, and a failure is logged as every other', async (t) => {
  const { call, stream, lines, heard } = await opened(t);
  call.write(Buffer.alloc(1));
  const ended = collect(call);
  const server = await stream;
  server.end(new WeftError('ABORTED', 'first'));
  server.end();
  assert.equal((await ended).ended, 'ABORTED first');
  assert.deepEqual([lines.map(({ code }) => code), heard], [['ABORTED'], []]);
});

test('a stream whose client has vanished without a word is gone when it answers no ping', async (t) => {
  let gone: () => void = () => {};
  const left = new Promise<void>((resolve) => (gone = resolve));
  let here: () => void = () => {};
  const arrived = new Promise<void>((resolve) => (here = resolve));
  const calls = await startCallServer(
    (server) =>
      server.stream(path, (given) => {
        given.listen({ onMessage() {}, onHalfClose() {}, onRoom() {}, onGone: () => gone() });
        here();
      }),
    { keepaliveMs: 60 },
  );
  t.after(() => calls.stop());
  const toServer = connect(calls.port, '127.0.0.1');
  const relay = createServer((toClient) => {
    toServer.once('close', () => toClient.destroy());
    toClient.pipe(toServer).pipe(toClient);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const client = new Client(`127.0.0.1:${(relay.address() as AddressInfo).port}`, credentials.createInsecure());
  const bytes = (message: Buffer): Buffer => message;
  client.makeBidiStreamRequest(path, bytes, bytes).on('error', () => {});
  t.after(() => {
    client.close();
    toServer.destroy();
    relay.close();
  });
  await arrived;
  // From here on nothing reaches the client, and nothing is reset.
  toServer.unpipe().pause();
  await left;
});
