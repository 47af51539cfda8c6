import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '@weft/config';
import type { ReadyReport, RunningService } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import { fakeShell } from '../testing/run-weft.ts';
import type { RouterProcessSettings, ServiceSettings } from './mesh-plan.ts';
import { formatEndpoints, formatServedModels } from './mesh-report.ts';
import { type MeshRun, runMesh } from './run-mesh.ts';
import type { Starters } from './start-mesh.ts';
import { upSettings } from './up-settings.ts';

const healthy: ReadyReport = { models: [], failedDefaults: [] };

function model(name: string, state = 'READY', reason = '') {
  return { name, version: '1', state, reason, placements: [{ provider: 'cpu', fallbackReason: '' }] };
}

/** Starters of services that do nothing but record, and a mesh run around them. */
function fakeMesh(argv: readonly string[], reports: Readonly<Record<string, ReadyReport | Promise<ReadyReport>>> = {}) {
  const events: string[] = [];
  const seen: Record<string, ServiceSettings | RouterProcessSettings> = {};
  const shell = fakeShell();
  const start = (name: string, settings: ServiceSettings | RouterProcessSettings): Promise<RunningService> => {
    events.push(`start ${name}`);
    seen[name] = settings;
    return Promise.resolve({
      name,
      grpcAddress: `${settings.bind}:${settings.port}`,
      httpAddress: 'httpPort' in settings && name === 'router' ? `${settings.bind}:${settings.httpPort}` : undefined,
      metricsAddress: `http://${settings.bind}:${settings.metricsPort}/metrics`,
      health: { register() {} },
      ready: Promise.resolve(reports[name] ?? healthy),
      async stop() {
        events.push(`stopping ${name}`);
        await new Promise(setImmediate);
        events.push(`stopped ${name}`);
      },
    });
  };
  const starters: Starters = { startService: start, startRouter: (settings) => start('router', settings) };
  const run: MeshRun = {
    shell,
    settings: readSettings(upSettings, { argv, env: {} }),
    starters,
    progress: { update() {}, done() {} },
    log: { warn: (event, fields) => void events.push(`${event} ${JSON.stringify(fields)}`) },
    waitUntilServed(router, models) {
      events.push(`served by ${router}: ${models.map(({ name }) => name).join(' ')}`);
      return Promise.resolve();
    },
    onReady(_mesh, models) {
      events.push(`ready: ${models.map(({ name, service }) => `${service}/${name}`).join(' ')}`);
      shell.signal();
    },
  };
  return { run, events, seen, shell, start };
}

test('starts the services, then the router in front of them, and stops the router first', async () => {
  const { run, events, seen } = fakeMesh(['--services', 'vision,nlp'], {
    nlp: { models: [model('use-lite')], failedDefaults: [] },
    vision: { models: [model('mine', 'UNAVAILABLE', 'no file')], failedDefaults: [] },
  });
  await runMesh(run);
  assert.deepEqual(events, [
    'start nlp',
    'start vision',
    'start router',
    'model.not_ready {"model":"mine","service":"vision","state":"UNAVAILABLE","reason":"no file"}',
    'served by 127.0.0.1:8001: use-lite',
    'ready: nlp/use-lite vision/mine',
    'stopping router',
    'stopped router',
    'stopping nlp',
    'stopping vision',
    'stopped nlp',
    'stopped vision',
  ]);
  assert.deepEqual((seen['router'] as RouterProcessSettings).endpoints, ['127.0.0.1:8011', '127.0.0.1:8021']);
});

test('only the router leaves loopback and asks for credentials', async () => {
  const flags = ['--bind', '0.0.0.0', '--tls-cert', 'c.pem', '--tls-key', 'k.pem', '--token-file', 't.json'];
  const { run, events, seen } = fakeMesh([...flags, '--services', 'nlp', '--nlp-port', '0']);
  await runMesh(run);
  const { bind, port, tlsCert, tokenFile } = seen['nlp'] ?? {};
  assert.deepEqual(
    { bind, port, tlsCert, tokenFile },
    { bind: '127.0.0.1', port: 0, tlsCert: undefined, tokenFile: undefined },
  );
  assert.equal(seen['router']?.bind, '0.0.0.0');
  assert.equal(seen['router']?.tlsCert, 'c.pem');
  // Nobody in this process has credentials to ask the router with.
  assert.ok(!events.some((event) => event.startsWith('served by')));
});

test('services ask for tokens when the router has one to show', async () => {
  const { run, seen } = fakeMesh(['--services', 'nlp', '--token-file', 't.json', '--executor-token-file', 'own']);
  await runMesh(run);
  assert.equal(seen['nlp']?.tokenFile, 't.json');
});

test('a default model that fails ends the mesh and is named with its reason', async () => {
  const { run, events } = fakeMesh(['--services', 'nlp,vision'], {
    vision: { models: [model('centernet', 'UNAVAILABLE', 'its file is gone')], failedDefaults: ['centernet'] },
  });
  await assert.rejects(runMesh(run), {
    code: 'UNAVAILABLE',
    message: 'the default model centernet of vision cannot be served: its file is gone',
  });
  assert.deepEqual(events.slice(-6), [
    'stopping router',
    'stopped router',
    'stopping nlp',
    'stopping vision',
    'stopped nlp',
    'stopped vision',
  ]);
});

test('a taken port is told with the flag that changes it, and what has started is stopped', async () => {
  const { run, events, start } = fakeMesh(['--services', 'nlp,vision']);
  const failing: [string, string][] = [
    ['cannot listen on 127.0.0.1:8021: the port is taken', '--vision-port'],
    ['the metrics of vision cannot listen on 127.0.0.1:8022: the port is taken', '--vision-metrics-port'],
  ];
  for (const [message, flag] of failing) {
    const startService: Starters['startService'] = (name, settings) =>
      name === 'vision' ? Promise.reject(new WeftError('FAILED_PRECONDITION', message)) : start(name, settings);
    const outcome = runMesh({ ...run, starters: { ...run.starters, startService } });
    await assert.rejects(outcome, {
      message: `vision: ${message}; if another weft is running, stop it, or choose a port with ${flag}`,
    });
  }
  const both = ['start nlp', 'stopping nlp', 'stopped nlp'];
  assert.deepEqual(events, [...both, ...both]);
});

test("the router's taken port is told with its own flag", async () => {
  const { run } = fakeMesh(['--services', 'nlp']);
  const startRouter = () =>
    Promise.reject(new WeftError('FAILED_PRECONDITION', 'cannot listen on 127.0.0.1:8001: the port is taken'));
  await assert.rejects(runMesh({ ...run, starters: { ...run.starters, startRouter } }), {
    message: /choose a port with --port$/,
  });
});

test('a signal while models load stops the mesh without waiting for them', async () => {
  const { run, events, shell } = fakeMesh(['--services', 'nlp'], { nlp: new Promise<ReadyReport>(() => {}) });
  const outcome = runMesh(run);
  await new Promise(setImmediate);
  shell.signal();
  await outcome;
  assert.ok(!events.some((event) => event.startsWith('ready')));
  assert.equal(events.at(-1), 'stopped nlp');
});

test('a second signal does not wait for the first to be obeyed', async () => {
  const { run, shell } = fakeMesh(['--services', 'nlp']);
  await runMesh({
    ...run,
    onReady() {
      shell.signal();
      shell.signal(1_000);
    },
  });
  assert.deepEqual(shell.exits, [1]);
});

test('one Ctrl-C that npm passes on a second time is still one', async () => {
  const { run, shell, events } = fakeMesh(['--services', 'nlp']);
  await runMesh({
    ...run,
    onReady() {
      shell.signal();
      shell.signal(5);
    },
  });
  assert.deepEqual(shell.exits, []);
  assert.equal(events.at(-1), 'stopped nlp');
});

test('the tables tell where everything runs, and why not elsewhere', async () => {
  const { run } = fakeMesh(['--services', 'nlp']);
  let endpoints = '';
  await runMesh({
    ...run,
    onReady(mesh, models) {
      endpoints = formatEndpoints(mesh);
      run.onReady(mesh, models);
    },
  });
  assert.deepEqual(endpoints.split('\n'), [
    'SERVICE  GRPC            HTTP            METRICS',
    'router   127.0.0.1:8001  127.0.0.1:8000  http://127.0.0.1:8002/metrics',
    'nlp      127.0.0.1:8011                  http://127.0.0.1:8012/metrics',
  ]);
  const onCpu = { provider: 'cpu', fallbackReason: 'cuda: no device' };
  const fallen = { ...model('x'), service: 'vision', placements: [onCpu, onCpu] };
  const broken = { ...model('y', 'UNAVAILABLE', 'no file'), service: 'custom', placements: [] };
  assert.deepEqual(formatServedModels([fallen, broken]).split('\n'), [
    'MODEL  VERSION  SERVICE  STATE        RUNS ON  NOTE',
    'x      1        vision   READY        cpu ×2   cuda: no device',
    'y      1        custom   UNAVAILABLE           no file',
  ]);
});
