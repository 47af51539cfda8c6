import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Type } from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import { rpcMethods } from '../protos.ts';
import { answer } from './register-reflection.ts';

type Request = Parameters<typeof answer>[0];

const asked = (messageRequest: NonNullable<Request['messageRequest']>, value: unknown) =>
  answer({ host: '', messageRequest, [messageRequest]: value } as Request, ['a.B']);

// Its types leave out what it has.
const fileType = (descriptor as unknown as { FileDescriptorProto: Type }).FileDescriptorProto;

interface File {
  readonly name: string;
  readonly package: string;
  readonly dependency: readonly string[];
}

function filesOf(found: ReturnType<typeof asked>): File[] {
  const encoded = found.fileDescriptorResponse?.fileDescriptorProto ?? [];
  return encoded.map((bytes) => fileType.decode(bytes as Buffer) as unknown as File);
}

test('every service and method of the wire contract is described, with all that its file imports', () => {
  for (const { path, service } of rpcMethods().values()) {
    const symbol = path.slice(1).replace('/', '.');
    const files = filesOf(asked('fileContainingSymbol', symbol));
    assert.equal(files[0]?.package, service.slice(0, service.lastIndexOf('.')), symbol);
    const names = files.map(({ name }) => name);
    for (const { dependency } of files) for (const name of dependency) assert.ok(names.includes(name), name);
  }
});

test('files are found by their name, by what they declare inside, and by their extensions', () => {
  const named = (found: ReturnType<typeof asked>) => filesOf(found)[0]?.name;
  const protocol = 'inference/grpc_service.proto';
  assert.equal(named(asked('fileByFilename', protocol)), protocol);
  for (const symbol of [
    'inference.ModelInferRequest.InferInputTensor',
    'inference.ModelInferRequest.raw_input_contents',
  ])
    assert.equal(named(asked('fileContainingSymbol', symbol)), protocol);
  assert.equal(named(asked('fileContainingSymbol', 'inference.TYPE_FP32')), 'inference/model_config.proto');
  const base = 'google.protobuf.FieldOptions';
  const { extensionNumber = [] } = asked('allExtensionNumbersOfType', base).allExtensionNumbersResponse ?? {};
  assert.equal(extensionNumber.length, 1);
  const extension = { containingType: base, extensionNumber: extensionNumber[0] };
  assert.equal(named(asked('fileContainingExtension', extension)), 'weft/options/v1/options.proto');
});

test('what is served is listed, and what is not known is told', () => {
  assert.deepEqual(asked('listServices', ''), { listServicesResponse: { service: [{ name: 'a.B' }] } });
  const problem = (found: ReturnType<typeof asked>) => [
    found.errorResponse?.errorCode,
    found.errorResponse?.errorMessage,
  ];
  assert.deepEqual(problem(asked('fileByFilename', '../x')), [5, "file '../x' is not found"]);
  assert.deepEqual(problem(asked('fileContainingSymbol', 'toString')), [5, "symbol 'toString' is not found"]);
  const extension = { containingType: 'a.B', extensionNumber: 1 };
  assert.deepEqual(problem(asked('fileContainingExtension', extension)), [5, "extension 1 of 'a.B' is not found"]);
  assert.deepEqual(problem(asked('allExtensionNumbersOfType', 'a.B')), [5, "type 'a.B' is not found"]);
  assert.deepEqual(problem(answer({ host: '' } as Request, [])), [
    3,
    'the request asks for nothing that is known here',
  ]);
});
