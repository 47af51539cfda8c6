// Calls that the router answers itself, with names that lead out of the model repository, versions that are none, and files that
// nobody may write.
import type { ModelRepositoryParameter } from '@weft/rpc/messages/inference/ModelRepositoryParameter';
import { call, type HostileCall, invalid, leaving, shown, unknown } from './hostile-call.ts';

/** And those that do not, though they look like it. */
const staying = [
  '...',
  '..my_model',
  'model..1',
  '%2e%2e%2fetc',
  '__proto__',
  'constructor',
  '\u2025',
  'r\u03bfws',
  'x'.repeat(300),
];

const asked = ['ModelMetadata', 'ModelConfig', 'ModelStatistics'] as const;
const names: readonly HostileCall[] = [
  ...asked.flatMap((method) => [
    ...[...leaving, ...staying].map((name) => call(shown(name), method)({ name }, unknown(name))),
    ...['abc', '-1', '01', '0', '1.0', '99999999999999999999', '../1'].map((version) =>
      call(`version ${version}`, method)(
        { name: 'rows', version },
        `NOT_FOUND Request for unknown model: 'rows' version ${version} is not found`,
      ),
    ),
  ]),
  call('no name', 'ModelMetadata')({}, invalid('Model name cannot be empty')),
  call('no name', 'ModelConfig')({}, invalid('Model name cannot be empty')),
  call('no name', 'ModelReady')({}, invalid('Model name cannot be empty')),
  ...['RepositoryModelLoad', 'RepositoryModelUnload'].flatMap((method) => [
    call('no name', method)({}, invalid('Model name cannot be empty')),
    ...leaving.map((modelName) =>
      call(shown(modelName), method)(
        { modelName },
        invalid(`model name must not contain path traversal characters: '${modelName}'`),
      ),
    ),
    ...leaving
      .slice(0, 5)
      .map((repositoryName) =>
        call(`${shown(repositoryName)} as KServe names it`, method)(
          { repositoryName },
          invalid(`model name must not contain path traversal characters: '${repositoryName}'`),
        ),
      ),
    call('another repository', method)(
      { repositoryName: '../other', modelName: 'rows' },
      "UNIMPLEMENTED there is one repository: 'repository_name' must be empty",
    ),
  ]),
  ...staying.map((modelName) =>
    call(shown(modelName), 'RepositoryModelLoad')(
      { modelName },
      `NOT_FOUND failed to load '${modelName}', failed to poll from model repository`,
    ),
  ),
  ...staying.map((modelName) => call(shown(modelName), 'RepositoryModelUnload')({ modelName }, /^NOT_FOUND /)),
  call('another repository', 'RepositoryIndex')({ repositoryName: '/etc' }, /^UNIMPLEMENTED /),
];

const load = (
  what: string,
  parameters: Readonly<Record<string, ModelRepositoryParameter>>,
  expected: string | RegExp,
): HostileCall => call(what, 'RepositoryModelLoad')({ modelName: 'rows', parameters }, expected);
const config = { config: { stringParam: '{"backend": "onnxruntime"}' } };
const bytes: ModelRepositoryParameter = { bytesParam: Buffer.from('no model') };
const files: readonly HostileCall[] = [
  ...[
    '../model.onnx',
    '..',
    '/etc/passwd',
    'a/../../b',
    'a\\..\\b',
    './model.onnx',
    'a//b',
    'a/',
    '',
    ' ',
    'model.onnx\0.txt',
    'a/./b',
  ].map((path) => load(`the file ${shown(path)}`, { ...config, [`file:1/${path}`]: bytes }, /^INVALID_ARGUMENT /)),
  ...['', '0', '01', '-1', '..', 'abc', '1.5', '9'.repeat(30)].map((version) =>
    load(
      `a file of the version ${shown(version)}`,
      { ...config, [`file:${version}/model.onnx`]: bytes },
      /^INVALID_ARGUMENT 'file:.*' is no file: '.*' is no version/,
    ),
  ),
  load(
    'a file without a version',
    { ...config, 'file:model.onnx': bytes },
    invalid("'file:model.onnx' is no file: expected file:<version>/<name>"),
  ),
  load(
    'a file without a configuration',
    { 'file:1/model.onnx': bytes },
    invalid("the parameter 'config' must be given with the files of a model"),
  ),
  load(
    'a file that is text',
    { ...config, 'file:1/model.onnx': { stringParam: 'x' } },
    invalid("the parameter 'file:1/model.onnx' must be bytes"),
  ),
  load(
    'an unknown parameter',
    { files: bytes },
    invalid("unknown parameter 'files': expected config, file:<version>/<name>"),
  ),
  load(
    'the prototype as a parameter',
    { ['__proto__']: { boolParam: true } },
    /^INVALID_ARGUMENT unknown parameter '__proto__'/,
  ),
  load('a configuration that is bytes', { config: bytes }, invalid("the parameter 'config' must be a string of JSON")),
  load(
    'a configuration that is no JSON',
    { config: { stringParam: '{' } },
    /^INVALID_ARGUMENT the parameter 'config' is no configuration: /,
  ),
  load(
    'a configuration that is an array',
    { config: { stringParam: '[]' } },
    /^INVALID_ARGUMENT the parameter 'config' is no configuration: /,
  ),
  load(
    'a configuration that is null',
    { config: { stringParam: 'null' } },
    /^INVALID_ARGUMENT the parameter 'config' is no configuration: /,
  ),
  load(
    'a configuration nested ten thousand deep',
    { config: { stringParam: `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}` } },
    /^INVALID_ARGUMENT the parameter 'config' is no configuration: /,
  ),
  load(
    'a configuration with half a character',
    { config: { stringParam: String.raw`{"max\ud800": 4}` } },
    /^INVALID_ARGUMENT the parameter 'config' is no configuration: .*max\ufffd/,
  ),
  load(
    'a configuration of the prototype',
    { config: { stringParam: '{"__proto__": {"backend": "x"}}' } },
    /^INVALID_ARGUMENT the parameter 'config' is no configuration: /,
  ),
  load(
    'a configuration with an unknown field',
    { config: { stringParam: '{"max_batch": 4}' } },
    /^INVALID_ARGUMENT the parameter 'config' is no configuration: .*max_batch/,
  ),
  load(
    'a configuration with a size that is text',
    { config: { stringParam: '{"max_batch_size": "many"}' } },
    /^INVALID_ARGUMENT /,
  ),
  load(
    'a configuration with a negative size',
    { config: { stringParam: '{"max_batch_size": -4}' } },
    invalid(
      "the parameter 'config' is no configuration: max_batch_size: expected a number that is not negative, got -4",
    ),
  ),
  call('an unload parameter that is text', 'RepositoryModelUnload')(
    { modelName: 'rows', parameters: { unload_dependents: { stringParam: 'true' } } },
    invalid("the parameter 'unload_dependents' must be a bool"),
  ),
  call('an unload parameter that nobody knows', 'RepositoryModelUnload')(
    { modelName: 'rows', parameters: { force: { boolParam: true } } },
    invalid("unknown parameter 'force': expected unload_dependents"),
  ),
];

export const hostileCalls: Readonly<Record<string, readonly HostileCall[]>> = { names, files };
