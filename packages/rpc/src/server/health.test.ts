import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { collect, startCallServer } from '../testing/call-server.ts';
import { Health, type ServingStatus } from './health.ts';

const check = '/grpc.health.v1.Health/Check';
const watch = '/grpc.health.v1.Health/Watch';

async function started(t: TestContext, statuses: Record<string, ServingStatus>) {
  const health = new Health((name) => statuses[name]);
  const calls = await startCallServer((server) => health.register(server));
  t.after(() => calls.stop());
  return { health, ...calls };
}

const statusOf = (message: unknown) => (message as { status: string }).status;

test('Check answers for the process, for a name that serves, for one that does not, and for none', async (t) => {
  const { unary } = await started(t, { '': true, sound: true, broken: false });
  const answers = ['', 'sound', 'broken', 'unknown'].map(async (service) => {
    const { response, code, message } = await unary(check, { service });
    return code === 'OK' ? statusOf(response) : `${code} ${message}`;
  });
  assert.deepEqual(await Promise.all(answers), [
    'SERVING',
    'SERVING',
    'NOT_SERVING',
    "NOT_FOUND unknown service 'unknown'",
  ]);
});

test('Watch tells the status at once and after each change, and nothing when nothing changed', async (t) => {
  const statuses: Record<string, ServingStatus> = {};
  const { health, stream } = await started(t, statuses);
  const call = stream(watch, { service: 'm' });
  const heard: string[] = [];
  call.on('data', (message: unknown) => void heard.push(statusOf(message)));
  call.on('error', () => {});
  for (const status of [undefined, false, true, false]) {
    statuses['m'] = status;
    const next = once(call, 'data');
    health.changed();
    await next;
    health.changed();
  }
  call.cancel();
  assert.deepEqual(heard, ['SERVICE_UNKNOWN', 'NOT_SERVING', 'SERVING', 'NOT_SERVING']);
});

test('Watch ends when the server stops, after the last change', async (t) => {
  const statuses: Record<string, ServingStatus> = { '': true };
  const { health, stream, server } = await started(t, statuses);
  const call = stream(watch, { service: '' });
  const collected = collect(call);
  await once(call, 'data');
  statuses[''] = false;
  health.changed();
  health.close();
  await server.stop(30_000);
  const { messages, ended } = await collected;
  assert.deepEqual([messages.map(statusOf), ended], [['SERVING', 'NOT_SERVING'], 'OK']);
});

test('a Watch of a server that has closed ends at once', async (t) => {
  const { health, stream } = await started(t, { '': false });
  health.close();
  const { messages, ended } = await collect(stream(watch, { service: '' }));
  assert.deepEqual([messages.map(statusOf), ended], [['NOT_SERVING'], 'OK']);
});
