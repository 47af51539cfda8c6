import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import { resolveArtifact } from '../artifact.ts';
import {
  depotOf,
  depotThat,
  filesBelow,
  gate,
  keeping,
  never,
  pieces,
  pushed,
  sha256Of,
  storeIn,
  temporaryFolder,
} from './testing/store-folder.ts';

const store = 'fetched/custom';

test('a version becomes a folder that resolveArtifact can serve from', async (t) => {
  const folder = temporaryFolder(t);
  const versions = storeIn(t, folder, { depot: await depotOf('weights', 'cat') });
  const version = pushed({ 'model.onnx': 'weights', 'labels/coco.txt': 'cat' });
  const progress: number[] = [];
  const options = {
    signal: never,
    onProgress: ({ doneBytes }: { doneBytes: number }) => void progress.push(doneBytes),
  };
  const directory = await versions.place(version, options);
  assert.deepEqual(filesBelow(directory), ['3/labels/coco.txt', '3/model.onnx']);
  const config = version.version.config;
  assert.ok(config);
  const artifact = resolveArtifact({ directory, config }, '3', []);
  assert.equal(readFileSync(artifact.model ?? '', 'utf8'), 'weights');
  assert.equal(progress.at(-1), 10);
  assert.equal(await versions.place(version, { signal: never }), directory);
});

test('a file is fetched once, for two versions and for two who ask at once, and takes room once', async (t) => {
  const folder = temporaryFolder(t);
  const inner = await depotOf('weights', 'one', 'two');
  const asked: string[] = [];
  const depot = depotThat((file, fromByte) => {
    asked.push(file.sha256);
    return inner.get(file, fromByte);
  });
  const versions = storeIn(t, folder, { depot });
  const first = pushed({ 'model.onnx': 'weights', 'a.txt': 'one' }, '1');
  const second = pushed({ 'model.onnx': 'weights', 'a.txt': 'two' }, '2');
  const places = [first, second, first].map((version) => versions.place(version, { signal: never }));
  const [one, two, again] = await Promise.all(places);
  assert.equal(one, again);
  assert.deepEqual(asked.sort(), ['weights', 'one', 'two'].map(sha256Of).sort());
  assert.equal(statSync(join(one ?? '', '1/model.onnx')).ino, statSync(join(two ?? '', '2/model.onnx')).ino);
});

test('what is not what the event says is refused, and nothing of it stays', async (t) => {
  const folder = temporaryFolder(t);
  const depot = await depotOf('weights', 'fine');
  const lying = depotThat((file) => (file.size === 4 ? depot.get(file, 0) : pieces(['wei', 'ghts'])));
  const versions = storeIn(t, folder, { depot: lying });
  const refusals = [
    [{ text: 'weightz' }, 'DATA_LOSS', /^file 'model.onnx': its sha-256 digest is .* not /],
    [{ text: 'weights', size: 6 }, 'DATA_LOSS', /^file 'model.onnx': it is longer than the 6 bytes/],
    [{ text: 'weights', size: 8 }, 'DATA_LOSS', /^file 'model.onnx': it ends after 7 of 8 bytes/],
  ] as const;
  for (const [file, code, message] of refusals) {
    const version = pushed({ 'fine.txt': 'fine', 'model.onnx': file });
    await assert.rejects(versions.place(version, { signal: never }), { code, message });
    assert.deepEqual(filesBelow(folder), [`${store}/files/${sha256Of('fine')}`]);
  }
});

test('a file over the limit is refused before anything is read', async (t) => {
  const folder = temporaryFolder(t);
  const versions = storeIn(t, folder, { depot: await depotOf('weights'), settings: { maxArtifactBytes: 6 } });
  await assert.rejects(versions.place(pushed({ 'model.onnx': 'weights' }), { signal: never }), {
    code: 'RESOURCE_EXHAUSTED',
    message: "file 'model.onnx': it is larger than the 6 bytes of --max-artifact-bytes",
  });
  assert.deepEqual(filesBelow(folder), []);
});

test('an artifact that is gone is NOT_FOUND', async (t) => {
  const versions = storeIn(t, temporaryFolder(t), { depot: await depotOf() });
  const refused = versions.place(pushed({ 'model.onnx': 'weights' }), { signal: never });
  await assert.rejects(refused, { code: 'NOT_FOUND', message: /^file 'model.onnx': no artifact/ });
});

test('a depot that breaks off is asked for the rest, and in the end it is UNAVAILABLE', async (t) => {
  const offsets: number[] = [];
  const breaking = (breaks: number) =>
    depotThat(async function* (_file, fromByte) {
      offsets.push(fromByte);
      yield Buffer.from('weights'.slice(fromByte, fromByte + 2));
      if (offsets.length <= breaks) throw new WeftError('UNAVAILABLE', 'no connection');
      yield Buffer.from('weights'.slice(fromByte + 2));
    });
  const version = pushed({ 'model.onnx': 'weights' });
  const versions = storeIn(t, temporaryFolder(t), { depot: breaking(2) });
  await versions.place(version, { signal: never });
  assert.deepEqual(offsets, [0, 2, 4]);
  const folder = temporaryFolder(t);
  offsets.length = 0;
  const hopeless = storeIn(t, folder, { depot: breaking(99) }).place(pushed({ 'model.onnx': 'weights'.repeat(9) }), {
    signal: never,
  });
  await assert.rejects(hopeless, { code: 'UNAVAILABLE', message: "file 'model.onnx': no connection" });
  assert.equal(offsets.length, 4);
  assert.deepEqual(filesBelow(folder), []);
});

test('one who gives up leaves the others their download; when all have, nothing stays', async (t) => {
  const folder = temporaryFolder(t);
  const rest = gate();
  const depot = depotThat(async function* () {
    yield Buffer.from('wei');
    await rest.opened;
    yield Buffer.from('ghts');
  });
  const versions = storeIn(t, folder, { depot });
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
  const version = pushed({ 'model.onnx': 'weights' });
  const begun = gate();
  const leaving = versions.place(version, { signal: first.signal, onProgress: () => begun.open() });
  const staying = versions.place(version, { signal: second.signal });
  const other = versions.place(pushed({ 'x.onnx': 'whatever' }, '4'), { signal: third.signal });
  await begun.opened;
  first.abort();
  third.abort();
  await assert.rejects(leaving, { code: 'CANCELLED' });
  await assert.rejects(other, { code: 'CANCELLED' });
  assert.equal(filesBelow(folder).length, 1);
  rest.open();
  await staying;
  assert.equal(filesBelow(folder).length, 2);
});

test('paths that leave the folder, or cannot be laid out, are refused', async (t) => {
  const folder = temporaryFolder(t);
  const versions = storeIn(t, folder, { depot: await depotOf('x') });
  for (const path of ['../x', '/etc/passwd', 'a/../../x', 'a\\b', ' ..', 'a//b', '']) {
    const refused = versions.place(pushed({ [path]: 'x' }), { signal: never });
    await assert.rejects(refused, { code: 'INVALID_ARGUMENT' });
  }
  await assert.rejects(versions.place(pushed({ a: 'x', 'a/b': 'x' }), { signal: never }), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(versions.place(pushed({ a: 'x' }, '../3'), { signal: never }), { code: 'INVALID_ARGUMENT' });
  assert.deepEqual(filesBelow(folder), []);
});

test('a sweep removes what no version needs, and keeps what another process serves from', async (t) => {
  const folder = temporaryFolder(t);
  const depot = await depotOf('old', 'new', 'theirs');
  const versions = storeIn(t, folder, { depot });
  const other = storeIn(t, folder, { depot });
  const [old, current, theirs] = [pushed({ a: 'old' }, '1'), pushed({ a: 'new' }, '2'), pushed({ a: 'theirs' }, '3')];
  const gone = await versions.place(old, { signal: never });
  const kept = await versions.place(current, { signal: never });
  await other.place(theirs, { signal: never });
  await versions.sweep(keeping([current]));
  assert.throws(() => statSync(gone), { code: 'ENOENT' });
  assert.deepEqual(filesBelow(kept), ['2/a']);
  assert.deepEqual(filesBelow(join(folder, store, 'files')), [sha256Of('new'), sha256Of('theirs')].sort());
  await other.sweep(keeping([]));
  assert.deepEqual(filesBelow(join(folder, store, 'files')), [sha256Of('new')]);
});

test('a sweep removes what killed processes left, and nothing of those that run or are elsewhere', async (t) => {
  const folder = temporaryFolder(t);
  const owners = join(folder, store, 'owners');
  // A process id that no system gives away; this process's id with the name of an earlier one; a running one's that began at
  // another time; another machine's that has not been heard of for long.
  const names = [
    `${hostname()}.4194305.1`,
    `${hostname()}.${process.pid}.1`,
    `${hostname()}.${process.ppid}.1`,
    'gone.1.1',
  ];
  const others = [`${hostname()}.${process.ppid}.`, 'elsewhere.1.1', 'elsewhere.2.'];
  for (const name of [...names, ...others]) {
    mkdirSync(join(owners, `${name}.0123456789ab`, 'partial'), { recursive: true });
    writeFileSync(join(owners, `${name}.0123456789ab`, 'partial/1'), 'half');
  }
  const days = (count: number): number => Date.now() / 1000 - count * 86_400;
  for (const [name, at] of [['gone.1.1', days(1.1)] as const, ['elsewhere.2.', days(0.9)] as const])
    utimesSync(join(owners, `${name}.0123456789ab`), at, at);
  await storeIn(t, folder).sweep(keeping([]));
  assert.deepEqual(filesBelow(owners), others.map((name) => `${name}.0123456789ab/partial/1`).sort());
});

test('a process tells every minute that it runs, also where its folder was taken away meanwhile', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const folder = temporaryFolder(t);
  storeIn(t, folder);
  const [name = ''] = readdirSync(join(folder, store, 'owners'));
  const own = join(folder, store, 'owners', name);
  utimesSync(own, 1, 1);
  t.mock.timers.tick(60_000);
  assert.ok(Date.now() - statSync(own).mtimeMs < 60_000);
  rmSync(own, { recursive: true });
  t.mock.timers.tick(60_000);
  assert.ok(statSync(join(own, 'partial')).isDirectory());
});

test('what is wanted again while a sweep runs is not removed', async (t) => {
  const folder = temporaryFolder(t);
  const versions = storeIn(t, folder, { depot: await depotOf('old', 'new') });
  const [old, current] = [pushed({ a: 'old' }, '1'), pushed({ a: 'new' }, '2')];
  const needed = [current];
  for (const version of [old, current]) await versions.place(version, { signal: never });
  const swept = versions.sweep(keeping(needed));
  needed.push(old);
  const placed = await versions.place(old, { signal: never });
  await swept;
  assert.deepEqual(filesBelow(placed), ['1/a']);
});

test('fetched files serve after a restart without their source; a damaged one is fetched again', async (t) => {
  const folder = temporaryFolder(t);
  const depot = await depotOf('weights');
  const version = pushed({ 'model.onnx': 'weights' });
  const before = storeIn(t, folder, { depot });
  await before.place(version, { signal: never });
  await before.close();
  const directory = await storeIn(t, folder, { depot: await depotOf() }).place(version, { signal: never });
  assert.equal(readFileSync(join(directory, '3/model.onnx'), 'utf8'), 'weights');
  writeFileSync(join(folder, store, 'files', sha256Of('weights')), 'wei');
  const again = await storeIn(t, folder, { depot }).place(version, { signal: never });
  assert.equal(readFileSync(join(again, '3/model.onnx'), 'utf8'), 'weights');
});

test('a file of the embedded log takes no second room, unless it is damaged', async (t) => {
  const folder = temporaryFolder(t);
  const localArtifacts = join(folder, 'artifacts');
  mkdirSync(localArtifacts);
  writeFileSync(join(localArtifacts, sha256Of('weights')), 'weights');
  writeFileSync(join(localArtifacts, sha256Of('labels')), 'lebals');
  const versions = storeIn(t, folder, { depot: await depotOf('labels'), localArtifacts });
  const directory = await versions.place(pushed({ 'model.onnx': 'weights', labels: 'labels' }), { signal: never });
  const [own, placed] = [join(localArtifacts, sha256Of('weights')), join(directory, '3/model.onnx')];
  assert.equal(statSync(own).ino, statSync(placed).ino);
  assert.equal(readFileSync(join(directory, '3/labels'), 'utf8'), 'labels');
});

test('a store that closes cancels what is under way, and leaves fetched files only', async (t) => {
  const folder = temporaryFolder(t);
  const begun = gate();
  const depot = depotThat(async function* ({ size }) {
    yield Buffer.from('half');
    if (size === 4) return;
    begun.open();
    await gate().opened;
  });
  const versions = storeIn(t, folder, { depot });
  const placing = versions.place(pushed({ a: 'half', b: 'half of it' }), { signal: never });
  await begun.opened;
  await Promise.all([assert.rejects(placing, { code: 'CANCELLED' }), versions.close()]);
  assert.deepEqual(filesBelow(folder), [`${store}/files/${sha256Of('half')}`]);
  await assert.rejects(versions.place(pushed({ a: 'half' }), { signal: never }), { code: 'CANCELLED' });
  assert.deepEqual(readdirSync(join(folder, store, 'owners')), []);
});
