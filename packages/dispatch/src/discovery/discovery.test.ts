import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import type { EndpointSlice, SliceApi, SliceEndpoint, SliceEvent } from './slices/slice-api.ts';
import { startDiscovery } from '../testing/fake-discovery.ts';
import { turns } from '../testing/start-engine.ts';

const dns = 'dns:nlp:8011';
const srv = 'srv:_grpc._tcp.nlp';
const [one, two, three] = ['10.0.0.1:8011', '10.0.0.2:8011', '10.0.0.3:8011'] as const;
const endpoints = (replicas: readonly { found: { endpoint: string } }[]) => replicas.map(({ found }) => found.endpoint);

async function begun(
  items: readonly string[],
  records: Readonly<Record<string, readonly string[]>>,
  intervalMs?: number,
) {
  const fake = startDiscovery(items, intervalMs);
  for (const [text, list] of Object.entries(records)) fake.say(text, { endpoints: list });
  let ready = false;
  const started = fake.discovery.start().then(() => (ready = true));
  await turns();
  return { ...fake, started, isReady: () => ready };
}

/** Slices that change when the test says so. */
function playedSlices() {
  let now: EndpointSlice;
  let tell = (_event: SliceEvent): void => {};
  const api: SliceApi = {
    list: async () => ({ slices: [now], resourceVersion: '1' }),
    async watch(_source, { onOpen, onEvent, signal }) {
      onOpen();
      tell = onEvent;
      await once(signal, 'abort');
      return { kind: 'ended' };
    },
  };
  return {
    api,
    say(...pods: readonly (readonly [string, SliceEndpoint['conditions']])[]) {
      const endpoints = pods.map(([address, conditions = {}]) => ({ addresses: [address], conditions }));
      now = { metadata: { name: 'nlp-a', resourceVersion: '2' }, addressType: 'IPv4', endpoints };
      tell({ type: 'MODIFIED', slice: now });
    },
  };
}

describe('replicas', () => {
  test('are one for each endpoint, though a static one and two names say the same', async () => {
    const items = [one, '10.0.0.1:8011', dns, srv];
    const { created } = await begun(items, { [dns]: [one, two], [srv]: [two, three] });
    assert.deepEqual(endpoints(created), [one, two, three]);
  });

  test('start and stop as records come and go', async () => {
    const { say, advance, live, told } = await begun([dns], { [dns]: [one] });
    say(dns, { endpoints: [one, two] });
    await advance(5_000);
    assert.deepEqual(endpoints(live()), [one, two]);
    say(dns, { endpoints: [two] });
    await advance(5_000);
    assert.deepEqual(endpoints(live()), [two]);
    assert.deepEqual(told(), [
      `{"event":"discovery.changed","source":"${dns}","added":["${one}"],"removed":[]}`,
      `{"event":"discovery.changed","source":"${dns}","added":["${two}"],"removed":[]}`,
      `{"event":"discovery.changed","source":"${dns}","added":[],"removed":["${one}"]}`,
      `{"event":"replica.dropped","endpoint":"${one}"}`,
    ]);
  });

  test('stay without a record while they are connected, and go when they are lost', async () => {
    const { say, advance, created, live } = await begun([dns], { [dns]: [one] });
    created[0]?.connect();
    say(dns, { endpoints: [] });
    await advance(60_000);
    assert.deepEqual(endpoints(live()), [one]);
    created[0]?.lose();
    assert.deepEqual(live(), []);
    assert.equal(created[0]?.cutOff, false);
  });

  test('that are lost while their record stands are tried on', async () => {
    const { advance, created, live } = await begun([dns], { [dns]: [one] });
    created[0]?.connect();
    created[0]?.lose();
    await advance(60_000);
    assert.deepEqual(live(), created);
    assert.equal(created.length, 1);
  });

  test('whose record comes back while they are connected are the same as before', async () => {
    const { say, advance, created, live } = await begun([dns], { [dns]: [one] });
    created[0]?.connect();
    say(dns, { endpoints: [] });
    await advance(5_000);
    say(dns, { endpoints: [one] });
    await advance(5_000);
    created[0]?.lose();
    assert.deepEqual([endpoints(live()), created.length], [[one], 1]);
  });

  test('that another source still names are kept', async () => {
    const { say, advance, live } = await begun([dns, srv], { [dns]: [one], [srv]: [one] });
    say(dns, { endpoints: [] });
    await advance(5_000);
    assert.deepEqual(endpoints(live()), [one]);
  });

  test('are known by the name that was written, for their certificate', async () => {
    const items = [one, 'dns:nlp.weft.svc.:8011', 'srv:_grpc._tcp.gen.weft.svc'];
    const { created } = await begun(items, { [items[1] ?? '']: [one, two], [items[2] ?? '']: [three] });
    assert.deepEqual(
      created.map(({ found }) => found.serverName),
      [undefined, 'nlp.weft.svc', 'gen.weft.svc'],
    );
  });

  test('that Kubernetes ends leave once another one is connected, and stay where another source names them', async () => {
    const cluster = playedSlices();
    const { discovery, created, live, say } = startDiscovery([dns, 'k8s:nlp.weft:8011'], undefined, cluster.api);
    say(dns, { endpoints: [two] });
    const ending = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) => [host, { terminating: true }] as const);
    cluster.say(...ending.map(([host]) => [host, {}] as const));
    void discovery.start();
    await turns();
    const names = new Map(created.map(({ found }) => [found.endpoint, found.serverName]));
    assert.deepEqual([names.size, names.get(one), names.get(three)], [3, 'nlp.weft', 'nlp.weft']);
    for (const replica of created) replica.connect();
    const leaving = (): readonly string[] => endpoints(live().filter((replica) => replica.leaving)).toSorted();
    cluster.say(...ending, ['10.0.0.4', {}]);
    assert.deepEqual(leaving(), []);
    created.at(-1)?.connect();
    cluster.say(...ending, ['10.0.0.4', {}]);
    assert.deepEqual(leaving(), [one, three]);

    // One is back, as a new pod may be at the address of an old one; the other's record is gone before it is lost.
    cluster.say(['10.0.0.1', {}], ['10.0.0.4', {}]);
    assert.deepEqual([leaving(), live().length], [[three], 4]);
    for (const replica of created) replica.lose();
    const left = endpoints(live()).toSorted();
    assert.deepEqual([left, created.some(({ cutOff }) => cutOff)], [[one, two, '10.0.0.4:8011'], false]);
    discovery.stop();
  });

  test('are all stopped at the end, and nothing is asked or started any more', async () => {
    const { discovery, say, advance, created, live, resolutions } = await begun([dns, one], { [dns]: [two] });
    created[0]?.connect();
    discovery.stop();
    say(dns, { endpoints: [three] });
    await advance(60_000);
    assert.deepEqual([live(), created.length, resolutions.length], [[], 2, 1]);
  });
});

describe('names are resolved again', () => {
  const timesOf = (resolutions: readonly { atMs: number }[]) => resolutions.map(({ atMs }) => atMs);

  test('at the interval, and sooner where records live shorter', async () => {
    const { say, advance, resolutions } = await begun([dns], { [dns]: [one] });
    await advance(10_000);
    say(dns, { endpoints: [one], ttlMs: 2_000 });
    await advance(5_000);
    await advance(4_000);
    assert.deepEqual(timesOf(resolutions), [0, 5_000, 10_000, 15_000, 17_000, 19_000]);
  });

  test('soon after a replica was lost, then ever more seldom', async () => {
    const { clock, advance, created, resolutions } = await begun([dns], { [dns]: [one] });
    created[0]?.connect();
    await advance(2_500);
    created[0]?.lose();
    clock.advance(0);
    await turns();
    await advance(15_000);
    assert.deepEqual(timesOf(resolutions), [0, 2_500, 4_500, 8_500, 13_500]);
  });

  test('no more than once a second, though replicas are lost all the time', async () => {
    const { advance, created, resolutions } = await begun([dns], { [dns]: [one] });
    for (let loss = 0; loss < 30; loss++) {
      created[0]?.connect();
      created[0]?.lose();
      await advance(100, 100);
    }
    assert.deepEqual(timesOf(resolutions), [0, 1_000, 2_000, 3_000]);
  });

  test('soon after a failure, which keeps what is known and is told once', async () => {
    const { say, advance, live, told, resolutions } = await begun([dns], { [dns]: [one] });
    say(dns, { failure: 'queryA ESERVFAIL nlp' });
    await advance(20_000);
    assert.deepEqual(timesOf(resolutions), [0, 5_000, 6_000, 8_000, 12_000, 17_000]);
    assert.deepEqual(endpoints(live()), [one]);
    say(dns, { failure: 'queryA ETIMEOUT nlp' });
    await advance(10_000);
    say(dns, { endpoints: [one] });
    await advance(10_000);
    assert.deepEqual(told().slice(1), [
      `{"event":"discovery.failed","source":"${dns}","reason":"queryA ESERVFAIL nlp"}`,
      `{"event":"discovery.failed","source":"${dns}","reason":"queryA ETIMEOUT nlp"}`,
      `{"event":"discovery.recovered","source":"${dns}"}`,
    ]);
  });
});

describe('the start is over', () => {
  test('once each name was resolved and each replica reached', async () => {
    const { created, isReady } = await begun([one, dns], { [dns]: [two] });
    created[0]?.connect();
    await turns();
    assert.equal(isReady(), false);
    created[1]?.connect();
    await turns();
    assert.equal(isReady(), true);
  });

  test('though a name cannot be resolved and a replica is not there', async () => {
    const { created, isReady } = await begun([one, dns], {});
    assert.equal(isReady(), false);
    created[0]?.fail();
    await turns();
    assert.equal(isReady(), true);
  });

  test('though a record vanishes before its replica was reached', async () => {
    const { say, advance, isReady } = await begun([dns], { [dns]: [one] });
    say(dns, { endpoints: [] });
    await advance(5_000);
    assert.equal(isReady(), true);
  });

  test('at once where nothing is named', async () => {
    const { isReady } = await begun([], {});
    assert.equal(isReady(), true);
  });
});
