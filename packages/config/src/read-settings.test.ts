import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiB } from './quantity.ts';
import { readSettings } from './read-settings.ts';
import { defineSettings, type SettingsOf } from './setting.ts';

const definitions = defineSettings({
  maxBatchBytes: { kind: 'bytes', default: 64 * MiB, minimum: 1, doc: 'Largest batch' },
  port: { kind: 'port', doc: 'Port' },
  drainTimeout: { kind: 'duration', default: 30_000, doc: 'Drain' },
  defaultModels: { kind: 'boolean', default: true, doc: 'Default models' },
  json: { kind: 'boolean', default: false, doc: 'JSON' },
  modelRepository: { kind: 'list', doc: 'Repositories' },
  logFormat: { kind: 'choice', values: ['json', 'text'], default: 'json', doc: 'Format' },
  otlpEndpoint: { kind: 'string', env: 'OTEL_EXPORTER_OTLP_ENDPOINT', doc: 'Endpoint' },
});

const read = (argv: readonly string[], env: Record<string, string> = {}) => readSettings(definitions, { argv, env });
const refusal = (argv: readonly string[], env: Record<string, string> = {}) => {
  let message = '';
  assert.throws(
    () => read(argv, env),
    (error: Error & { code?: string }) => {
      message = error.message;
      return error.code === 'INVALID_ARGUMENT';
    },
  );
  return message;
};

test('without flags and variables the defaults hold, and the types say what may be absent', () => {
  const settings = read([]);
  // Compiles only while the inferred types are these.
  const typed: {
    readonly maxBatchBytes: number;
    readonly port: number | undefined;
    readonly drainTimeout: number;
    readonly defaultModels: boolean;
    readonly json: boolean;
    readonly modelRepository: readonly string[];
    readonly logFormat: 'json' | 'text';
    readonly otlpEndpoint: string | undefined;
  } = settings satisfies SettingsOf<typeof definitions>;
  assert.deepEqual(typed, {
    maxBatchBytes: 64 * MiB,
    port: undefined,
    drainTimeout: 30_000,
    defaultModels: true,
    json: false,
    modelRepository: [],
    logFormat: 'json',
    otlpEndpoint: undefined,
  });
});

test('a flag wins over a variable, a variable over the default', () => {
  const env = { WEFT_MAX_BATCH_BYTES: '1MiB', WEFT_DRAIN_TIMEOUT: '10s' };
  const settings = read(['--max-batch-bytes', '2MiB'], env);
  assert.equal(settings.maxBatchBytes, 2 * MiB);
  assert.equal(settings.drainTimeout, 10_000);
});

test('a setting may keep the variable that other tools know', () => {
  assert.equal(read([], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }).otlpEndpoint, 'http://c:4318');
  assert.equal(read([], { WEFT_OTLP_ENDPOINT: 'http://c:4318' }).otlpEndpoint, undefined);
});

test('an empty variable counts as absent', () => {
  assert.equal(read([], { WEFT_DRAIN_TIMEOUT: '' }).drainTimeout, 30_000);
});

test('a boolean is switched by --x, --no-x, --x=false and its variable', () => {
  assert.equal(read(['--json']).json, true);
  assert.equal(read(['--no-default-models']).defaultModels, false);
  assert.equal(read(['--default-models=false']).defaultModels, false);
  assert.equal(read([], { WEFT_DEFAULT_MODELS: 'off' }).defaultModels, false);
  assert.equal(read(['--default-models'], { WEFT_DEFAULT_MODELS: 'off' }).defaultModels, true);
});

test('a list flag may be repeated, and then replaces the variable as a whole', () => {
  const env = { WEFT_MODEL_REPOSITORY: 'z' };
  assert.deepEqual(read(['--model-repository', 'a,b', '--model-repository=c'], env).modelRepository, ['a', 'b', 'c']);
  assert.deepEqual(read([], env).modelRepository, ['z']);
});

test('of a flag given twice the last one counts', () => {
  assert.equal(read(['--port', '1', '--port', '2']).port, 2);
});

test('an unknown flag is refused with the one that was probably meant', () => {
  assert.equal(refusal(['--max-bach-bytes', '1']), 'unknown flag --max-bach-bytes: did you mean --max-batch-bytes?');
  assert.equal(refusal(['--no-default-model']), 'unknown flag --no-default-model: did you mean --no-default-models?');
  assert.equal(refusal(['--frobnicate-everything']), 'unknown flag --frobnicate-everything');
  assert.equal(refusal(['-p', '1']), 'unknown flag -p');
  assert.equal(refusal(['--no-port']), 'unknown flag --no-port: did you mean --port?');
});

test('a bad value names its flag or variable, what it got and what it accepts', () => {
  assert.equal(refusal(['--port', 'x']), '--port is "x", but it accepts a port number from 0 to 65535');
  assert.equal(
    refusal([], { WEFT_DRAIN_TIMEOUT: '5' }),
    'WEFT_DRAIN_TIMEOUT is "5", but it accepts a duration such as 500ms, 10s or 2m',
  );
  assert.equal(refusal(['--log-format=xml']), '--log-format is "xml", but it accepts json, text');
});

test('a forgotten value does not swallow the next flag', () => {
  assert.equal(
    refusal(['--otlp-endpoint', '--json']),
    '--otlp-endpoint needs a value: it accepts a text that is not empty',
  );
  assert.equal(refusal(['--port']), '--port needs a value: it accepts a port number from 0 to 65535');
  assert.equal(read(['--otlp-endpoint=--json']).otlpEndpoint, '--json');
});

test('a negated flag takes no value', () => {
  assert.equal(refusal(['--no-json=true']), '--no-json takes no value');
});

test('names of object members are no flags', () => {
  assert.equal(refusal(['--constructor']), 'unknown flag --constructor');
  assert.equal(refusal(['--__proto__', 'x']), 'unknown flag --__proto__');
});

test('a port variable that Kubernetes made for a Service is passed over', () => {
  assert.equal(read([], { WEFT_PORT: 'tcp://10.0.0.1:8001' }).port, undefined);
});

test('arguments without a flag are refused', () => {
  assert.equal(refusal(['extra']), 'unexpected argument "extra"');
  assert.equal(refusal(['--json', '--', '--odd']), 'unexpected argument "--odd"');
});
