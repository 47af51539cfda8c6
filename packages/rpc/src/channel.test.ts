import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { startCallServer } from './testing/call-server.ts';

// The keepalive of our channels: servers of other gRPC implementations close a connection that is pinged so often.
test('a server answers any number of pings on a connection without calls', async (t) => {
  const { client, stop } = await startCallServer(() => {});
  t.after(() => stop());
  const session = connect(`http://${client.getChannel().getTarget().replace(/^dns:/, '')}`);
  t.after(() => session.destroy());
  const complaints: unknown[] = [];
  session.on('goaway', (code) => void complaints.push(code));
  session.on('error', (error) => void complaints.push(error));
  await once(session, 'connect');
  for (let ping = 0; ping < 500; ping++) {
    await new Promise<void>((resolve, reject) => {
      session.ping((error) => (error === null ? resolve() : reject(error)));
    });
  }
  assert.deepEqual([complaints, session.closed], [[], false]);
});
