// The commands that administer a mesh, against a real gRPC server with a small admin service.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { keyId, verifyVersion } from '@weft/models';
import { fraudModel } from './testing/fraud-model.ts';

describe('the life of a model', { timeout: 60_000 }, () => {
  const mesh = fraudModel();
  const { weft, push, start } = mesh;

  test('push sends the newest version and tells who has it', async () => {
    const lines = [
      'fraud 2: published (revision 1)',
      '1 file, 1.5 MB, of which 1.5 MB was new to the router',
      '',
      'ENDPOINT      REPLICA  OUTCOME',
      'r1.test:8041  r1       done',
      'r2.test:8041  r2       done',
      '',
    ];
    assert.deepEqual(await push(), { exitCode: 0, out: lines.join('\n'), err: '' });
    const version = mesh.admin.models.get('fraud')?.desired.versions[0];
    assert.deepEqual([version?.version, version?.config?.maxBatchSize, version?.config?.name], ['2', 8, 'fraud']);
  });

  test('push of a version chosen, as canary, in one JSON document', async () => {
    await push('--version', '1');
    const { exitCode, out } = await push('--version', '2', '--canary', '10%', '--json');
    assert.equal(exitCode, 0);
    const { replicas, ...told } = JSON.parse(out) as { replicas: unknown[] };
    assert.deepEqual(told, {
      name: 'fraud',
      version: '2',
      revision: 2,
      files: 1,
      bytes: 1_500_000,
      uploadedBytes: 1_500_000,
      settled: true,
    });
    assert.equal(replicas.length, 2);
    const rollout = mesh.admin.models.get('fraud')?.desired.rollout;
    assert.deepEqual([rollout?.canary, rollout?.canaryShare], ['2', 0.1]);
    const shadow = await push('--version', '1', '--shadow', '100%', '--json');
    assert.equal(shadow.exitCode, 0, shadow.err);
  });

  test('push of the same again sends nothing and changes nothing', async () => {
    await push();
    const { exitCode, out } = await push();
    assert.equal(exitCode, 0);
    assert.match(out, /^fraud 2: published \(revision 1\)\n1 file, 1\.5 MB, of which nothing was new/);
  });

  test('push signs what it publishes, so that a replica with the public key accepts it', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const key = join(mesh.root, 'key.pem');
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    assert.equal((await push('--sign', key, '--service', 'nlp')).exitCode, 0);
    const desired = mesh.admin.models.get('fraud')?.desired;
    const version = desired?.versions[0];
    assert.ok(desired !== undefined && version !== undefined);
    const trusted = new Map([[keyId(publicKey), publicKey]]);
    verifyVersion({ model: 'fraud', service: 'nlp', version }, trusted);
    const tampered = { ...version, version: '3' };
    assert.throws(() => verifyVersion({ model: 'fraud', service: 'nlp', version: tampered }, trusted));
  });

  test('push refuses a key that cannot sign, and to sign a version without a number, before it sends anything', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = join(mesh.root, 'ec.pem');
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const wrong = await push('--sign', key);
    assert.deepEqual([wrong.exitCode, wrong.err], [2, 'weft: --sign: ec.pem holds no Ed25519 key\n']);
    const open = await weft('push', join(mesh.folder, '2'), '--name', 'fraud', '--sign', key);
    assert.deepEqual([open.exitCode, /--sign needs --version/.test(open.err)], [2, true]);
    assert.equal(mesh.admin.requests.length, 0);
  });

  test('push that fails on a replica exits with 1, and names replica and reason', async () => {
    mesh.admin.replicas[1] = { id: 'r2', problem: 'the warm-up failed: no input x' };
    const { exitCode, out, err } = await push();
    assert.equal(exitCode, 1);
    assert.match(out, /^r2\.test:8041 +r2 +failed: the warm-up failed: no input x$/m);
    assert.equal(err, 'weft: 1 of 2 replicas failed: r2.test:8041: the warm-up failed: no input x\n');
  });

  test('push whose replicas are not done within the time exits with 1', async () => {
    const settle = mesh.admin.outcome.bind(mesh.admin);
    mesh.admin.outcome = () => settle(false);
    const { exitCode, out, err } = await push();
    assert.equal(exitCode, 1);
    assert.match(out, /^r1\.test:8041 +r1 +not done yet$/m);
    assert.equal(err, 'weft: 2 of 2 replicas are not done yet: r1.test:8041; r2.test:8041\n');
  });

  test('push to a mesh without replicas says so', async () => {
    mesh.admin.replicas.length = 0;
    const { exitCode, out } = await push();
    assert.equal(exitCode, 0);
    assert.match(out, /no replica is connected: they do it when they come/);
  });

  test('push shows on a terminal how far it is', async () => {
    const run = start(['push', mesh.folder, '--name', 'fraud'], { errIsTerminal: true });
    assert.equal(await run.done, 0);
    const { err, out } = run.shell.written;
    for (const line of ['reading 1.5 MB of 1.5 MB, 100%', 'uploading 0 B of 1.5 MB, 0%', '2 of 2 replicas done'])
      assert.ok(err.includes(line), line);
    assert.doesNotMatch(out, /uploading/);
  });

  test('push that is stopped while it uploads publishes nothing, and says so', async () => {
    mesh.admin.onPiece = () => new Promise(() => {});
    const run = start(['push', mesh.folder, '--name', 'fraud'], { errIsTerminal: true });
    await run.has('uploading');
    run.shell.signal();
    assert.equal(await run.done, 1);
    assert.ok(run.shell.written.err.endsWith('weft: stopped: nothing is published\n'), run.shell.written.err);
    assert.equal(mesh.admin.models.size, 0);
  });

  test('push that is stopped after it was published says that the replicas go on', async () => {
    mesh.admin.onPublished = () => new Promise(() => {});
    const run = start(['push', mesh.folder, '--name', 'fraud'], { errIsTerminal: true });
    await run.has('published version 2');
    run.shell.signal();
    assert.equal(await run.done, 1);
    assert.match(run.shell.written.err, /weft: stopped: fraud 2 is published, and the replicas go on by themselves/);
  });

  test('rollout tells who gets what now', async () => {
    await push('--version', '1');
    await push('--version', '2', '--canary', '10%');
    const first = async (...args: string[]) => (await weft('rollout', 'fraud', ...args)).out.split('\n')[0];
    assert.equal(await first('--canary', '20%'), 'fraud: 80% to version 1, 20% to version 2 (canary)');
    assert.equal(
      await first('--shadow', '0.5', '--version', '2'),
      'fraud: 80% to version 1, 20% to version 2 (canary); a copy of 50% to version 2 (shadow)',
    );
    assert.equal(await first('--shadow', '0%'), 'fraud: 80% to version 1, 20% to version 2 (canary)');
    assert.equal(
      await first('--rollback', '--reason', 'misses card fraud'),
      'fraud: everything to version 1; version 2 is withdrawn: misses card fraud',
    );
    await weft('rollout', 'fraud', '--canary', '50%', '--version', '2');
    assert.match((await first('--promote')) ?? '', /^fraud: everything to version 2/);
    const { out } = await weft('rollout', 'fraud', '--canary', '.5', '--version', '1', '--json');
    assert.equal((JSON.parse(out) as { rollout: { canaryShare: number } }).rollout.canaryShare, 0.5);
  });

  test('a refused rollout exits with 1 and the words of the router', async () => {
    await push();
    assert.deepEqual(await weft('rollout', 'fraud', '--promote'), {
      exitCode: 1,
      out: '',
      err: "weft: model 'fraud' has no canary to promote\n",
    });
  });

  test('unload and load', async () => {
    await push();
    const unloaded = await weft('unload', 'fraud');
    assert.equal(unloaded.exitCode, 0);
    assert.match(unloaded.out, /^fraud: unloaded \(revision 2\)\n\nENDPOINT/);
    assert.equal(mesh.admin.models.get('fraud')?.desired.unloaded, true);
    assert.match((await weft('models')).out, /^fraud +custom +unloaded$/m);
    const loaded = await weft('load', 'fraud', '--json');
    assert.equal((JSON.parse(loaded.out) as { settled: boolean }).settled, true);
    assert.equal(mesh.admin.models.get('fraud')?.desired.unloaded, false);
  });
});
