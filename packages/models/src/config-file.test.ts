import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import { rpcMethod } from '@weft/rpc/protos';
import { parseConfigJson, parseConfigText, readConfigFile } from './config-file.ts';

const text = `
  max_batch_size: 8  # rows
  input [ { name: "x" data_type: TYPE_FP32 dims: [ 3, -1 ] } ]
  parameters { key: "weft.slo_ms" value { string_value: "50" } }
  dynamic_batching { max_queue_delay_microseconds: 100 }
`;

test('protobuf text and JSON in either spelling give the same configuration', () => {
  const fromText = parseConfigText(text);
  assert.equal(fromText.input[0]?.dims[1], -1);
  assert.equal(fromText.parameters['weft.slo_ms']?.stringValue, '50');
  const snake = {
    max_batch_size: 8,
    input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [3, '-1'] }],
    parameters: { 'weft.slo_ms': { string_value: '50' } },
    dynamic_batching: { max_queue_delay_microseconds: 100 },
  };
  const camel = {
    maxBatchSize: 8,
    input: [{ name: 'x', dataType: 'TYPE_FP32', dims: [3, -1] }],
    parameters: { 'weft.slo_ms': { stringValue: '50' } },
    dynamicBatching: { maxQueueDelayMicroseconds: 100 },
  };
  assert.deepEqual(parseConfigJson(JSON.stringify(snake)), fromText);
  assert.deepEqual(parseConfigJson(JSON.stringify(camel)), fromText);
});

test('a configuration that has been over the wire, even twice, says what the file says', () => {
  const config = parseConfigText(`max_batch_size: 8 dynamic_batching {
    priority_levels: 3 default_priority_level: 2
    priority_queue_policy { key: 3 value { timeout_action: DELAY default_timeout_microseconds: 5000 } }
  }`);
  const watch = rpcMethod('/weft.executor.v1.Executor/Watch');
  const overWire = (state: object): ReplicaState__Output =>
    watch.decodeResponse(watch.encodeResponse(state)) as ReplicaState__Output;
  const once = overWire({ models: [{ name: 'm', config }] });
  assert.deepEqual(once.models[0]?.config, config);
  assert.deepEqual(overWire(once), once);
});

test('keys of parameters are left as they are', () => {
  const config = parseConfigJson('{"parameters": {"weft.max_rows": {"string_value": "1"}}}');
  assert.equal(config.parameters['weft.max_rows']?.stringValue, '1');
});

test('a byte order mark, line ends of Windows, comments and enums by number are read', () => {
  const config = parseConfigText(
    '\uFEFF# a model\r\ninput [\r\n  { name: "x" data_type: 11 dims: [ ] } # rows\r\n]\r\n',
  );
  assert.deepEqual([config.input[0]?.name, config.input[0]?.dataType, config.input[0]?.dims], ['x', 'TYPE_FP32', []]);
  assert.equal(parseConfigJson('\uFEFF{"input": [{"data_type": 11}]}').input[0]?.dataType, 'TYPE_FP32');
});

const wrong: Readonly<Record<string, RegExp>> = {
  'name: "a"\n\nmax_batch: 3': /unknown field 'max_batch' \(line 3\)/,
  'name: "a"\nmax_batch_size: "8"': /integer value expected \(line 2\)/,
  'name: "a"\n\ninput {\n data_type: TYPE_FOO }': /dataType: enum value expected \(line 4\)/,
  'input { data_type: 99 }': /dataType: 99 is none of its values/,
  'name: "a"\nname: "b"': /name: multiple values \(line 2\)/,
};
for (const [given, message] of Object.entries(wrong)) {
  test(`text that is wrong is told with its line or field: ${JSON.stringify(given)}`, () =>
    assert.throws(() => parseConfigText(given), message));
}

const wrongJson: Readonly<Record<string, RegExp>> = {
  '{"max_batch": 3}': /unknown field 'max_batch'/,
  '{"input": [{}, {"nam": "x"}]}': /unknown field 'input\[1\]\.nam': did you mean name\?/,
  '{"input": [{"data_type": "TYPE_FOO"}]}': /input\[0\]\.data_type: expected one of TYPE_INVALID, .* got "TYPE_FOO"/,
  '{"max_batch_size": "many"}': /max_batch_size: expected a number, got "many"/,
  '{"max_batch_size": 1.5}': /max_batch_size: expected a whole number, got 1\.5/,
  '{"max_batch_size": 4294967296}': /max_batch_size: expected a whole number/,
  '{"input": {"name": "x"}}': /input: expected an array/,
  '{"name": 3}': /name: expected text, got 3/,
  '{"parameters": {"k": "v"}}': /parameters\["k"\]: expected a JSON object, got "v"/,
  '{"max_batch_size": 1, "maxBatchSize": 2}': /field 'maxBatchSize' is given twice/,
  '[]': /expected a JSON object, got \[\]/,
};
for (const [given, message] of Object.entries(wrongJson)) {
  test(`JSON that is wrong is told with its field: ${given}`, () =>
    assert.throws(() => parseConfigJson(given), message));
}

test('errors name the file and what is wrong with it', () => {
  const root = mkdtempSync(join(tmpdir(), 'weft-config-'));
  try {
    const write = (name: string, file: string, content: string): string => {
      mkdirSync(join(root, name), { recursive: true });
      writeFileSync(join(root, name, file), content);
      return join(root, name);
    };
    assert.throws(
      () => readConfigFile(write('broken', 'config.pbtxt', 'nonsense: 3')),
      /broken\/config\.pbtxt: .*nonsense/,
    );
    assert.throws(() => readConfigFile(write('brokenjson', 'config.json', '{')), /brokenjson\/config\.json/);
    assert.throws(
      () => readConfigFile(write('a', 'config.pbtxt', 'name: "b"')),
      /names the model 'b', but its folder is 'a'/,
    );
    assert.throws(() => readConfigFile(join(root, 'a'), 'c'), /names the model 'b', not 'c'/);
    assert.equal(readConfigFile(join(root, 'a'), 'b').name, 'b');
    write('both', 'config.pbtxt', '');
    assert.throws(() => readConfigFile(write('both', 'config.json', '{}')), /keep one/);
    assert.equal(readConfigFile(write('c', 'config.pbtxt', '')).name, 'c');
  } finally {
    rmSync(root, { recursive: true });
  }
});
