import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerMeasure } from './measure-peer.ts';
import { type MeasuredPeer, reportPeers } from './report-peers.ts';

const rates = [100, 200, 400];

/** A round with these shares of the offered load in time. */
function round(...shares: readonly number[]): PeerMeasure {
  const latency = { p50Ms: 5, p99Ms: 9 };
  const offered = shares.map((share, at) => {
    const rate = rates[at] as number;
    return { rate, offered: rate, inTime: share * rate, late: 0, failed: 0, wrong: 0, givenUp: 0, ...latency };
  });
  return { closed: { calls: 100, wrong: 0, failed: 0, ...latency }, offered };
}

const peer = (name: string, rounds: readonly PeerMeasure[], missing?: string): MeasuredPeer => ({
  name,
  versions: { [name]: '1.0' },
  setting: '',
  rounds: [...rounds],
  missing,
});

const report = (peers: readonly MeasuredPeer[], fullBatchMs = 20) =>
  reportPeers({ peers, times: [{ rows: 32, ms: fullBatchMs }], rates, deadlineMs: 50, threads: 1 });

test('what counts is the median of the rounds, and a load is served only when all below it are', () => {
  const rounds = [round(1, 0.5, 1), round(1, 0.98, 0.995), round(0, 1, 0.99)];
  const { tables, verdicts } = report([peer('weft', rounds), peer('other', [round(1, 1, 0.1)])]);
  const short = tables.find(({ title }) => title === 'In short');
  assert.deepEqual(short?.rows, [
    ['weft', '398', '100', '5.0', '9.0'],
    ['other', '200', '200', '5.0', '9.0'],
  ]);
  assert.deepEqual(
    verdicts.map(({ measured, met }) => [measured, met]),
    [['1.99', true]],
  );
});

test('a server that could not be measured has no figures but its reason', () => {
  const { tables, invalid } = report([peer('weft', [round(1, 1, 1)]), peer('other', [], 'pip failed')]);
  assert.ok(
    tables.every(
      ({ title, rows }) => rows.length === 1 || title.startsWith('Versions') || title.startsWith('The model'),
    ),
  );
  assert.deepEqual(tables.at(-1)?.rows[1], ['other', 'NOT MEASURED: pip failed', '–']);
  assert.deepEqual(invalid, []);
});

test('a run does not count without weft, with wrong answers, or on a machine too slow for a full batch', () => {
  const wrong = round(1, 1, 1);
  const rounds = [{ ...wrong, closed: { ...wrong.closed, wrong: 2 } }];
  assert.deepEqual(report([peer('weft', [], 'no port')]).invalid, ['weft: no port']);
  assert.deepEqual(report([peer('weft', rounds)]).invalid, ['weft gave 2 wrong answers']);
  assert.match(report([peer('weft', [round(1, 1, 1)])], 45).invalid.join(), /a full batch takes 45 of 50 ms/);
});
