// Against a server that speaks Kubernetes' list and watch over HTTP, with a clock that the test moves.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseEndpointSource, type SliceSource } from '@weft/config';
import { ManualClock } from '@weft/flow';
import { createLog } from '@weft/telemetry';
import { playApiServer, podEndpoint } from '../../testing/play-api-server.ts';
import { openSliceApi } from './open-slice-api.ts';
import { SliceWatch } from './slice-watch.ts';

const source = parseEndpointSource('k8s:nlp:grpc') as SliceSource;
const [one, two, three] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'] as const;
const at = (...addresses: readonly string[]): string[] => addresses.map((address) => `${address}:8011`);
const pods = (...addresses: readonly string[]) => addresses.map((address) => podEndpoint(address));

/** Stands still, and lets a test wait until somebody waits for so long. */
class AwaitedClock extends ManualClock {
  readonly #armed: number[] = [];
  #wake: () => void = () => {};

  override setTimer(delayMs: number, wake: () => void): () => void {
    const cancel = super.setTimer(delayMs, wake);
    this.#armed.push(delayMs);
    this.#wake();
    return cancel;
  }

  /** Resolves once a timer of that delay was set since the last call, and lets that time pass. */
  async pass(delayMs: number): Promise<void> {
    while (!this.#armed.includes(delayMs)) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#armed.length = 0;
    this.advance(delayMs);
  }
}

async function begun(t: TestContext, mode: 'answering' | 'forbidding' | 'silent' = 'answering') {
  const api = await playApiServer();
  api.mode = mode;
  api.set('nlp-a', pods(one));
  const clock = new AwaitedClock();
  const lines: Record<string, unknown>[] = [];
  const wakes = new Set<() => void>();
  const watch = new SliceWatch({
    source,
    api: openSliceApi({ kind: 'kubeconfig', file: api.kubeconfig }),
    clock,
    log: createLog({
      level: 'info',
      fields: {},
      destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
    }),
    onResolved: () => wakes.forEach((wake) => wake()),
  });
  const started = watch.start();
  t.after(async () => {
    watch.stop();
    await api.stop();
  });
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => wakes.add(resolve));
  };
  const told = () =>
    lines.map(({ event, added, removed, reason }) =>
      [event, ...[added, removed, reason].flat().filter((x) => x !== undefined)].join(' '),
    );
  return {
    api,
    clock,
    watch,
    started,
    until,
    told,
    seen: (...addresses: readonly string[]) => until(() => String(watch.endpoints) === String(at(...addresses))),
  };
}

test('asks for the slices of its Service, in the namespace of the kubeconfig, and follows from that version', async (t) => {
  const { api, started, watch } = await begun(t);
  await started;
  assert.deepEqual(watch.endpoints, at(one));
  await api.until(() => api.watches === 1);
  assert.deepEqual(
    api.calls.map(({ pathname, searchParams }) => [pathname, Object.fromEntries(searchParams)]),
    [
      ['/apis/discovery.k8s.io/v1/namespaces/weft/endpointslices', { labelSelector: 'kubernetes.io/service-name=nlp' }],
      [
        '/apis/discovery.k8s.io/v1/namespaces/weft/endpointslices',
        {
          labelSelector: 'kubernetes.io/service-name=nlp',
          watch: 'true',
          allowWatchBookmarks: 'true',
          resourceVersion: '101',
          timeoutSeconds: '30',
        },
      ],
    ],
  );
});

test('is told of pods that come, leave and are gone, over one watch', async (t) => {
  const { api, started, watch, seen, until, told } = await begun(t);
  await started;
  api.set('nlp-a', pods(one, two));
  await seen(one, two);
  api.set('nlp-b', pods(three));
  await seen(one, two, three);
  api.set('nlp-a', [podEndpoint(one, { terminating: true }), podEndpoint(two)]);
  await seen(two, three);
  assert.deepEqual(watch.leaving, at(one));
  api.set('nlp-a', undefined);
  await seen(three);
  await until(() => watch.leaving.length === 0);
  assert.deepEqual([api.lists, api.watches], [1, 1]);
  assert.deepEqual(told(), [
    'discovery.changed 10.0.0.1:8011',
    'discovery.changed 10.0.0.2:8011',
    'discovery.changed 10.0.0.3:8011',
    'discovery.changed 10.0.0.1:8011',
    'discovery.changed 10.0.0.2:8011',
  ]);
});

for (const how of ['end', 'cut'] as const) {
  test(`a watch whose connection meets its ${how} goes on where it was, and no change is missed`, async (t) => {
    const { api, clock, started, seen, told } = await begun(t);
    await started;
    await api.until(() => api.watches === 1);
    api.set('nlp-a', pods(one, two));
    await seen(one, two);
    api.bookmark();
    api.endWatches(how);
    api.set('nlp-a', pods(three));
    await clock.pass(1_000);
    await seen(three);
    assert.deepEqual([api.lists, api.watches], [1, 2]);
    assert.equal(told().filter((line) => !line.startsWith('discovery.changed')).length, 0);
  });
}

for (const tell of ['event', 'status'] as const) {
  test(`a version that the server has forgotten, as it says by ${tell}, is listed anew`, async (t) => {
    const { api, clock, started, seen, told } = await begun(t);
    await started;
    await api.until(() => api.watches === 1);
    api.endWatches('cut');
    api.set('nlp-a', undefined);
    api.set('nlp-b', pods(two, three));
    api.compact(tell);
    await clock.pass(1_000);
    await api.until(() => api.watches === 2);
    await clock.pass(1_000);
    await seen(two, three);
    assert.equal(api.lists, 2);
    assert.equal(told().filter((line) => !line.startsWith('discovery.changed')).length, 0);
    // And the watch that follows is a live one.
    await api.until(() => api.watches === 3);
    api.set('nlp-b', pods(two));
    await seen(two);
  });
}

test('an API that cannot be read is told once, asked ever more seldom, and takes nobody away', async (t) => {
  const { api, clock, started, seen, until, watch, told } = await begun(t);
  await started;
  await api.until(() => api.watches === 1);
  api.mode = 'forbidding';
  api.endWatches('end');
  await clock.pass(1_000);
  for (const [failure, delayMs] of [2_000, 4_000, 8_000, 15_000, 15_000].entries()) {
    await clock.pass(delayMs);
    await api.until(() => api.calls.length === 4 + failure);
  }
  assert.deepEqual(watch.endpoints, at(one));
  api.mode = 'answering';
  api.set('nlp-a', pods(two));
  await clock.pass(15_000);
  await seen(two);
  await until(() => told().length === 5);
  assert.deepEqual(told(), [
    'discovery.changed 10.0.0.1:8011',
    'discovery.failed endpointslices is forbidden: watch',
    'discovery.failed endpointslices is forbidden: list',
    'discovery.changed 10.0.0.2:8011 10.0.0.1:8011',
    'discovery.recovered',
  ]);
});

for (const [what, text] of [
  ['is no JSON', '<html>\n'],
  ['is cut off', '{"type":"ADDED","object":{"meta'],
  ['has no metadata', '{"type":"ADDED","object":{}}\n'],
  ['has no object', '{"type":"MODIFIED"}\n'],
  ['is an error without a word', '{"type":"ERROR"}\n'],
  ['is a bookmark of nothing', '{"type":"BOOKMARK","object":{}}\n'],
  ['has endpoints without addresses', '{"type":"ADDED","object":{"metadata":{"name":"nlp-b"},"endpoints":[{}]}}\n'],
  [
    'has addresses of another kind',
    '{"type":"ADDED","object":{"metadata":{"name":"nlp-b"},"endpoints":[{"addresses":[7]}]}}\n',
  ],
  ['has ports of another kind', '{"type":"ADDED","object":{"metadata":{"name":"nlp-b"},"ports":[{"port":"grpc"}]}}\n'],
] as const) {
  test(`a line of the watch that ${what} ends it with the reason, takes nobody away, and the next one goes on`, async (t) => {
    const { api, clock, started, seen, told, until, watch } = await begun(t);
    await started;
    await api.until(() => api.watches === 1);
    api.write(text);
    // A line that is cut off is one once the watch is over.
    if (!text.endsWith('\n')) api.endWatches('end');
    await until(() => told().length === 2);
    assert.match(String(told()[1]), /^discovery\.failed /);
    assert.deepEqual(watch.endpoints, at(one));
    api.set('nlp-a', pods(one, two));
    await clock.pass(2_000);
    await seen(one, two);
    await api.until(() => api.watches === 2);
    api.set('nlp-a', pods(two));
    await seen(two);
  });
}

test('who answers with pages in place of the API is told so, and asked ever more seldom', async (t) => {
  const { api, clock, started, seen, told, watch } = await begun(t);
  await started;
  await api.until(() => api.watches === 1);
  api.mode = 'a proxy answers';
  api.endWatches('end');
  await clock.pass(1_000);
  for (const delayMs of [2_000, 4_000, 8_000]) await clock.pass(delayMs);
  await api.until(() => api.calls.length === 6);
  assert.deepEqual(watch.endpoints, at(one));
  api.mode = 'answering';
  api.set('nlp-a', pods(two));
  await clock.pass(15_000);
  await seen(two);
  const failures = told().filter((line) => line.startsWith('discovery.failed'));
  assert.equal(failures[0], 'discovery.failed the API server answers with text/html');
  assert.match(
    String(failures[1]),
    /^discovery.failed the API server answers with what is no EndpointSlice: SyntaxError/,
  );
});

test('lists whose slices are none are told, and the router knows what it knew', async (t) => {
  const { api, clock, started, seen, told, watch } = await begun(t);
  await started;
  await api.until(() => api.watches === 1);
  api.set('nlp-a', pods(one, undefined as unknown as string));
  await clock.pass(2_000);
  await api.until(() => api.lists === 2);
  assert.deepEqual(watch.endpoints, at(one));
  api.set('nlp-a', pods(two));
  await clock.pass(4_000);
  await seen(two);
  assert.match(String(told()[1]), /^discovery\.failed .*an address is no text$/);
});

test('one who may list and not watch knows what there is, and is told what is wrong once', async (t) => {
  const { api, clock, started, seen, told } = await begun(t);
  api.mode = 'forbidding watches';
  await started;
  api.set('nlp-a', pods(two));
  await clock.pass(2_000);
  await seen(two);
  await clock.pass(4_000);
  await api.until(() => api.lists === 3);
  assert.deepEqual(
    told().filter((line) => !line.startsWith('discovery.changed')),
    ['discovery.failed endpointslices is forbidden: watch'],
  );
});

test('a server that says nothing is given up after 10 s, and tried again', async (t) => {
  const { api, clock, started, seen, told } = await begun(t, 'silent');
  await api.until(() => api.calls.length === 1);
  await clock.pass(10_000);
  await started;
  assert.deepEqual(told(), ['discovery.failed no answer within 10 s']);
  api.mode = 'answering';
  await clock.pass(2_000);
  await seen(one);
});

test('a connection that died without a word is left after 35 s', async (t) => {
  const { api, clock, started, seen } = await begun(t);
  await started;
  await api.until(() => api.watches === 1);
  await clock.pass(35_000);
  await api.until(() => api.watches === 2);
  api.set('nlp-a', pods(two));
  await seen(two);
  assert.equal(api.lists, 1);
});

test('a Service that is not there is told, and found when it comes', async (t) => {
  const { api, clock, started, seen, told } = await begun(t, 'forbidding');
  await started;
  api.mode = 'answering';
  api.set('nlp-a', undefined);
  await clock.pass(2_000);
  await api.until(() => api.watches === 1);
  api.set('nlp-a', pods(two));
  await seen(two);
  assert.deepEqual(told(), [
    'discovery.failed endpointslices is forbidden: list',
    'discovery.failed no EndpointSlice belongs to a Service nlp',
    'discovery.changed 10.0.0.2:8011',
    'discovery.recovered',
  ]);
});

test('who is no pod and names no kubeconfig is told so', async () => {
  const api = openSliceApi({ kind: 'pod' });
  const { signal } = new AbortController();
  await assert.rejects(api.list(source, signal), {
    message: 'this process is no pod of a cluster: name one with --kubeconfig',
  });
  assert.deepEqual(
    await openSliceApi({ kind: 'kubeconfig', file: '/none' }).watch(source, {
      resourceVersion: '1',
      timeoutMs: 1,
      onOpen() {},
      onEvent() {},
      signal,
    }),
    {
      kind: 'refused',
      reason: "ENOENT: no such file or directory, open '/none'",
    },
  );
});
