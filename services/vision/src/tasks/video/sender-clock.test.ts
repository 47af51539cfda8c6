import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SenderClock } from './sender-clock.ts';

describe('the clock of a sender', () => {
  test('tells of each frame what its way took longer than the fastest one', () => {
    const clock = new SenderClock();
    // The sender's clock is 1,000,000 ms ahead; the ways take 20, 5, 300 and 5 ms.
    const ages = [20, 5, 300, 5].map((wayMs, index) => {
      const takenMs = index * 100;
      return takenMs + wayMs - clock.toOwn(takenMs + 1_000_000, takenMs + wayMs);
    });
    assert.deepEqual(ages, [0, 0, 295, 0]);
  });

  test('may drift: what was fastest is forgotten after a minute', () => {
    const clock = new SenderClock();
    // It loses a thousandth: in ten minutes 600 ms, and in a minute 60.
    const ages = Array.from({ length: 6000 }, (_, index) => {
      const nowMs = index * 100;
      return nowMs - clock.toOwn(nowMs * 0.999, nowMs);
    });
    assert.ok(Math.max(...ages) <= 61, String(Math.max(...ages)));
  });

  test('that has jumped is believed anew after a pause', () => {
    const clock = new SenderClock();
    clock.toOwn(5_000_000, 0);
    assert.equal(clock.toOwn(7, 120_000), 120_000);
  });

  test('never says that a frame was taken after it arrived', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1e6), fc.nat(70_000))), (frames) => {
        const clock = new SenderClock();
        let nowMs = 0;
        for (const [takenMs, laterMs] of frames) {
          nowMs += laterMs;
          assert.ok(clock.toOwn(takenMs, nowMs) <= nowMs);
        }
      }),
    );
  });
});
