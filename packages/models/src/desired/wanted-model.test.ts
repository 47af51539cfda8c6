import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ModelConfig } from '@weft/rpc/messages/inference/ModelConfig';
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

function want(disk: ReturnType<typeof onDisk> | undefined, event: DesiredModel | undefined, signedOnly = false) {
  const bytes = event === undefined ? undefined : encodedEvent(event);
  const desired = bytes === undefined ? undefined : recordEvent(undefined, { model: 'm', revision: 1, bytes }).desired;
  return wantedModel({ service: 'probe', disk, desired, signedOnly });
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

describe('where only what is signed may be loaded', () => {
  const text = (stringValue: string) => ({ stringValue });
  const config =
    'backend: "onnxruntime" parameters { key: "weft.source" value { string_value: "file:m.onnx" } } parameters { key: "weft.slo_ms" value { string_value: "9" } }';
  const own = { backend: 'onnxruntime', parameters: { 'weft.source': text('file:m.onnx') } };
  const hostile: readonly [ModelConfig, string][] = [
    [{ ...own, parameters: { 'weft.source': text(`nats:${'a'.repeat(64)}/7`) } }, 'weft.source'],
    [{ ...own, parameters: { 'weft.source': text('https://models.example/m.onnx') } }, 'weft.source'],
    [{ ...own, parameters: {} }, 'weft.source'],
    [{ ...own, parameters: { ...own.parameters, 'weft.sha256': text('0'.repeat(64)) } }, 'weft.sha256'],
    [{ ...own, parameters: { ...own.parameters, 'weft.part.x': text('hf:a/b/c') } }, 'weft.part.x'],
    [{ ...own, parameters: { ...own.parameters, 'weft.file.x': text('hf:a/b/c') } }, 'weft.file.x'],
    [{ ...own, parameters: { ...own.parameters, 'weft.task': text('embed') } }, 'weft.task'],
    [{ ...own, parameters: { ...own.parameters, 'weft.service': text('nlp') } }, 'weft.service'],
    [{ ...own, backend: 'tensorflowjs' }, 'backend'],
    [{ ...own, platform: 'tensorflowjs' }, 'platform'],
    [{ ...own, defaultModelFilename: 'other.onnx' }, 'defaultModelFilename'],
  ];
  for (const [configOverride, what] of hostile) {
    test(`an event's configuration that changes ${what} is refused, and the one on disk stays`, () => {
      const disk = onDisk(['1'], config);
      const { versions, problem } = want(disk, { configOverride }, true);
      assert.deepEqual(versions, want(disk, undefined, true).versions);
      assert.equal(
        problem,
        `with --trusted-keys an unsigned configuration may not change what is loaded (${what}): the one in the model repository stays`,
      );
      assert.equal(want(disk, { configOverride }).problem, undefined);
    });
  }

  test('what else a configuration says may change', () => {
    const { versions, problem } = want(onDisk(['1'], config), { configOverride: { ...own, maxBatchSize: 7 } }, true);
    assert.deepEqual([versions[0]?.config.maxBatchSize, problem], [7, undefined]);
  });
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
