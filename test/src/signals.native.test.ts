// How the processes end: by a signal, with exit code 0 and everything answered; or at once, when they cannot start.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { busyLoop, identity, plus, temporaryFolder, writeModel } from './testing/author-models.ts';
import { dial } from './testing/dial.ts';
import { inferFloats, inferPath, inferRounds } from './testing/infer-request.ts';
import { endProcess, type StartedProcess, startProcess } from './testing/start-process.ts';

const folder = temporaryFolder();
const repository = ['--no-default-models', '--model-repository', folder.path, '--data-directory', folder.path];
const onFreePorts = ['--port', '0', '--metrics-port', '0'];

before(async () => {
  await writeModel(folder.path, 'plus', { graph: plus(1) });
  await writeModel(folder.path, 'busy', { graph: busyLoop() });
});
after(() => folder.remove());

function started(t: TestContext, name: string, ...args: string[]): StartedProcess {
  const running = startProcess(name, args);
  t.after(() => endProcess(running));
  return running;
}

/** Custom service and router as processes, and a client whose call keeps the service busy for a while. */
async function withCallInFlight(t: TestContext) {
  const custom = started(t, 'custom', ...onFreePorts, ...repository);
  const { address } = await custom.logged('service.listening');
  await custom.logged('service.ready');
  const router = started(t, 'router', ...onFreePorts, '--http-port=0', '--endpoints', String(address));
  const listening = await router.logged('router.listening');
  await router.logged('service.ready');
  const client = dial(String(listening['address']));
  t.after(() => client.close());
  await client.ask(inferPath, inferFloats('plus', [1, 2]));
  const running = client.call(inferPath, inferRounds('busy', 300_000));
  // Answered while the other runs: it is in flight now.
  await client.ask(inferPath, inferFloats('plus', [1, 2]));
  return { custom, router, client, running };
}

describe('a process that is told to end finishes what is in flight and exits with 0', () => {
  test('the service, by SIGTERM: new calls are refused, the router lives on', async (t) => {
    const { custom, client, running } = await withCallInFlight(t);
    custom.kill('SIGTERM');
    await custom.logged('service.draining');
    assert.equal((await running).result, 'OK');
    const answeredMs = performance.now();
    assert.equal(await custom.ended, 0);
    // The router's streams do not hold it up.
    assert.ok(performance.now() - answeredMs < 5_000);
    const { result } = await client.call(inferPath, inferFloats('plus', [1, 2]));
    assert.match(
      result,
      /^UNAVAILABLE model 'plus' version 1 is not at ready state: its replica is (draining|not connected)$/,
    );
  });

  test('the router, by SIGINT', async (t) => {
    const { router, client, running } = await withCallInFlight(t);
    router.kill('SIGINT');
    await router.logged('router.draining');
    assert.equal((await running).result, 'OK');
    assert.equal(await router.ended, 0);
    assert.match((await client.call(inferPath, inferFloats('plus', [1, 2]))).result, /^UNAVAILABLE/);
  });

  test('the router, by SIGTERM that arrives twice with a SIGINT between: it stops once', async (t) => {
    const { router, running } = await withCallInFlight(t);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) router.kill(signal);
    await router.logged('router.draining');
    assert.equal((await running).result, 'OK');
    assert.equal(await router.ended, 0);
    assert.deepEqual(router.text, []);
    const stops = router.lines.filter(({ event }) => event === 'process.stopping' || event === 'router.draining');
    assert.equal(stops.length, 2);
  });

  test('the service, while it still loads', async (t) => {
    const custom = started(t, 'custom', ...onFreePorts, ...repository);
    await custom.logged('service.listening');
    custom.kill('SIGTERM');
    assert.equal(await custom.ended, 0);
    assert.deepEqual(custom.text, []);
  });
});

describe('a process that cannot start exits with 1 and one line that says why', () => {
  const told = async (t: TestContext, name: string, ...args: string[]) => {
    const { ended, text } = started(t, name, ...args);
    return [await ended, text];
  };

  test('its port is taken', async (t) => {
    const first = started(t, 'router', ...onFreePorts, '--http-port=0');
    const { address } = await first.logged('router.listening');
    const port = String(address).split(':')[1] ?? '';
    const line = `router: cannot listen on 127.0.0.1:${port}: the port is taken`;
    assert.deepEqual(await told(t, 'router', '--port', port, '--metrics-port', '0', '--http-port', '0'), [1, [line]]);
  });

  test('its port is taken, or a file is not there, while NATS cannot be reached', async (t) => {
    const nats = ['--nats', '127.0.0.1:1', '--data-directory', folder.path];
    const first = started(t, 'router', ...onFreePorts, '--http-port=0');
    const { address } = await first.logged('router.listening');
    const port = String(address).split(':')[1] ?? '';
    const line = `cannot listen on 127.0.0.1:${port}: the port is taken`;
    const taken = ['--port', port, '--metrics-port', '0'];
    assert.deepEqual(await told(t, 'router', ...taken, '--http-port', '0', ...nats), [1, [`router: ${line}`]]);
    assert.deepEqual(await told(t, 'custom', ...taken, '--no-default-models', ...nats), [1, [`custom: ${line}`]]);
    const unread = ['--http-port', '0', '--executor-tls-ca', `${folder.path}/none`];
    const [code, text] = await told(t, 'router', ...onFreePorts, ...nats, ...unread);
    assert.equal(code, 1);
    assert.match(String(text), /^router: [^\n]*none/);
  });

  test('two models have one name', async (t) => {
    const other = temporaryFolder();
    t.after(() => other.remove());
    await writeModel(other.path, 'plus', { graph: identity() });
    const line = `custom: two models are named 'plus': ${folder.path}/plus and ${other.path}/plus`;
    assert.deepEqual(await told(t, 'custom', ...onFreePorts, ...repository, '--model-repository', other.path), [
      1,
      [line],
    ]);
  });

  test('a setting or a directory is wrong', async (t) => {
    assert.deepEqual(await told(t, 'router', '--port', 'high'), [
      1,
      ['router: --port is "high", but it accepts a port number from 0 to 65535'],
    ]);
    const [code, text] = await told(t, 'custom', ...onFreePorts, '--model-repository', '/nowhere');
    assert.equal(code, 1);
    assert.match(String(text), /^custom: cannot read the model repository \/nowhere: /);
  });
});

test('on an IPv6 address a service is reached by what it logs, through a router on another one', async (t) => {
  const bind = ['--bind', '::1'];
  const custom = started(t, 'custom', ...onFreePorts, ...repository, ...bind, '--health-port', '0');
  const { address, metrics } = await custom.logged('service.listening');
  assert.match(String(address), /^\[::1\]:\d+$/);
  assert.match(String(metrics), /^http:\/\/\[::1\]:\d+\/metrics$/);
  assert.match(String((await custom.logged('probes.listening'))['address']), /^\[::1\]:\d+$/);
  await custom.logged('service.ready');
  const router = started(t, 'router', ...onFreePorts, '--http-port=0', ...bind, '--endpoints', String(address));
  const listening = await router.logged('router.listening');
  await router.logged('service.ready');
  const client = dial(String(listening['address']));
  t.after(() => client.close());
  await client.ask(inferPath, inferFloats('plus', [1, 2]));
  const live = await fetch(`http://${String(listening['http'])}/v2/health/live`);
  assert.equal(live.status, 200);
});
