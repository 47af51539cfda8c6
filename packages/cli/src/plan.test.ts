// weft plan, with times from a file and from a router.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FakeAdmin, type FakeRouter, startFakeRouter } from '@weft/client/testing';
import { type Run, runWeft } from './testing/run-weft.ts';

const load = ['--rate', '100', '--deadline', '100ms'];

describe('weft plan with a file', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'weft-plan-'))));
  after(() => rmSync(folder, { recursive: true }));

  /** With these models in the file. */
  function plan(models: unknown, ...args: string[]): Promise<Run> {
    const file = join(folder, 'profile.json');
    writeFileSync(file, typeof models === 'string' ? models : JSON.stringify({ models }));
    return runWeft(['plan', '--model', 'm', ...load, '--profile', file, ...args]);
  }

  const times = { name: 'm', method: '/a.B/Embed', maxRows: 1, sizes: [{ rows: 1, ms: 25 }] };

  test('tells the least number of replicas that holds the share, and to run one more', async () => {
    const { exitCode, out, err } = await plan([times]);
    assert.deepEqual([exitCode, err], [0, '']);
    const lines = out.split('\n');
    assert.match(lines[0] ?? '', /^m Embed: 25\.0 ms for one row \(.*profile\.json\)$/);
    assert.equal(lines[1], '100 requests a second, 99% within 100ms, and when 25% more arrive');
    assert.match(out, /^REPLICAS {2}IN TIME {2}AT 125\/s {2}GOODPUT +P50 +P99 +BUSY +BATCH$/m);
    assert.match(out, /^ +2 +\d\d\.\d\d% +\d\d\.\d\d% +\d\d(\.\d)?\/s +[\d.]+ ms +– +\d\d% +1$/m);
    assert.match(
      out,
      /^ +4 +\d+\.\d\d% +\d+\.\d\d% +\d\d\.?\d*\/s +[\d.]+ ms +[\d.]+ ms +\d\d% +1 {2}(the least|one to spare)$/m,
    );
    assert.match(out, /^4 replicas are enough\. Run 5: a rolling update/m);
  });

  test('is one JSON document with --json', async () => {
    const { out } = await plan([times], '--json', '--share', '99.5%', '--reserve', '0');
    const told = JSON.parse(out) as { least: number; withOneToSpare: number; share: number; outlooks: object[] };
    assert.deepEqual([told.share, told.withOneToSpare - told.least, told.outlooks.length], [0.995, 1, 5]);
    assert.deepEqual(Object.keys(told.outlooks[0] ?? {}).sort(), [
      ...['batchRows', 'busy', 'goodput', 'inTime', 'inTimeWithReserve', 'p50Ms', 'p99Ms', 'replicas'],
    ]);
  });

  test('says what is wrong with a file', async () => {
    const cases: [unknown, RegExp][] = [
      ['{', /it is no JSON; expected \{"models"/],
      ['{}', /there is no list "models"/],
      [[{ name: 'n' }], /has no times of 'm'; it has n$/m],
      [[{ ...times, maxRows: 0 }], /'maxRows' of m is no whole number above zero/],
      [[{ ...times, sizes: [] }], /m has no "sizes"/],
      [[{ ...times, sizes: [{ rows: 1, ms: '3' }] }], /a size of m is \{"rows":1,"ms":"3"\}/],
    ];
    for (const [models, message] of cases) {
      const { exitCode, err } = await plan(models);
      assert.equal(exitCode, 1);
      assert.match(err, message);
    }
    const missing = await runWeft(['plan', '--model', 'm', ...load, '--profile', join(folder, 'none.json')]);
    assert.match(missing.err, /none\.json: no such file or directory/);
  });

  test('a deadline that cannot be met exits with 1', async () => {
    const { exitCode, err } = await plan([times], '--deadline', '20ms');
    assert.equal(exitCode, 1);
    assert.match(err, /^weft: no number of replicas is enough: m takes 28\.5 ms for one row alone/);
  });

  test('wrong numbers are wrong usage', async () => {
    const cases: [string[], RegExp][] = [
      [['--rate', '0'], /--rate.*above 0/],
      [['--rate', 'many'], /--rate/],
      [['--deadline', '50'], /--deadline.*duration/],
      [['--share', '100%'], /--share.*below 100%/],
      [['--reserve', '120%'], /--reserve.*to 100%/],
      [['--rows', '0'], /--rows.*at least 1/],
      [['--method', 'Embed'], /leave them out beside --profile/],
    ];
    for (const [args, message] of cases) {
      const { exitCode, err } = await plan([times], ...args);
      assert.equal(exitCode, 2, args.join(' '));
      assert.match(err, message);
    }
    const { exitCode, err } = await runWeft(['plan', '--model', 'm', '--rate', '5']);
    assert.deepEqual([exitCode, /--deadline/.test(err)], [2, true]);
  });
});

describe('weft plan with a router', { timeout: 60_000 }, () => {
  let router: FakeRouter;
  const admin = new FakeAdmin();
  before(async () => (router = await startFakeRouter({}, undefined, admin)));
  after(() => router.stop());

  const replica = (fields: object) => ({
    ...{ version: '2', method: '/weft.nlp.v1.NlpService/Embed', endpoint: 'a:8011', instances: 1, maxBatchSize: 8 },
    times: [1, 8].map((rows) => ({ rows, ms: 10 + rows, measured: true })),
    ...{ deviation: 0.01, marginMs: 3 },
    ...fields,
  });
  const plan = (...args: string[]): Promise<Run> =>
    runWeft(['plan', '--model', 'm', ...load, '--router', router.address, ...args]);

  test('takes together what the replicas of the newest version take', async () => {
    const slower = [1, 8].map((rows) => ({ rows, ms: 14 + rows, measured: true }));
    const older = replica({ version: '1', times: [{ rows: 1, ms: 90, measured: true }] });
    const unmeasured = replica({ version: '3', times: [] });
    admin.profiles.set('m', [
      unmeasured,
      replica({}),
      replica({ endpoint: 'b:8011', times: slower, marginMs: 5 }),
      older,
    ]);
    const { out, exitCode } = await plan('--json');
    assert.equal(exitCode, 0);
    const { profile, least } = JSON.parse(out) as { profile: object; least: number };
    assert.deepEqual(profile, {
      ...{ model: 'm', version: '2', method: '/weft.nlp.v1.NlpService/Embed', source: `${router.address}, 2 replicas` },
      ...{ maxRows: 8, instances: 1, deviation: 0.025, marginMs: 5 },
      times: [
        { rows: 1, ms: 13 },
        { rows: 8, ms: 20 },
      ],
    });
    assert.equal(least, 1);
  });

  test('plans for the method that is named', async () => {
    const rank = replica({ method: '/weft.nlp.v1.NlpService/Rank', instances: 2 });
    admin.profiles.set('m', [replica({}), rank]);
    const { out } = await plan('--method', 'Rank');
    assert.match(
      out,
      /^m 2 Rank: 11\.0 ms for one row, 18\.0 ms for 8 rows; 2 instances a replica \(.*, one replica\)$/m,
    );
    const { exitCode, err } = await plan('--method', 'Sing');
    assert.equal(exitCode, 1);
    assert.match(err, /m has no method Sing; it has \S+Embed, \S+Rank/);
  });

  test('says why there is nothing to plan with', async () => {
    admin.profiles.set('m', []);
    assert.match((await plan()).err, /no replica serves m in batches at present/);
    admin.profiles.set('m', [replica({ times: [] })]);
    assert.match((await plan()).err, /nobody has measured m yet/);
    admin.profiles.delete('m');
    const unknown = await plan();
    assert.deepEqual([unknown.exitCode, unknown.err], [1, "weft: Request for unknown model: 'm' is not found\n"]);
  });
});
