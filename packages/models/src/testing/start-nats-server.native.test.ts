import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from 'nats';
import { type NatsServer, startNatsServer, withoutNatsServer } from './start-nats-server.ts';

const options = { skip: withoutNatsServer };

async function countOfStreams(server: NatsServer, { make = false } = {}): Promise<number> {
  const connection = await connect({ servers: server.url });
  const streams = await connection.jetstreamManager();
  if (make) await streams.streams.add({ name: 'KEPT', subjects: ['kept'] });
  const { length } = await streams.streams.list().next();
  await connection.close();
  return length;
}

test('a server that was stopped or killed starts again at its port with its data, or without', options, async (t) => {
  const server = await startNatsServer();
  t.after(() => server.close());
  assert.equal(await countOfStreams(server, { make: true }), 1);
  await server.stop('SIGKILL');
  await assert.rejects(connect({ servers: server.url, reconnect: false }));
  await server.start();
  assert.equal(await countOfStreams(server), 1);
  await server.stop();
  await server.start({ empty: true });
  assert.equal(await countOfStreams(server), 0);
});

test('a configuration that the server refuses is told with its log', options, async () => {
  await assert.rejects(startNatsServer({ config: 'accounts {' }), /nats-server ended before it was ready:/);
});
