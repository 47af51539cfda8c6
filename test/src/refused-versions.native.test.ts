// Versions that a replica must not serve, in a mesh of processes on a real nats-server: the old one serves on, everybody is told
// why, and nothing of the refused one stays on a disk.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { encodeModel, onnxTensor } from '@weft/convert';
import { parseConfigText, signVersion } from '@weft/models';
import { withoutNatsServer } from '@weft/models/testing';
import { plus, temporaryFolder } from './testing/author-models.ts';
import { startConstantLoad } from './testing/constant-load.ts';
import { type LifecycleMesh, type PushedModel, startLifecycleMesh } from './testing/lifecycle-mesh.ts';

const config = parseConfigText('name: "m"');

/** The model that adds its version's number, and a signature over it by `key`. */
function signed(version: string, key: KeyObject): Pick<PushedModel, 'config' | 'service' | 'signatures'> {
  const bytes = encodeModel(plus(Number(version)));
  const files = [{ path: 'model.onnx', sha256: sha256Of(bytes), size: bytes.length, source: '' }];
  const pushed = { model: 'm', service: 'custom', version: { version, config, files, signatures: [] } };
  return { config, service: 'custom', signatures: [signVersion(pushed, key)] };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Of a data directory: the digests of the files that were fetched, and the paths of what is unfinished. */
function fetchedIn(dataDirectory: string): string[] {
  const names = readdirSync(dataDirectory, { recursive: true, encoding: 'utf8' });
  const found = names.map((name) => /fetched\/custom\/files\/(.+)/.exec(name)?.[1] ?? /.*partial\/./.exec(name)?.[0]);
  return found.filter((name) => name !== undefined).sort();
}

function digestsOf(...versions: number[]): string[] {
  return versions.map((version) => sha256Of(encodeModel(plus(version)))).sort();
}

/** Pushes a version that every replica refuses for `reason`, while the first one serves. */
async function refused(mesh: LifecycleMesh, [version, reason]: readonly [string, RegExp], more: PushedModel) {
  const { settled, replicas } = await mesh.push(version, Number(version), more);
  assert.deepEqual([settled, replicas.length], [true, 2]);
  for (const { problem } of replicas) assert.match(problem, reason);
  const index = await mesh.client.models.index();
  const stateOf = (wanted: string) => index.find((row) => row.version === wanted);
  assert.equal(stateOf(version)?.state, 'UNAVAILABLE');
  assert.match(stateOf(version)?.reason ?? '', reason);
  assert.equal(stateOf('1')?.state, 'READY');
}

async function folderFor(t: TestContext): Promise<string> {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  return folder.path;
}

test('replicas with trusted keys serve what one of them signed, and nothing that is unsigned or signed otherwise', {
  skip: withoutNatsServer,
}, async (t) => {
  const folder = await folderFor(t);
  const trusted = generateKeyPairSync('ed25519');
  const stranger = generateKeyPairSync('ed25519');
  const keys = join(folder, 'trusted.pem');
  writeFileSync(keys, trusted.publicKey.export({ type: 'spki', format: 'pem' }));
  const mesh = await startLifecycleMesh(t, { replicas: 2, replicaArgs: ['--trusted-keys', keys] });
  const { replicas } = await mesh.push('1', 1, signed('1', trusted.privateKey));
  assert.deepEqual(
    replicas.map(({ problem }) => problem),
    ['', ''],
  );
  const load = startConstantLoad(mesh.client, 10);
  await refused(mesh, ['2', /version 2 is not signed/], {});
  await refused(mesh, ['3', /version 3 .*sign/], signed('3', stranger.privateKey));
  // By a trusted key, but over another version.
  await refused(mesh, ['4', /version 4 .*sign|signature .*version 4/], signed('5', trusted.privateKey));
  const { failures, mixed, answered } = await load.stop();
  assert.deepEqual([failures, mixed, [...answered.keys()]], [[], [], ['1']]);
  assert.deepEqual(mesh.dataDirectories.map(fetchedIn), [digestsOf(1), digestsOf(1)]);
  await mesh.push('6', 6, signed('6', trusted.privateKey));
  assert.equal((await mesh.client.models.index()).find(({ version }) => version === '6')?.state, 'READY');
});

test('a file that is cut short or is another one is not served, and goes', { skip: withoutNatsServer }, async (t) => {
  const folder = await folderFor(t);
  const mesh = await startLifecycleMesh(t, { replicas: 2, replicaArgs: ['--artifact-roots', folder] });
  await mesh.push('1', 1);
  const whole = Buffer.from(encodeModel(plus(2)));
  const other = Buffer.from(encodeModel(plus(3)));
  writeFileSync(join(folder, 'short.onnx'), whole.subarray(0, whole.length - 7));
  writeFileSync(join(folder, 'other.onnx'), other);
  const from = (name: string): PushedModel => {
    const [sha256, size] = [sha256Of(whole), whole.length];
    return { files: [{ path: 'model.onnx', sha256, size, source: `file:${name}` }] };
  };
  assert.equal(other.length, whole.length);
  const load = startConstantLoad(mesh.client, 10);
  await refused(mesh, ['2', /file 'model\.onnx': its source has \d+ bytes, not \d+|ends after/], from('short.onnx'));
  await refused(mesh, ['3', /file 'model\.onnx': its sha-256 digest is [0-9a-f]{64}, not/], from('other.onnx'));
  const { failures, mixed, answered } = await load.stop();
  assert.deepEqual([failures, mixed, [...answered.keys()]], [[], [], ['1']]);
  assert.deepEqual(mesh.dataDirectories.map(fetchedIn), [digestsOf(1), digestsOf(1)]);
});

const canMount = spawnSync('sh', ['-c', "unshare -rm sh -c 'mount -t tmpfs tmpfs /mnt'"]).status === 0;

test('a replica whose disk is full serves the old version on beside one that has the new, and says so', {
  skip: withoutNatsServer || (canMount ? false : 'no tmpfs can be mounted here (unshare -rm)'),
}, async (t) => {
  const mounted = 'mkdir -p "$0" && mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"';
  const firstUnder = (directory: string) => ['unshare', '-rm', 'sh', '-c', mounted, directory];
  const mesh = await startLifecycleMesh(t, { replicas: 2, firstUnder });
  await mesh.push('1', 1);
  const load = startConstantLoad(mesh.client, 10);
  const ballast = onnxTensor('ballast', { datatype: 'FP32', shape: [500_000], elements: new Float32Array(500_000) });
  const graph = plus(2);
  const large = encodeModel({ ...graph, initializers: [...(graph.initializers ?? []), ballast] });
  const { settled, replicas } = await mesh.push('2', 2, { bytes: large });
  assert.equal(settled, true);
  const problems = replicas.map(({ problem }) => problem).filter((problem) => problem !== '');
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /version 2: file 'model\.onnx': there is no room to store it \(ENOSPC\)/);
  // Both versions serve, each from its replica.
  await load.served(50);
  await mesh.push('3', 3);
  await load.served(20);
  const { failures, mixed, answered } = await load.stop();
  assert.deepEqual([failures, mixed], [[], []]);
  assert.ok(
    ['1', '2', '3'].every((version) => answered.has(version)),
    [...answered.keys()].join(),
  );
  const [first] = mesh.replicas;
  const disk = `/proc/${first?.process().pid}/root${mesh.dataDirectories[0]}`;
  assert.deepEqual(fetchedIn(disk), digestsOf(1, 3));
});
