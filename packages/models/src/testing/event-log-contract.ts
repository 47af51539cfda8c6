// For tests: what every event log promises, as tests that run on each implementation. The artifacts have their own half.
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { type EventLog, maxEventBytes } from '../event-log/event-log.ts';
import { artifactContract } from './artifact-contract.ts';
import { type EventLogStore, type EventLogSubject, opened } from './event-log-store.ts';
import { RecordingFollower } from './recording-follower.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

function following(t: TestContext, log: EventLog): RecordingFollower {
  const follower = new RecordingFollower();
  t.after(log.follow(follower));
  return follower;
}

export function eventLogContract(subject: EventLogSubject): void {
  const { name, skip = false, oneForAll = false } = subject;
  const promise = (fact: string, body: (t: TestContext, store: EventLogStore) => Promise<void>, off = false): void => {
    void test(`${name}: ${fact}`, { skip: skip || off }, async (t) => body(t, await subject.makeStore(t)));
  };

  promise('an empty log is caught up at once', async (t, store) => {
    const follower = following(t, opened(t, store));
    await follower.until('caught up', () => follower.timesCaughtUp() === 1);
    assert.deepEqual(follower.events, []);
  });

  promise('what is appended is heard, by two followers, in order, with growing revisions', async (t, store) => {
    const log = opened(t, store);
    const followers = [following(t, log), following(t, opened(t, store, false))];
    const revisions: number[] = [];
    const known = new Map<string, number>();
    for (const [at, model] of ['a', 'b', 'a', 'a', 'b'].entries()) {
      const revision = await log.append({ model, bytes: bytes(String(at)), after: known.get(model) ?? 0 });
      known.set(model, revision);
      revisions.push(revision);
    }
    assert.deepEqual(
      [...new Set(revisions)].sort((a, b) => a - b),
      revisions,
    );
    for (const follower of followers) {
      await follower.untilEvent('b', revisions[4] ?? 0);
      for (const model of ['a', 'b']) {
        const heard = follower.events.filter((event) => event.model === model).map(({ revision }) => revision);
        assert.deepEqual(
          heard,
          [...heard].sort((a, b) => a - b),
        );
      }
      const last = follower.events.findLast((event) => event.model === 'a');
      assert.equal(Buffer.from(last?.bytes ?? []).toString(), '3');
    }
  });

  promise('who comes later hears the last event of each model, and that this is all', async (t, store) => {
    const log = opened(t, store);
    const first = await log.append({ model: 'a', bytes: bytes('old'), after: 0 });
    const other = await log.append({ model: 'b', bytes: bytes('other'), after: 0 });
    const last = await log.append({ model: 'a', bytes: bytes('new'), after: first });
    const follower = following(t, opened(t, store, false));
    await follower.until('caught up', () => follower.timesCaughtUp() === 1);
    assert.deepEqual(
      follower.heard.map((heard) => (heard.kind === 'event' ? heard.event.revision : heard.kind)),
      [other, last, 'caught-up'],
    );
  });

  promise('an append after another revision than the last is ABORTED and names that', async (t, store) => {
    const log = opened(t, store);
    await assert.rejects(log.append({ model: 'a', bytes: bytes('x'), after: 7 }), { code: 'ABORTED' });
    const first = await log.append({ model: 'a', bytes: bytes('x'), after: 0 });
    const second = await log.append({ model: 'a', bytes: bytes('x'), after: first });
    for (const after of [0, first, second + 1]) {
      await assert.rejects(log.append({ model: 'a', bytes: bytes('y'), after }), {
        code: 'ABORTED',
        message: `model 'a' has changed meanwhile: revision ${second}, not ${after}`,
      });
    }
    await log.append({ model: 'b', bytes: bytes('x'), after: 0 });
  });

  promise('of appends at the same time after one revision exactly one wins', async (t, store) => {
    const log = opened(t, store);
    const attempts = Array.from({ length: 8 }, (_, at) => log.append({ model: 'a', bytes: bytes(`${at}`), after: 0 }));
    const settled = await Promise.allSettled(attempts);
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  promise('any bytes, and any name of a model, arrive as they were', async (t, store) => {
    const log = opened(t, store);
    const everyByte = Uint8Array.from({ length: 256 }, (_, at) => at);
    const names = ['...', 'model..1', 'a b', '*', '>', 'a.>', '$JS', 'модель-模型-🦊', 'x'.repeat(255)];
    const revisions = new Map<string, number>();
    for (const model of names) revisions.set(model, await log.append({ model, bytes: everyByte, after: 0 }));
    revisions.set('empty', await log.append({ model: 'empty', bytes: new Uint8Array(), after: 0 }));
    const follower = following(t, opened(t, store, false));
    for (const [model, revision] of revisions) {
      const event = await follower.untilEvent(model, revision);
      assert.deepEqual(Uint8Array.from(event.bytes), model === 'empty' ? new Uint8Array() : everyByte);
    }
    for (const model of ['', '..', 'a/b', 'x'.repeat(256), '\ud800']) {
      await assert.rejects(log.append({ model, bytes: everyByte, after: 0 }), { code: 'INVALID_ARGUMENT' });
    }
  });

  promise('an event may be as large as the limit, and not a byte more', async (t, store) => {
    const log = opened(t, store);
    const largest = new Uint8Array(maxEventBytes).fill(7);
    const revision = await log.append({ model: 'a', bytes: largest, after: 0 });
    const { bytes: arrived } = await following(t, opened(t, store, false)).untilEvent('a', revision);
    assert.ok(Buffer.from(largest).equals(arrived));
    const over = { model: 'a', bytes: new Uint8Array(maxEventBytes + 1), after: revision };
    await assert.rejects(log.append(over), { code: 'INVALID_ARGUMENT' });
  });

  promise('who unfollows, or whose log is closed, hears nothing more', async (t, store) => {
    const log = opened(t, store);
    const [gone, staying] = [new RecordingFollower(), following(t, log)];
    const unfollow = log.follow(gone);
    const first = await log.append({ model: 'a', bytes: bytes('1'), after: 0 });
    await gone.untilEvent('a', first);
    unfollow();
    const second = await log.append({ model: 'a', bytes: bytes('2'), after: first });
    await staying.untilEvent('a', second);
    assert.equal(gone.events.at(-1)?.revision, first);
    await log.close();
    await assert.rejects(log.append({ model: 'a', bytes: bytes('3'), after: second }), { code: 'UNAVAILABLE' });
    const late = new RecordingFollower();
    log.follow(late)();
    assert.deepEqual(late.heard, [{ kind: 'problem', problem: 'the event log is closed' }]);
  });

  promise('a lost log is told as a problem; after it everything is told again', async (t, store) => {
    const log = opened(t, store);
    const follower = following(t, log);
    const first = await log.append({ model: 'a', bytes: bytes('1'), after: 0 });
    await follower.untilEvent('a', first);
    await follower.until('caught up', () => follower.timesCaughtUp() === 1);
    await store.lose();
    await follower.until('a problem', () => follower.heard.at(-1)?.kind === 'problem');
    await assert.rejects(log.append({ model: 'a', bytes: bytes('2'), after: first }), { code: 'UNAVAILABLE' });
    const before = follower.heard.length;
    await store.restore();
    await follower.until('caught up again', () => follower.timesCaughtUp() === 2);
    const heard = follower.heard.slice(before).filter(({ kind }) => kind !== 'problem');
    assert.deepEqual(
      heard.map((item) => (item.kind === 'event' ? item.event.revision : item.kind)),
      [first, 'caught-up'],
    );
    const isOver = follower.heard.findLast(({ kind }) => kind === 'problem');
    assert.deepEqual(isOver, { kind: 'problem', problem: undefined });
    await follower.untilEvent('a', await log.append({ model: 'a', bytes: bytes('2'), after: first }));
  });

  promise(
    'a process that only reads does not append',
    async (t, store) => {
      const attempt = opened(t, store, false).append({ model: 'a', bytes: bytes('1'), after: 0 });
      await assert.rejects(attempt, { code: 'FAILED_PRECONDITION' });
    },
    oneForAll,
  );

  artifactContract(subject, promise);
}
