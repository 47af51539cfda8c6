import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CircuitState } from '@weft/flow';
import { sharingOf, tellShared } from './shared-replicas.ts';
import type { WaitingDemand } from './told-demand.ts';

type Numbers = readonly [routers: number, rows: number, allRows: number];

/** A replica that says this of who shares it, and what it hears. */
function replica(numbers: Numbers | undefined) {
  const heard: (WaitingDemand | undefined)[] = [];
  const [routers = 0, rows = 0, allRows = 0] = numbers ?? [];
  return {
    heard,
    sharing: () => (numbers === undefined ? undefined : { version: '1', routers, rows, allRows }),
    tell: (_version: string, waiting: WaitingDemand | undefined) => void heard.push(waiting),
  };
}

function sharing(...all: readonly (Numbers | undefined)[]): ReturnType<typeof sharingOf> {
  return sharingOf(new Map(all.map((numbers) => [replica(numbers), undefined])), '1');
}

describe('a router', () => {
  test('has replicas to itself that no other router uses', () => {
    assert.equal(sharing(undefined, undefined), undefined);
    assert.deepEqual(sharing(undefined, [2, 49, 98]), { rowsPart: 0.75, timePart: 0.75 });
  });

  test('that sends little has a small part of the rows, and is due as much time as each of the others', () => {
    assert.deepEqual(sharing([2, 9, 98]), { rowsPart: 0.1, timePart: 0.5 });
    assert.deepEqual(sharing([2, 89, 98]), { rowsPart: 0.9, timePart: 0.9 });
  });

  test('has an equal part when all begin at the same time', () => {
    assert.deepEqual(sharing([4, 0, 0]), { rowsPart: 0.25, timePart: 0.25 });
  });
});

describe('of what waits hears', () => {
  const some = { rows: 1, dueMs: 5, priority: 0 };
  const told = (...all: readonly (readonly [CircuitState, credits: number])[]) => {
    const replicas = all.map(
      ([state, credits]) => [replica([2, 0, 0]), { credits, circuit: { state: () => state } }] as const,
    );
    tellShared(new Map(replicas), { version: '1', waiting: some, nowMs: 0 });
    return replicas.map(([{ heard }]) => heard);
  };

  test('a replica that is trusted, and that others use', () => {
    assert.deepEqual(told(['closed', 0], ['closed', 1]), [[some], [some]]);
    const own = replica(undefined);
    const trusted = { credits: 0, circuit: { state: (): CircuitState => 'closed' } };
    tellShared(new Map([[own, trusted]]), { version: '1', waiting: some, nowMs: 0 });
    assert.deepEqual(own.heard, []);
  });

  test('no replica that is not trusted, as long as another one is', () => {
    assert.deepEqual(told(['closed', 0], ['open', 0]), [[some], [undefined]]);
    assert.deepEqual(told(['open', 0], ['open', 0]), [[some], [some]]);
  });

  test('one that is to be probed, which keeps its credit for that', () => {
    assert.deepEqual(told(['closed', 0], ['half-open', 0]), [[some], [some]]);
    assert.deepEqual(told(['closed', 0], ['half-open', 1]), [[some], []]);
  });
});
