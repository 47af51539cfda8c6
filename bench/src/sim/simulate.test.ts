import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lossAfterStep, shareInTime, steady } from './measure.ts';
import { oneGreedy, roundRobin, strategies, weft } from './strategy.ts';
import { heavyWorkload, type Workload } from './workload.ts';

const workload: Workload = { replicas: 4, startMs: 8, perRowMs: 0.25, maxRows: 64, deadlineMs: 30 };

test('a run is the same every time', () => {
  const run = (): readonly number[] =>
    steady({ workload, strategy: weft }, { load: 0.5, requests: 500 }).map(({ answeredMs }) => answeredMs);
  assert.deepEqual(run(), run());
});

test('at low load every strategy answers every request in time, after at least the time of one row', () => {
  for (const strategy of strategies) {
    const requests = steady({ workload, strategy }, { load: 0.1, requests: 500 });
    assert.ok(requests.length > 400);
    assert.equal(shareInTime(requests), 1, strategy.name);
    assert.ok(requests.every(({ arrivedMs, answeredMs }) => answeredMs - arrivedMs > 0.95 * 8.25));
  }
});

test('nothing is answered beyond the raw capacity', () => {
  const load = 3;
  for (const strategy of strategies)
    assert.ok(load * shareInTime(steady({ workload, strategy }, { load, requests: 5000 })) < 1.03, strategy.name);
});

test('the scheduler answers in time what a greedy queue and round robin lose', () => {
  const share = (strategy: typeof weft): number =>
    shareInTime(steady({ workload, strategy }, { load: 0.88, requests: 4000 }));
  assert.ok(share(weft) > 0.99);
  assert.ok(share(oneGreedy) < 0.99);
  assert.ok(share(roundRobin) < 0.9);
});

test('at three times the capacity who is refused hears it at once: fewer than 0.7% of them wait for it', () => {
  for (const seed of [1, 3]) {
    const requests = steady({ workload: heavyWorkload, strategy: weft }, { load: 3, requests: 15_000, seed });
    const refused = requests.filter(({ droppedMs }) => !Number.isNaN(droppedMs));
    const late = refused.filter(({ droppedMs, arrivedMs }) => droppedMs - arrivedMs > 50);
    assert.ok(refused.length > 9000 && 3 * shareInTime(requests) > 0.9, `${refused.length} refused`);
    assert.ok(late.length < 0.007 * refused.length, `${late.length} of ${refused.length}`);
  }
});

test('a load that no strategy survives is seen as a loss after the step', () => {
  assert.ok(lossAfterStep({ workload, strategy: weft }, 2) > 0.2);
});
