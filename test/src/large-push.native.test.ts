// A push far larger than what a router may hold of it: its memory does not grow with the files that pass through.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js';
import type { ArtifactDepot, EventLog } from '@weft/models';
import { MemoryEventLog } from '@weft/models/testing';
import { rpcMethod } from '@weft/rpc';
import type { PushResponse__Output } from '@weft/rpc/messages/weft/router/v1/PushResponse';
import { dial } from './testing/dial.ts';
import { startRouterOver } from './testing/local-mesh.ts';

const MiB = 2 ** 20;
const pieceBytes = MiB / 2;
const fileBytes = 256 * MiB;
/** What may be on its way at once, on both sides of the connection, for both are in this process. */
const mostHeldBytes = 48 * MiB;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Keeps nothing, and tells the most bytes that were alive while files came. */
function measuringDepot() {
  let mostBytes = 0;
  let received = 0;
  const depot: ArtifactDepot = {
    has: () => Promise.resolve(false),
    async put(_file, content) {
      let next = 0;
      for await (const piece of content) {
        received += piece.length;
        if (received < next) continue;
        next = received + 16 * MiB;
        collectGarbage();
        mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers);
      }
    },
    async *get() {},
  };
  return { depot, mostBytes: () => mostBytes, received: () => received };
}

test('a router that passes on a push of 256 MiB holds no more than what is on its way', async (t) => {
  const { depot, mostBytes, received } = measuringDepot();
  const memory = new MemoryEventLog();
  const eventLog: EventLog = {
    artifacts: depot,
    append: (event) => memory.append(event),
    follow: (follower) => memory.follow(follower),
    close: () => memory.close(),
  };
  const router = await startRouterOver([], { eventLog });
  const to = dial(router.address);
  t.after(async () => {
    to.close();
    await router.stop();
  });
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  const path = '/weft.router.v1.Admin/Push';
  const method = rpcMethod(path);
  const stream: ClientDuplexStream<object, PushResponse__Output> = to.client.makeBidiStreamRequest(
    path,
    (request: object) => method.encodeRequest(request),
    (response: Buffer) => method.decodeResponse(response) as PushResponse__Output,
  );
  const ended = new Promise<string>((resolve) => {
    stream.once('error', (error: ServiceError) => resolve(`${status[error.code]} ${error.details}`));
    stream.once('end', () => resolve('OK'));
  });
  const sha256 = createHash('sha256').update('whatever').digest('hex');
  const wanted = once(stream, 'data');
  stream.write({ manifest: { name: 'm', files: [{ path: 'model.onnx', sha256, size: fileBytes }] } });
  await wanted;
  stream.resume();
  const piece = Buffer.alloc(pieceBytes, 1);
  for (let sent = 0; sent < fileBytes; sent += pieceBytes)
    if (!stream.write({ piece })) await Promise.race([once(stream, 'drain'), ended]);
  stream.end();
  assert.equal(await ended, 'OK');
  assert.equal(received(), fileBytes);
  const heldBytes = mostBytes() - before;
  t.diagnostic(`at most ${(heldBytes / MiB).toFixed(0)} MiB were alive`);
  assert.ok(heldBytes < mostHeldBytes, `${heldBytes}`);
});
