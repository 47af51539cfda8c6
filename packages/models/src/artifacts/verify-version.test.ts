import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfigJson, parseConfigText } from '../config-file.ts';
import { editModelEvent, readModelEvent } from '../event-log/model-event.ts';
import type { PushedVersion } from './pushed-version.ts';
import { signedBytes } from './signed-bytes.ts';
import { depotOf, filesBelow, never, pushed, storeIn, temporaryFolder } from './testing/store-folder.ts';
import { keyId, readSigningKey, readTrustedKeys } from './trusted-keys.ts';
import { signVersion, verifyVersion } from './verify-version.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const trusted = new Map([[keyId(publicKey), publicKey]]);

const plain = pushed({ 'model.onnx': 'weights', 'b/x': 'y' });
const change = (changes: Partial<PushedVersion['version']>): PushedVersion => ({
  ...plain,
  version: { ...plain.version, ...changes },
});
const signed = change({ signatures: [signVersion(plain, privateKey)] });

test('a version that a trusted key signed passes, also through an event and with its files in another order', () => {
  verifyVersion(signed, trusted);
  const { version } = signed;
  verifyVersion({ ...signed, version: { ...version, files: [...version.files].reverse() } }, trusted);
  const about = { author: '', atMs: 1, traceparent: '', reason: '' };
  const bytes = editModelEvent(undefined, about, (model) => {
    Object.assign(model, { name: signed.model, service: signed.service, versions: [version] });
  });
  const [read] = readModelEvent(bytes)?.model.versions ?? [];
  assert.ok(read);
  verifyVersion({ ...signed, version: read }, trusted);
});

test('a change of anything that counts breaks the signature', () => {
  const { signatures, files, config } = signed.version;
  const [first, ...others] = files;
  assert.ok(first && config);
  const changed = [
    { ...signed, model: 'other' },
    { ...signed, service: 'nlp' },
    change({ signatures, version: '4' }),
    change({ signatures, config: { ...config, maxBatchSize: 5 } }),
    change({ signatures, files: others }),
    change({ signatures, files: [{ ...first, path: 'other.onnx' }, ...others] }),
    change({ signatures, files: [{ ...first, size: 8 }, ...others] }),
    change({ signatures, files: [{ ...first, sha256: '0'.repeat(64) }, ...others] }),
  ];
  const message = /^the signature of version [34] by key [0-9a-f]{16} does not match/;
  for (const version of changed)
    assert.throws(() => verifyVersion(version, trusted), { code: 'PERMISSION_DENIED', message });
  verifyVersion(change({ signatures, files: [{ ...first, source: 'https://mirror.example/x' }, ...others] }), trusted);
});

test('without keys everything passes; with keys the reason says what is missing', () => {
  verifyVersion(plain, new Map());
  const refusal = (version: PushedVersion, message: RegExp): void =>
    assert.throws(() => verifyVersion(version, trusted), { code: 'PERMISSION_DENIED', message });
  refusal(plain, /^version 3 is not signed$/);
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const foreign = signVersion(plain, stranger);
  refusal(change({ signatures: [foreign] }), new RegExp(`by no trusted key, but by ${foreign.keyId}`));
  refusal(change({ signatures: [{ ...foreign, keyId: keyId(publicKey) }] }), /does not match/);
  refusal(change({ signatures: [{ keyId: keyId(publicKey), ed25519: Buffer.alloc(0) }] }), /does not match/);
  verifyVersion(change({ signatures: [foreign, signVersion(plain, privateKey)] }), trusted);
});

test('a signed version may not refer to what may change elsewhere', () => {
  const sign = (parameters: Record<string, string>): PushedVersion => {
    const entries = Object.entries(parameters).map(([key, stringValue]) => [key, { stringValue }]);
    const version = change({ config: parseConfigJson(JSON.stringify({ parameters: Object.fromEntries(entries) })) });
    return { ...version, version: { ...version.version, signatures: [signVersion(version, privateKey)] } };
  };
  const source = { 'weft.source': 'https://models.example/model.onnx' };
  assert.throws(() => verifyVersion(sign(source), trusted), { message: /refers to 'model.onnx' elsewhere/ });
  verifyVersion(sign({ ...source, 'weft.sha256': '0'.repeat(64) }), trusted);
});

test('the signed bytes are the same for however the configuration was written', () => {
  const forms = [
    parseConfigText('max_batch_size: 4 parameters { key: "b" value { string_value: "2" } } parameters { key: "a" }'),
    parseConfigJson('{"parameters": {"a": {}, "b": {"stringValue": "2"}}, "max_batch_size": 4, "platform": ""}'),
  ];
  const expected =
    'weft.models.v1.Signature\n"m"\n"custom"\n3\n[]\n{"maxBatchSize":4,"parameters":{"a":{},"b":{"stringValue":"2"}}}\n';
  for (const config of forms) assert.equal(signedBytes(change({ config, files: [] })).toString(), expected);
});

test('oneofs, wide integers, floats and enums have one form', () => {
  const config = parseConfigText(`
    version_policy { specific { versions: 1 versions: 2 } }
    input { name: "x" data_type: TYPE_FP32 dims: -1 }
    optimization { priority: PRIORITY_MAX gather_kernel_buffer_threshold: 1 }
    dynamic_batching { max_queue_delay_microseconds: 500 default_queue_policy { timeout_action: REJECT } }
    model_warmup { name: "w" inputs { key: "x" value { data_type: TYPE_INT8 zero_data: false } } }`);
  const [, , , , , canonical = ''] = signedBytes(change({ config })).toString().split('\n');
  assert.match(canonical, /"dynamicBatching":\{"defaultQueuePolicy":\{\},"maxQueueDelayMicroseconds":"500"\}/);
  assert.match(canonical, /"input":\[\{"dataType":"TYPE_FP32","dims":\["-1"\],"name":"x"\}\]/);
  assert.match(canonical, /"versionPolicy":\{"specific":\{"versions":\["1","2"\]\}\}/);
  assert.match(canonical, /"zeroData":false/);
  assert.doesNotMatch(canonical, /policyChoice|inputDataType/);
});

test('two versions that differ in a name have different bytes', () => {
  const bytes = ([model = '', service = '']: readonly string[]): string =>
    signedBytes({ ...plain, model, service }).toString();
  const names = fc.tuple(fc.string(), fc.string());
  const distinct = (one: readonly string[], other: readonly string[]): void =>
    assert.equal(bytes(one) === bytes(other), one[0] === other[0] && one[1] === other[1]);
  fc.assert(fc.property(names, names, distinct));
});

test('keys are read from PEM files, several from one; others are refused by name', (t) => {
  const folder = temporaryFolder(t);
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const spki = { type: 'spki', format: 'pem' } as const;
  const other = generateKeyPairSync('ed25519').publicKey;
  const keys = readTrustedKeys([
    write('two.pem', [publicKey, other].map((key) => key.export(spki).toString()).join('\n')),
  ]);
  assert.deepEqual([...keys.keys()], [keyId(publicKey), keyId(other)]);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  assert.equal(keyId(readSigningKey(write('key.pem', pem))), keyId(publicKey));
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export(spki).toString();
  const refusals = { 'rsa.pem': rsa, 'private.pem': pem, 'text.pem': 'text' };
  for (const [name, text] of Object.entries(refusals)) {
    const file = write(name, text);
    assert.throws(() => readTrustedKeys([file]), {
      code: 'INVALID_ARGUMENT',
      message: new RegExp(`^${name} holds no`),
    });
  }
  assert.throws(() => readTrustedKeys([join(folder, 'absent.pem')]), {
    message: 'the key file absent.pem cannot be read',
  });
});

test('a store with trusted keys places nothing that they did not sign', async (t) => {
  const folder = temporaryFolder(t);
  const keyFile = join(folder, 'trusted.pem');
  writeFileSync(keyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  const depot = await depotOf('weights', 'y');
  const store = storeIn(t, folder, { depot, settings: { trustedKeys: [keyFile] } });
  await assert.rejects(store.place(plain, { signal: never }), {
    code: 'PERMISSION_DENIED',
    message: 'version 3 is not signed',
  });
  assert.deepEqual(filesBelow(folder), ['trusted.pem']);
  assert.deepEqual(filesBelow(await store.place(signed, { signal: never })), ['3/b/x', '3/model.onnx']);
});
