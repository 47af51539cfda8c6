import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeCanary, type Judged } from './judge-canary.ts';

const limits = { minRequests: 20, errorTolerance: 0.02, latencyFactor: 1.5 };

function seen(version: string, [calls, failed, p99Ms = 20]: readonly [number, number, number?]): Judged {
  return { version, calls, failed, p99Ms };
}

function verdict(canary: Judged, stable: Judged): string {
  const judged = judgeCanary(canary, stable, limits);
  return judged.decision === 'keep' ? 'keep' : judged.reason;
}

test('a canary that fails a fifth of its calls is rolled back after two dozen, with the reason in words', () => {
  assert.equal(
    verdict(seen('3', [25, 5]), seen('2', [225, 0])),
    'version 3 failed 20 % of 25 calls, version 2 0 % of 225',
  );
  assert.equal(
    verdict(seen('3', [120, 25]), seen('2', [1090, 1])),
    'version 3 failed 21 % of 120 calls, version 2 0.092 % of 1,090',
  );
});

test('a canary is kept when it fails as the stable version does, or too little was seen of either', () => {
  assert.equal(verdict(seen('3', [100, 20]), seen('2', [900, 180])), 'keep');
  assert.equal(verdict(seen('3', [19, 19]), seen('2', [900, 0])), 'keep');
  assert.equal(verdict(seen('3', [1000, 4]), seen('2', [90_000, 0])), 'keep');
  assert.equal(verdict(seen('3', [1000, 30]), seen('2', [9000, 100])), 'keep', 'within the tolerance');
  assert.equal(verdict(seen('3', [100, 100]), seen('2', [0, 0])), 'keep', 'there is nothing to go back to');
});

test('a p99 that is worse by half, and by ten milliseconds, counts from enough calls on', () => {
  const reason = 'version 3 answered 99 % of 200 calls within 100 ms, version 2 within 60 ms';
  assert.equal(verdict(seen('3', [200, 0, 100]), seen('2', [2000, 0, 60])), reason);
  assert.equal(verdict(seen('3', [199, 0, 100]), seen('2', [2000, 0, 60])), 'keep');
  assert.equal(verdict(seen('3', [200, 0, 89]), seen('2', [2000, 0, 60])), 'keep');
  assert.equal(verdict(seen('3', [200, 0, 11]), seen('2', [2000, 0, 2])), 'keep', 'ten milliseconds are allowed');
});
