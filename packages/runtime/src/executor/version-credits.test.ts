import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '@weft/flow';
import { decodeReplicaMessage, type Sharing } from '@weft/rpc';
import { VersionCredits } from './version-credits.ts';

/** A router: what it heard since it was last asked, as words. */
class Router {
  #heard: string[] = [];
  onSharing: (sharing: Sharing) => void = () => {};

  send(bytes: Buffer): void {
    const message = decodeReplicaMessage(bytes);
    if (message.kind === 'sharing') {
      this.#heard.push(`shared by ${message.routers}`);
      this.onSharing(message);
    } else if ('instance' in message) this.#heard.push(`${message.kind} ${message.instance}`);
  }

  heard(): string[] {
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }
}

interface Situation {
  readonly routers?: number;
  readonly arbitrated?: boolean;
}

function start({ routers = 2, arbitrated = true }: Situation = {}) {
  const clock = new ManualClock();
  const credits = new VersionCredits({ version: '1', clock, arbitrated });
  const all = Array.from({ length: routers }, () => new Router());
  for (const router of all) credits.attach(router);
  const [a, b, c] = all as [Router, Router, Router];
  const asks = (router: Router, slackMs: number, priority = 0): void =>
    credits.demand(router, { rows: 1, slackUs: slackMs * 1000, priority });
  const has = (router: Router): void => credits.demand(router, { rows: 0, slackUs: 0, priority: 0 });
  return { clock, credits, a, b, c, all, asks, hasNothing: has };
}

/** Routers that have all sent a batch, and told that nothing waits; the instance is busy. */
function startShared(situation: Situation = {}) {
  const started = start(situation);
  const { credits, all, hasNothing } = started;
  for (const router of all) {
    credits.offer(0);
    assert.ok(credits.spend(router, 0, 1));
    credits.revoke(0);
  }
  for (const router of all) hasNothing(router);
  for (const router of all) router.heard();
  return started;
}

describe('of one router that works', () => {
  test('an instance that is free is offered to everyone, and the first takes it', () => {
    const { credits, a, b } = start();
    credits.offer(0);
    credits.offer(0);
    assert.deepEqual([a.heard(), b.heard()], [['credit 0'], ['credit 0']]);
    assert.equal(credits.spend(a, 0, 1), true);
    credits.revoke(0);
    assert.equal(credits.spend(a, 0, 1), false);
    assert.deepEqual([a.heard(), b.heard()], [[], ['credit_return 0']]);
  });

  test('nothing is told but credits, however long it works', () => {
    const { clock, credits, a, b } = start();
    for (let batch = 0; batch < 50; batch++) {
      credits.offer(0);
      assert.equal(credits.spend(a, 0, 1), true);
      credits.revoke(0);
      clock.advance(1000);
    }
    assert.deepEqual(new Set(a.heard()), new Set(['credit 0']));
    assert.deepEqual(new Set(b.heard()), new Set(['credit 0', 'credit_return 0']));
  });
});

describe('routers that share a replica', () => {
  test('are told so, and when they do no more', () => {
    const { clock, credits, a, b, c } = start({ routers: 3 });
    credits.spend(a, 0, 1);
    assert.deepEqual(a.heard(), []);
    credits.spend(b, 0, 1);
    for (const router of [a, b, c]) assert.deepEqual(router.heard(), ['shared by 2']);
    credits.detach(b);
    assert.deepEqual([a.heard(), c.heard()], [['shared by 1'], ['shared by 1']]);
    credits.spend(c, 0, 1);
    assert.deepEqual(a.heard(), ['shared by 2']);
    clock.advance(1999);
    credits.spend(a, 0, 1);
    clock.advance(2000);
    assert.deepEqual([a.heard(), c.heard()], [['shared by 1'], ['shared by 2', 'shared by 1']]);
  });

  test('do so as long as one waits for a batch of another', () => {
    const { clock, credits, a, b, asks } = startShared();
    asks(a, 20);
    credits.offer(0);
    credits.spend(a, 0, 1);
    asks(b, 30);
    asks(a, 20);
    clock.advance(60_000);
    assert.deepEqual([a.heard(), b.heard()], [['reserved_credit 0'], []]);
    credits.offer(0);
    assert.deepEqual(a.heard(), ['reserved_credit 0']);
  });

  test('are told what part of the rows is theirs, as it changes', () => {
    const { clock, credits, a, b } = startShared();
    const parts: string[] = [];
    for (const router of [a, b]) router.onSharing = ({ rows, allRows }) => parts.push(`${rows} of ${allRows}`);
    credits.offer(0);
    credits.spend(a, 0, 30);
    clock.advance(199);
    assert.deepEqual(parts, []);
    clock.advance(1);
    assert.deepEqual(parts, ['30 of 31', '1 of 31']);
    clock.advance(200);
    assert.equal(parts.length, 2);
  });

  test('of which nobody waits all have a credit for a free instance', () => {
    const { credits, a, b } = startShared();
    credits.offer(0);
    assert.deepEqual([a.heard(), b.heard()], [['credit 0'], ['credit 0']]);
  });

  test('get the next credit by what is most urgent, for themselves', () => {
    const { credits, a, b, asks } = startShared();
    asks(a, 30);
    asks(b, 20);
    credits.offer(0);
    assert.deepEqual([a.heard(), b.heard()], [[], ['reserved_credit 0']]);
    assert.equal(credits.spend(b, 0, 1), true);
    credits.offer(0);
    assert.deepEqual([a.heard(), b.heard()], [['reserved_credit 0'], []]);
  });

  test('are offered two instances at once: each to another one', () => {
    const { credits, a, b, asks } = startShared();
    asks(a, 30);
    asks(b, 20);
    credits.offer(0);
    credits.offer(1);
    credits.offer(2);
    assert.deepEqual(
      [a.heard(), b.heard()],
      [
        ['reserved_credit 1', 'credit 2'],
        ['reserved_credit 0', 'credit 2'],
      ],
    );
  });

  test('have a credit that the most urgent one leaves', () => {
    const { credits, a, b, asks, hasNothing } = startShared();
    asks(a, 20);
    credits.offer(0);
    assert.deepEqual([a.heard(), b.heard()], [['reserved_credit 0'], []]);
    hasNothing(a);
    assert.deepEqual([a.heard(), b.heard()], [[], ['credit 0']]);
    assert.equal(credits.spend(b, 0, 1), true);
    assert.deepEqual(a.heard(), ['credit_return 0']);
  });

  test('have a credit that the most urgent one does not use soon, or not any more', () => {
    const { clock, credits, a, b, c, asks } = startShared({ routers: 3 });
    asks(a, 20);
    credits.offer(0);
    clock.advance(2.9);
    assert.deepEqual(b.heard(), []);
    clock.advance(0.1);
    assert.deepEqual([a.heard(), b.heard(), c.heard()], [['reserved_credit 0'], ['credit 0'], ['credit 0']]);
    credits.spend(b, 0, 1);
    clock.advance(100);
    c.heard();
    asks(a, 20);
    credits.offer(0);
    clock.advance(24.9);
    assert.deepEqual(c.heard(), []);
    clock.advance(0.1);
    assert.deepEqual(c.heard(), ['credit 0']);
    credits.revoke(0);
    asks(a, 20);
    credits.offer(0);
    b.heard();
    credits.detach(a);
    assert.deepEqual(b.heard(), ['credit 0', 'shared by 2']);
  });

  test('that have never told what waits have a credit with the most urgent one', () => {
    const { credits, a, b, asks } = startShared();
    const old = new Router();
    credits.attach(old);
    assert.deepEqual(old.heard(), ['shared by 2']);
    asks(a, 20);
    credits.offer(0);
    assert.deepEqual([a.heard(), b.heard(), old.heard()], [['reserved_credit 0'], [], ['credit 0']]);
    assert.equal(credits.spend(old, 0, 1), true);
    assert.deepEqual(a.heard(), ['shared by 3', 'credit_return 0']);
  });

  test('that ask while a credit is on its way to them have asked for nothing', () => {
    const { credits, a, b, asks } = startShared();
    credits.offer(0);
    asks(a, 5);
    assert.equal(credits.spend(b, 0, 1), true);
    a.heard();
    credits.offer(0);
    assert.deepEqual(a.heard(), ['credit 0']);
  });

  test('of a model with sequences have a credit each, for only that of its own instance serves one', () => {
    const { credits, a, b, asks } = start({ arbitrated: false });
    for (const router of [a, b]) credits.spend(router, 0, 1);
    asks(a, 5);
    credits.offer(0);
    assert.deepEqual([a.heard(), b.heard()], [['credit 0'], ['credit 0']]);
  });
});
