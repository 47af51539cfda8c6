import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Rollout__Output } from '@weft/rpc/messages/weft/models/v1/Rollout';
import { type Candidate, shareAt, versionShares } from './version-shares.ts';

interface Has {
  readonly instances?: number;
  readonly superseded?: boolean;
  readonly loading?: boolean;
}

/** Versions by number, with what each replica says of them. */
function views(versions: Readonly<Record<number, Readonly<Record<string, Has>>>>): Candidate[] {
  const all = Object.entries(versions).map(([version, replicas]) => {
    const reports = Object.entries(replicas).map(
      ([replicaId, { instances = 1, superseded = false, loading = false }]) => ({
        replicaId,
        serving: !loading,
        entry: { instances, superseded },
      }),
    );
    return { version, ready: reports.some(({ serving }) => serving), replicas: reports };
  });
  return all.sort((a, b) => Number(b.version) - Number(a.version));
}

function rollout(fields: Partial<Rollout__Output>): Rollout__Output {
  return { stable: '', canary: '', canaryShare: 0, shadow: '', shadowShare: 0, ...fields };
}

function told(versions: Parameters<typeof views>[0], fields?: Partial<Rollout__Output>): Record<string, number> {
  const shares = versionShares(views(versions), fields === undefined ? undefined : rollout(fields));
  return Object.fromEntries(shares.map(({ view, share }) => [view.version, Math.round(share * 1000) / 1000]));
}

test('without a rollout the newest READY version serves', () => {
  assert.deepEqual(told({ 1: { a: {} }, 2: { a: {} }, 3: { a: { loading: true } } }), { 2: 1 });
});

test('a canary gets its share, the stable version the rest', () => {
  const shares = told({ 1: { a: {} }, 2: { a: {} } }, { stable: '1', canary: '2', canaryShare: 0.1 });
  assert.deepEqual(shares, { 1: 0.9, 2: 0.1 });
});

test('a version that is READY nowhere leaves its share to the other', () => {
  const trial = { stable: '1', canary: '2', canaryShare: 0.1 };
  assert.deepEqual(told({ 1: { a: {} }, 2: { a: { loading: true } } }, trial), { 1: 1 });
  assert.deepEqual(told({ 1: { a: { loading: true } }, 2: { a: {} } }, trial), { 2: 1 });
  assert.deepEqual(told({ 1: { a: { loading: true } } }, trial), {});
});

test('a stable version that is READY nowhere is replaced by one that was not told to be on trial', () => {
  const trial = { stable: '2', canary: '3', canaryShare: 0.2, shadow: '4', shadowShare: 1 };
  const versions = { 1: { a: { superseded: true } }, 2: { a: { loading: true } }, 3: { a: {} }, 4: { a: {} } };
  assert.deepEqual(told(versions, trial), { 1: 0.8, 3: 0.2 });
});

test('a switch that rolls over the replicas shares by the instances that are READY', () => {
  const old = { superseded: true, instances: 2 };
  assert.deepEqual(told({ 1: { a: old, b: old }, 2: { c: { instances: 1 } } }), { 2: 0.2, 1: 0.8 });
  assert.deepEqual(told({ 1: { b: old }, 2: { a: { instances: 2 }, c: { instances: 2 } } }), { 2: 0.667, 1: 0.333 });
  assert.deepEqual(told({ 1: { a: old }, 2: { a: {} } }), { 2: 1 }, 'a replica with both counts for the new one');
});

test('the share that rolls is that of the stable version, not of the canary', () => {
  const versions = { 1: { a: { superseded: true } }, 2: { b: {} }, 3: { b: {} } };
  assert.deepEqual(told(versions, { stable: '2', canary: '3', canaryShare: 0.5 }), { 2: 0.25, 1: 0.25, 3: 0.5 });
});

test('as long as everything is superseded the newest of it serves', () => {
  assert.deepEqual(told({ 1: { a: { superseded: true } }, 2: { a: { superseded: true } } }), { 2: 1 });
});

test('shares sum up to 1 where anything serves, and go to READY versions only', () => {
  const report = fc.record({ instances: fc.nat(3), superseded: fc.boolean(), loading: fc.boolean() });
  const versions = fc.dictionary(fc.constantFrom('1', '2', '3', '4'), fc.dictionary(fc.constantFrom('a', 'b'), report));
  const number = fc.constantFrom('', '1', '2', '3', '4');
  const trial = fc.record({ stable: number, canary: number, canaryShare: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(versions, trial, fc.double({ min: 0, max: 0.999, noNaN: true }), (given, fields, point) => {
      const all = views(given);
      const shares = versionShares(all, rollout(fields.canary === fields.stable ? {} : fields));
      const sum = shares.reduce((total, { share }) => total + share, 0);
      const serves = shares.length > 0;
      assert.equal(Math.round(sum * 1e9), serves ? 1e9 : 0);
      assert.ok(shares.every(({ view, share }) => view.ready && share > 0));
      assert.equal(shareAt(shares, point) !== undefined, serves);
      assert.equal(
        serves,
        all.some(({ ready }) => ready),
      );
    }),
  );
});
