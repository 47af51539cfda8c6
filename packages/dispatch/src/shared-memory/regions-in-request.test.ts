import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { rpcMethod } from '@weft/rpc';
import type { ModelInferRequest, ModelInferRequest__Output } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import { carryInputs, placeOutputs } from './regions-in-request.ts';
import { SharedMemory } from './shared-memory.ts';

const method = rpcMethod('/inference.GRPCInferenceService/ModelInfer');

function sharing(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'weft-shm-'));
  const file = join(directory, 'object');
  writeFileSync(file, '0123456789abcdef');
  const memory = new SharedMemory(directory);
  memory.register({ name: 'r', key: 'object', offset: 0, byteSize: 16 });
  t.after(() => {
    memory.unregister('');
    rmSync(directory, { recursive: true });
  });
  const carry = (request: ModelInferRequest, maxBytes = 100) => {
    const carried = carryInputs(method.encodeRequest(request), memory, maxBytes);
    const decoded =
      carried === undefined ? undefined : (method.decodeRequest(carried.payload) as ModelInferRequest__Output);
    return { decoded, outputs: carried?.outputs };
  };
  return { memory, carry, content: () => readFileSync(file, 'utf8') };
}

const lying = (offset: number, byteSize: number) => ({
  shared_memory_region: { stringParam: 'r' },
  shared_memory_byte_size: { int64Param: byteSize },
  shared_memory_offset: { int64Param: offset },
});
const own = { other: { boolParam: true } };
const input = (name: string, parameters = {}) => ({ name, datatype: 'UINT8', shape: [2], parameters });

test('entries of inputs that lie in shared memory stand between those of the others, and nothing else changes', (t) => {
  const { carry } = sharing(t);
  const { decoded, outputs } = carry({
    modelName: 'm',
    id: 'i',
    parameters: { priority: { int64Param: 1 } },
    inputs: [input('a'), input('b', { ...lying(4, 2), ...own }), input('c'), input('d', lying(0, 2))],
    outputs: [
      { name: 'y', parameters: own },
      { name: 'z', parameters: lying(8, 4) },
    ],
    rawInputContents: [Buffer.from('AA'), Buffer.from('CC')],
  });
  assert.deepEqual(decoded?.rawInputContents.map(String), ['AA', '45', 'CC', '01']);
  assert.deepEqual([decoded?.modelName, decoded?.id, Object.keys(decoded?.parameters ?? {})], ['m', 'i', ['priority']]);
  assert.deepEqual(
    decoded?.inputs.map(({ name, shape, parameters }) => [name, shape, Object.keys(parameters)]),
    [
      ['a', [2], []],
      ['b', [2], ['other']],
      ['c', [2], []],
      ['d', [2], []],
    ],
  );
  assert.deepEqual(
    decoded?.outputs.map(({ parameters }) => Object.keys(parameters)),
    [['other'], []],
  );
  assert.deepEqual([...(outputs ?? [])], [['z', { region: 'r', offset: 8, byteSize: 4 }]]);
});

test('a request without shared memory is left as it is, and sizes that are none are refused', (t) => {
  const { carry } = sharing(t);
  assert.equal(
    carry({ modelName: 'm', inputs: [input('a', own)], rawInputContents: [Buffer.from('AA')] }).decoded,
    undefined,
  );
  for (const parameters of [lying(-1, 2), lying(0, -2)])
    assert.throws(() => carry({ inputs: [input('a', parameters)] }), {
      code: 'INVALID_ARGUMENT',
      message: /is no size$/,
    });
  const many = Array.from({ length: 7 }, (_, at) => input(`x${at}`, lying(0, 16)));
  assert.throws(() => carry({ inputs: many }), {
    code: 'RESOURCE_EXHAUSTED',
    message: 'the inputs in shared memory have more than 100 bytes',
  });
});

test('outputs are written to their places and their entries are empty; the others keep theirs', (t) => {
  const { memory, content } = sharing(t);
  const response = method.encodeResponse({
    modelName: 'm',
    id: 'i',
    outputs: [input('y'), input('z')],
    rawOutputContents: [Buffer.from('YY'), Buffer.from('ZZ')],
  });
  const place = (byteSize: number) =>
    method.decodeResponse(
      placeOutputs(response, new Map([['z', { region: 'r', offset: 8, byteSize }]]), memory),
    ) as ModelInferResponse__Output;
  const { rawOutputContents, outputs, id } = place(4);
  assert.deepEqual([id, rawOutputContents.map(String), content()], ['i', ['YY', ''], '01234567ZZabcdef']);
  assert.deepEqual(outputs[0]?.parameters, {});
  assert.deepEqual(
    Object.entries(outputs[1]?.parameters ?? {}).map(([key, value]) => [key, value.stringParam ?? value.int64Param]),
    [
      ['shared_memory_region', 'r'],
      ['shared_memory_byte_size', 4],
      ['shared_memory_offset', 8],
    ],
  );
  assert.throws(() => place(1), {
    message:
      "shared memory size specified with the request for output 'z' (1 bytes) should be at least 2 bytes to hold the results",
  });
});
