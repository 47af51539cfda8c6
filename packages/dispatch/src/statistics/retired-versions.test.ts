import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@weft/flow';
import { createInstruments, createLog } from '@weft/telemetry';
import { observeLanes } from '../lanes/observe-lanes.ts';
import { FakeReplica } from '../testing/fake-replica.ts';
import { startEngine, turns } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';
import { RetiredVersions } from './retired-versions.ts';
import { StatisticsBook } from './statistics-book.ts';

const minuteMs = 60_000;

/** An engine whose one replica has the versions of `m` that a test says, with the metrics that a router has. */
function startCounting() {
  const clock = new ManualClock();
  const instruments = createInstruments();
  const statistics = new StatisticsBook(0, 0);
  const retired = new RetiredVersions({ clock, statistics, metrics: instruments });
  const cancelled = instruments.counter('weft_cancelled_total', 'C', ['model', 'where']);
  cancelled.with('m', 'queued').add();
  const log = createLog({ level: 'error', fields: {}, destination: { write() {} } });
  const { engine, submit } = startEngine({
    clock,
    observer: {
      lane: observeLanes(instruments, log),
      counts: (model, number) => statistics.of(model, number),
      onInventory: (inventory) => retired.keepOnly(inventory.models),
      onDetached: () => {},
    },
  });
  const replica = new FakeReplica();
  const serve = async (...numbers: string[]): Promise<void> => {
    engine.updateReplica('a', replicaState(numbers.map((number) => version('m', number))), replica.open);
    await turns();
  };
  const answer = async (number: string): Promise<void> => {
    const call = submit('x', { version: number });
    replica.grant(number);
    await turns();
    replica.echo(replica.batches.at(-1) ?? assert.fail('no batch'));
    await turns();
    assert.equal(call.answer(), 'x');
  };
  /** Versions of which something is told. */
  const told = (): string[] => {
    const points = [...instruments.metrics].flatMap(({ read }) => [...read().points].map(({ labels }) => labels));
    const named = points.flatMap((labels) => (labels['model'] === 'm' ? [labels['version'] ?? 'any'] : []));
    return [...new Set([...named, ...[...statistics.entries()].map((entry) => entry.version)])];
  };
  const count = (): number => [...instruments.metrics].reduce((sum, { read }) => sum + read().points.length, 0);
  return { clock, engine, serve, answer, told, count, statistics };
}

test('fifty pushes leave the series and statistics of the versions that serve', async () => {
  const { clock, serve, answer, told, count } = startCounting();
  await serve('1');
  await answer('1');
  const one = count();
  for (let number = 2; number <= 50; number += 1) {
    await serve(`${number - 1}`, `${number}`);
    await answer(`${number}`);
    await serve(`${number}`);
    clock.advance(minuteMs);
  }
  assert.ok(told().length <= 12, `${told()}`);
  clock.advance(10 * minuteMs);
  assert.deepEqual([told(), count()], [['any', '50'], one]);
});

test('a version that comes back within ten minutes counts on', async () => {
  const { clock, serve, answer, told, statistics } = startCounting();
  await serve('1', '2');
  await answer('1');
  await serve('2');
  clock.advance(10 * minuteMs - 1);
  await serve('1', '2');
  clock.advance(60 * minuteMs);
  await answer('1');
  assert.deepEqual([told().sort(), statistics.find('m', '1')?.success.count], [['1', '2', 'any'], 2]);
});

test('of a model that is gone nothing is left, not even what its versions have in common', async () => {
  const { clock, serve, answer, told, count } = startCounting();
  await serve('1', '2');
  await answer('1');
  await answer('2');
  await serve();
  assert.deepEqual(told().sort(), ['1', '2', 'any']);
  clock.advance(10 * minuteMs);
  assert.deepEqual([told(), count()], [[], 0]);
});

test('what a lost replica had is told for as long as it is missed', async () => {
  const { clock, engine, serve, answer, told } = startCounting();
  await serve('1');
  await answer('1');
  engine.loseReplica('a');
  clock.advance(60 * minuteMs);
  assert.deepEqual(told().sort(), ['1', 'any']);
});
