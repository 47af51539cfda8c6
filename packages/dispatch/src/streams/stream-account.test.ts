import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StreamAccount, streamLimit, unseenBytes } from './stream-account.ts';

const megabyte = 1024 * 1024;

function started() {
  const unsent = { bytes: 0 };
  return { account: new StreamAccount((change) => void (unsent.bytes += change)), unsent };
}

test('a stream that has given all its answers counts nothing, whatever their sizes', () => {
  const request = fc.record({
    model: fc.constantFrom('a', 'b'),
    bytes: fc.nat(megabyte),
    answer: fc.nat(20 * megabyte),
    /** Of those that are there: which one is answered, or given, next. */
    pick: fc.nat(200),
  });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 300 }), (requests) => {
      const { account, unsent } = started();
      const asked: { readonly size: number; readonly model: string; readonly answer: number }[] = [];
      const there: number[] = [];
      const answer = (pick: number): void => {
        for (const { size, model, answer: bytes } of asked.splice(pick % asked.length, 1)) {
          account.learn(model, bytes);
          account.become(size, bytes);
          account.hold(bytes);
          there.push(bytes);
        }
      };
      const give = (): void => {
        for (const bytes of there.splice(0, 1)) {
          account.give(bytes);
          account.leave(bytes);
        }
      };
      for (const { model, bytes, answer: size, pick } of requests) {
        while (account.full) {
          if (asked.length > 0) answer(pick);
          else give();
        }
        asked.push({ size: account.enter(model, bytes), model, answer: size });
        assert.ok(asked.length + there.length <= streamLimit.messages);
        if (pick % 3 === 0) answer(pick);
      }
      while (asked.length > 0) answer(0);
      assert.equal(
        unsent.bytes,
        there.reduce((sum, bytes) => sum + bytes, 0),
      );
      while (there.length > 0) give();
      assert.deepEqual([account.empty, account.full, unsent.bytes], [true, false, 0]);
    }),
    { numRuns: 50 },
  );
});

test('a request counts as the largest of itself and what its model answers of late', () => {
  const { account } = started();
  assert.equal(account.enter('m', 10), unseenBytes);
  assert.equal(account.enter('m', 3 * megabyte), 3 * megabyte);
  account.learn('m', 1000);
  assert.deepEqual(
    [account.enter('m', 10), account.enter('m', 2000), account.enter('other', 10)],
    [1000, 2000, unseenBytes],
  );
});

test('one large answer is forgotten over the small ones after it', () => {
  const { account } = started();
  account.learn('m', 16 * megabyte);
  for (let answer = 0; answer < 100; answer++) account.learn('m', 1000);
  const size = account.enter('m', 10);
  assert.ok(size < megabyte / 16 && size >= 1000, `${size}`);
});

test('what a stream that is over still holds counts no more', () => {
  const { account, unsent } = started();
  account.hold(500);
  account.hold(700);
  account.give(500);
  assert.equal(unsent.bytes, 700);
  account.close();
  account.give(700);
  account.hold(100);
  assert.equal(unsent.bytes, 0);
});
