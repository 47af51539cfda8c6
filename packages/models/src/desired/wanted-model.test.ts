import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredModel } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import { parseConfigText } from '../config-file.ts';
import type { RepositoryModel } from '../repository.ts';
import { encodedEvent, pushedVersion } from '../testing/model-events.ts';
import { recordEvent } from './model-record.ts';
import { wantedModel } from './wanted-model.ts';

function onDisk(present: readonly string[], config = '', fingerprint = 'f') {
  const model: RepositoryModel = {
    name: 'm',
    directory: '/models/m',
    service: 'probe',
    config: parseConfigText(`name: "m" ${config}`),
    versions: present.slice(0, 1),
    present,
    isDefault: false,
    problem: undefined,
  };
  return { model, fingerprints: new Map(present.map((version) => [version, fingerprint])) };
}

function want(disk: ReturnType<typeof onDisk> | undefined, event: DesiredModel | undefined) {
  const bytes = event === undefined ? undefined : encodedEvent(event);
  const desired = bytes === undefined ? undefined : recordEvent(undefined, { model: 'm', revision: 1, bytes }).desired;
  return wantedModel({ service: 'probe', disk, desired });
}

/** `2 pushed`, `1 repository`, … */
const told = ({ versions }: ReturnType<typeof want>) =>
  versions.map(({ version, origin }) => `${version} ${origin.kind}`);

const all = { versionPolicy: { all: {} } };

test('without an event the model repository serves by its own policy', () => {
  assert.deepEqual(told(want(onDisk(['10', '9', '1']), undefined)), ['10 repository']);
  assert.deepEqual(told(want(onDisk(['3', '2', '1'], 'version_policy { specific { versions: 2 } }'), undefined)), [
    '2 repository',
  ]);
});

test('pushed versions come on top of those on disk, and win where the number is the same', () => {
  const event = { ...all, versions: [pushedVersion('2'), pushedVersion('3')] };
  assert.deepEqual(told(want(onDisk(['2', '1']), event)), ['3 pushed', '2 pushed', '1 repository']);
});

test('without a policy in the event the newest version that may serve says it', () => {
  const open = pushedVersion('3', 'x', { versionPolicy: { latest: { numVersions: 2 } } });
  assert.deepEqual(told(want(onDisk(['2', '1']), { versions: [open] })), ['3 pushed', '2 repository']);
  const withdrawals = [{ version: '3', reason: 'bad' }];
  assert.deepEqual(told(want(onDisk(['2', '1']), { versions: [open], withdrawals })), ['2 repository']);
});

test('whatever has a part in the rollout is loaded, but for what is withdrawn', () => {
  const rollout = { stable: '1', canary: '3', canaryShare: 0.1, shadow: '2', shadowShare: 1 };
  const versions = ['1', '2', '3', '4'].map((version) => pushedVersion(version));
  assert.deepEqual(told(want(undefined, { versions, rollout })), ['4 pushed', '3 pushed', '2 pushed', '1 pushed']);
  const withdrawals = [
    { version: '4', reason: '' },
    { version: '3', reason: 'slow' },
  ];
  const wanted = want(undefined, { versions, rollout, withdrawals });
  assert.deepEqual([told(wanted), wanted.withdrawn.get('3')], [['2 pushed', '1 pushed'], 'slow']);
});

test('a version of the rollout that is nowhere, and a model without any, are told', () => {
  const missing = want(onDisk(['1']), { rollout: { stable: '7' } });
  assert.deepEqual(
    [told(missing), missing.problem],
    [['1 repository'], 'version 7 is neither pushed nor in the model repository'],
  );
  assert.equal(want(undefined, {}).problem, 'it has no version to serve');
  const withdrawn = want(onDisk(['1']), { withdrawals: [{ version: '1', reason: 'bad' }] });
  assert.equal(withdrawn.problem, 'every version that could serve is withdrawn');
});

test('nothing of a model that is unloaded, or that another service serves', () => {
  for (const event of [{ unloaded: true }, { service: 'other' }]) {
    const wanted = want(onDisk(['1']), { ...event, versions: [pushedVersion('2')] });
    assert.deepEqual([wanted.versions, wanted.dismissed, wanted.problem], [[], true, undefined]);
  }
});

test('a configuration in the event takes the place of the one on disk, and of no pushed one', () => {
  const configOverride = { maxBatchSize: 7, versionPolicy: { all: {} } };
  const { versions } = want(onDisk(['1'], 'max_batch_size: 4'), {
    configOverride,
    versions: [pushedVersion('2', 'x', { maxBatchSize: 5 })],
    ...all,
  });
  assert.deepEqual(
    versions.map(({ version, config }) => [version, config.name, config.maxBatchSize]),
    [
      ['2', 'm', 5],
      ['1', 'm', 7],
    ],
  );
});

test('the identity changes with files and configuration, and with nothing else', () => {
  const identity = (disk: ReturnType<typeof onDisk> | undefined, event?: DesiredModel) =>
    want(disk, event).versions[0]?.identity;
  const base = identity(onDisk(['1']));
  assert.equal(identity(onDisk(['1']), { loadGeneration: 3, rollout: { stable: '1' } }), base);
  assert.notEqual(identity(onDisk(['1'], '', 'g')), base);
  assert.notEqual(identity(onDisk(['1'], 'max_batch_size: 2')), base);
  const pushed = (content: string, config = {}, source = '') => {
    const version = pushedVersion('1', content, config);
    return identity(undefined, {
      versions: [{ ...version, files: (version.files ?? []).map((file) => ({ ...file, source })) }],
    });
  };
  assert.equal(pushed('a', {}, 'https://example.com/m'), pushed('a'));
  assert.notEqual(pushed('b'), pushed('a'));
  assert.notEqual(pushed('a', { maxBatchSize: 2 }), pushed('a'));
});
