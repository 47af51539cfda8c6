// Over a real gRPC connection to a replica that the test plays: reports, attach streams, loss and return.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ManualClock } from '@weft/flow';
import {
  createChannelCredentials,
  createGate,
  createServerCredentials,
  decodeRouterMessage,
  encodeCredit,
  encodeResult,
  type RawStream,
  RpcServer,
  readBatch,
} from '@weft/rpc';
import type { ReplicaState } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import { WeftError } from '@weft/errors';
import { createLog } from '@weft/telemetry';
import { RemoteReplica } from './remote-replica.ts';
import { silentObserver, startEngine, turns } from '../testing/start-engine.ts';
import { version } from '../testing/states.ts';

const silent = createLog({ level: 'silent', fields: {}, destination: { write: () => {} } });

interface Played {
  readonly port: number;
  readonly streams: RawStream[];
  /** Ends every report and stream, and frees the port. */
  stop(): Promise<void>;
}

/** A replica that serves `m`, grants one credit to whoever attaches and echoes what it is sent. */
async function play(port = 0, refusal?: WeftError): Promise<Played> {
  const gate = createGate({ boundToLoopback: true });
  const server = new RpcServer({
    gate,
    credentials: createServerCredentials({}).credentials,
    maxMessageBytes: 1e6,
    log: silent,
  });
  const streams: RawStream[] = [];
  const stopped = new AbortController();
  server.serverStream<object, ReplicaState>(
    '/weft.executor.v1.Executor/Watch',
    async function* (_request, _context, signal) {
      if (refusal !== undefined) throw refusal;
      yield { replicaId: 'r', service: 'custom', models: [version('m', '1')] };
      await once(AbortSignal.any([signal, stopped.signal]), 'abort');
    },
  );
  server.rawBidi('/weft.executor.v1.Executor/Attach', (stream) => {
    streams.push(stream);
    stream.on('data', (bytes: Buffer) => answer(stream, bytes));
    stream.once('end', () => stream.end());
  });
  return {
    port: await server.listen('127.0.0.1', port),
    streams,
    async stop() {
      stopped.abort();
      for (const stream of streams) stream.end();
      await server.stop(500);
    },
  };
}

function answer(stream: RawStream, bytes: Buffer): void {
  const message = decodeRouterMessage(bytes);
  if (message.kind === 'open') stream.write(encodeCredit('credit', '1', 0));
  if (message.kind !== 'batch') return;
  const { id, items } = readBatch(message.body);
  const times = { queueUs: 0, computeInputUs: 0, computeInferUs: 0, computeOutputUs: 0 };
  const results = items.map(({ payload }, index) => ({ index, outcome: payload, ...times }));
  stream.write(encodeResult({ batchId: id, items: results, undelivered: false, crashed: false, last: true }));
}

/** Follows a port with an engine; `contact` resolves at the first state or failure, `until` when a condition holds. */
function follow(t: TestContext, port: number) {
  const changes = new Set<() => void>();
  const clock = new ManualClock();
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const started = startEngine({
    clock,
    observer: { ...silentObserver, onInventory: () => changes.forEach((wake) => wake()) },
  });
  const contacts: number[] = [];
  const losses: number[] = [];
  const replica = new RemoteReplica({
    endpoint: `127.0.0.1:${port}`,
    routerId: 'router',
    credentials: createChannelCredentials({}),
    engine: started.engine,
    clock,
    log: createLog({ level: 'info', fields: {}, destination }),
    onFirstContact: () => {
      contacts.push(1);
      changes.forEach((wake) => wake());
    },
    onLost: () => void losses.push(1),
  });
  t.after(() => replica.stop());
  replica.start();
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          changes.delete(wake);
          resolve();
        };
        changes.add(wake);
      });
    }
  };
  return { ...started, clock, replica, contacts, losses, lines, until };
}

const events = (lines: readonly Record<string, unknown>[]) => lines.map((line) => line['event']);

test('calls reach a replica over the network, and its answers come back', async (t) => {
  const played = await play();
  t.after(() => played.stop());
  const { submit, replica, until } = follow(t, played.port);
  await until(() => replica.connected);
  const answered = new Promise<string>((resolve) => {
    submit('hello', {
      settle: (result) => resolve('payload' in result ? Buffer.from(result.payload).toString() : 'error'),
    });
  });
  assert.equal(await answered, 'hello');
});

test('a replica that ends and returns at the same port serves again, and both are logged', async (t) => {
  const first = await play();
  const { engine, submit, replica, clock, lines, losses, until } = follow(t, first.port);
  await until(() => replica.connected);
  await first.stop();
  await until(() => !replica.connected);
  assert.throws(() => submit('x'), /its replica is not connected/);
  assert.equal(losses.length, 1);
  const second = await play(first.port);
  t.after(() => second.stop());
  // grpc-js waits on its own clock before it dials again: each attempt of ours fails until then.
  const dialling = setInterval(() => clock.advance(3000), 20);
  t.after(() => clearInterval(dialling));
  await until(() => replica.connected);
  const answered = new Promise<boolean>((resolve) => submit('x', { settle: (result) => resolve('payload' in result) }));
  assert.equal(await answered, true);
  assert.equal(engine.waiting, 0);
  assert.equal(losses.length, 1);
  assert.deepEqual(
    events(lines).filter((event) => event !== 'replica.absent'),
    ['replica.connected', 'replica.lost', 'replica.connected'],
  );
});

test('a replica that refuses is told once with its reason, and tried again ever more seldom', async (t) => {
  const played = await play(0, new WeftError('PERMISSION_DENIED', 'you may not watch'));
  t.after(() => played.stop());
  const { clock, lines, contacts, until } = follow(t, played.port);
  await until(() => contacts.length === 1);
  for (const [attempt, waitMs] of [100, 200, 400, 800, 1600, 3000, 3000].entries()) {
    clock.advance(waitMs - 1);
    await turns();
    assert.equal(contacts.length, attempt + 1);
    clock.advance(1);
    await until(() => contacts.length === attempt + 2);
  }
  assert.deepEqual(events(lines), ['replica.absent']);
  assert.match(String(lines[0]?.['reason']), /PERMISSION_DENIED: you may not watch/);
});

test('a replica that was stopped is missed for ten minutes, and then forgotten', async (t) => {
  const played = await play();
  t.after(() => played.stop());
  const { clock, engine, submit, replica, until } = follow(t, played.port);
  await until(() => replica.connected);
  replica.stop();
  await turns();
  assert.throws(() => submit('x'), { code: 'UNAVAILABLE' });
  clock.advance(10 * 60_000);
  assert.deepEqual([...engine.inventory.models.keys()], []);
  assert.throws(() => submit('x'), { code: 'NOT_FOUND' });
});

test('a peer that accepts and says nothing is absent after a while, and dialled anew after a longer one', async (t) => {
  let dialled: () => void = () => {};
  const sockets: Socket[] = [];
  const silence = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    dialled();
  });
  const nextDial = () => new Promise<void>((resolve) => (dialled = resolve));
  await new Promise<void>((resolve) => silence.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silence.close();
  });
  const first = nextDial();
  const { clock, contacts, lines, losses } = follow(t, (silence.address() as AddressInfo).port);
  await first;
  clock.advance(4_999);
  assert.equal(contacts.length, 0);
  clock.advance(1);
  assert.equal(contacts.length, 1);
  assert.deepEqual(
    lines.map(({ event, reason }) => [event, reason]),
    [['replica.absent', 'no answer within 5 s']],
  );
  const second = nextDial();
  clock.advance(55_000);
  await second;
  assert.equal(sockets.length, 2);
  clock.advance(5_000);
  assert.deepEqual([contacts.length, lines.length, losses.length], [2, 1, 0]);
});

test('an attach stream that the replica ends is opened again', async (t) => {
  const played = await play();
  t.after(() => played.stop());
  const { submit, replica, clock, until } = follow(t, played.port);
  await until(() => replica.connected);
  const infer = () =>
    new Promise<boolean>((resolve) => submit('x', { settle: (result) => resolve('payload' in result) }));
  assert.equal(await infer(), true);
  const again = infer();
  played.streams[0]?.end();
  const reattaching = setInterval(() => clock.advance(200), 20);
  t.after(() => clearInterval(reattaching));
  assert.equal(await again, true);
  assert.equal(played.streams.length, 2);
});
