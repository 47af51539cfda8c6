import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@weft/flow';
import type { VersionView } from '../replicas/inventory.ts';
import { silentObserver, turns } from '../testing/start-engine.ts';
import { KeptBytes } from './kept-bytes.ts';
import { Passage, type Ways } from './passage.ts';
import { SlotQueue } from './slot-queue.ts';
import { VersionPlaces } from './version-places.ts';

const method = '/a.B/Stream';

function viewOf(version: string): VersionView {
  const entry = { name: 'm', version, methods: [], streamMethods: [method] };
  return { model: 'm', version, entry } as unknown as VersionView;
}

/** Streams of a model whose versions are drawn in turns among `served`. */
function start(slots: Readonly<Record<string, number>>, maxWaitingBytes = 100) {
  const clock = new ManualClock();
  const places = new Map<string, VersionPlaces>();
  const queues = new Map(
    Object.entries(slots).map(([version, count]) => {
      const queue = new SlotQueue<string>({ clock, model: 'm', maxWaiting: 9, maxWaitingBytes });
      const versionPlaces = new VersionPlaces({ clock, queue, observer: silentObserver.lane('m', version) });
      places.set(version, versionPlaces);
      if (count > 0) versionPlaces.setPlaces(new Map([['x', count]]));
      return [version, queue];
    }),
  );
  const served = Object.keys(slots);
  let drawn = 0;
  const told: string[] = [];
  const ways = {
    clock,
    budget: new KeptBytes(100),
    resolve: () => viewOf(served[drawn++ % served.length] ?? ''),
    tallyOf: ({ version }: VersionView) => ({
      responded() {},
      streamed: (_stream: unknown, _drawn: boolean, code: string | undefined) =>
        void told.push(`counted ${version} ${code ?? 'OK'}`),
    }),
    placesOf: ({ version }: VersionView) => places.get(version),
    reached: () => () => ({ send: () => true, halfClose() {}, read() {}, cancel() {} }),
  } as unknown as Ways;
  const open = (first: string, { tenant = '', priority = 0 } = {}): void => {
    const terms = { deadlineMs: Number.POSITIVE_INFINITY, traceparent: '', tenant, priority };
    const call = {
      ...{ model: 'm', version: '', method, ...terms, first: Buffer.from(first) },
      requestStream: true,
      onChosen: ({ version }: VersionView) => void told.push(`${first} on ${version}`),
    };
    new Passage(ways, call, {
      onResponse() {},
      onRoom() {},
      onEnd: (error) => void told.push(`${first} ${error?.code} ${error?.message}`),
    });
  };
  return { clock, queues, places, served, told, open };
}

test('who waits for a version that goes away gets the one that takes its place, before who came later', async () => {
  const { clock, queues, places, served, told, open } = start({ 1: 1, 2: 1 });
  served.splice(0, 2, '1');
  for (const first of ['held', 'b', 'c']) open(first);
  await turns();
  served.splice(0, 1, '2');
  clock.advance(10);
  for (const first of ['d', 'e']) open(first);
  await turns();
  assert.deepEqual(told.splice(0), ['held on 1', 'd on 2']);
  places.get('1')?.setPlaces(new Map());
  await turns();
  assert.deepEqual([queues.get('1')?.waiting, queues.get('2')?.waiting], [0, 3]);
  places.get('2')?.setPlaces(new Map([['x', 9]]));
  await turns();
  assert.deepEqual(told, ['b on 2', 'c on 2', 'e on 2']);
});

test('a stream ends at once where none of the versions that it may get has a place', async () => {
  const { told, open } = start({ 1: 0, 2: 0 });
  open('a');
  await turns();
  const text = `no replica that serves ${method} is connected`;
  assert.deepEqual(told, ['counted 2 UNAVAILABLE', `a UNAVAILABLE ${text}`]);
});

test('the line knows the tenant, the priority and the first message of a stream', async () => {
  const { places, told, open } = start({ 1: 1 }, 10);
  for (const first of ['held', '1 of flood', '2 of flood']) open(first, { tenant: 'flood' });
  await turns();
  assert.deepEqual(told.splice(0), [
    'held on 1',
    'counted 1 RESOURCE_EXHAUSTED',
    "2 of flood RESOURCE_EXHAUSTED Exceeds maximum queue size: all streams of model 'm' are taken",
  ]);
  open('urgent', { tenant: 'flood', priority: 1 });
  await turns();
  places.get('1')?.setPlaces(new Map([['x', 2]]));
  await turns();
  assert.deepEqual(
    told.filter((line) => line.endsWith('on 1')),
    ['urgent on 1'],
  );
});
