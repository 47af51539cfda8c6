// oxlint-disable id-denylist -- `data` is the protocol's name for the elements of a tensor
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ModelInferRequest__Output } from '@weft/rpc/messages/inference/ModelInferRequest';
import { rpcMethod } from '@weft/rpc/protos';
import { encodeRaw, type FixedDatatype, datatypes, stringTensor } from '@weft/tensor';
import fc from 'fast-check';
import { Body } from '../server/body.ts';
import { assemblePayload } from './assemble-payload.ts';
import { binaryPart, readInferAnswer, writeInferJson } from './infer-answer.ts';
import { parseInfer } from './parse-infer.ts';

const method = rpcMethod('/inference.GRPCInferenceService/ModelInfer');
const target = { model: 'm', version: '3', maxBytes: 1_000_000 };

function requestOf(json: object | string, body = new Body([])): ModelInferRequest__Output {
  const plan = parseInfer(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)), target);
  return method.decodeRequest(assemblePayload(plan, target, body.behind(0))) as ModelInferRequest__Output;
}

/** A request with one input, whose data is this text. */
const withData = (datatype: string, elements: string): string =>
  `{"inputs": [{"name": "x", "shape": [1], "datatype": "${datatype}", "data": ${elements}}]}`;

const rawOf = (datatype: string, elements: string): Buffer | undefined =>
  requestOf(withData(datatype, elements)).rawInputContents[0];

const jsonWish = { all: false, byName: new Map<string, boolean>() };

/** The JSON that an output of these bytes becomes. */
function answerOf(output: { datatype: string; shape: number[] }, raw: Buffer, binary = false): Buffer {
  const payload = method.encodeResponse({
    modelName: 'm',
    outputs: [{ name: 'y', ...output }],
    rawOutputContents: [raw],
  });
  return writeInferJson(readInferAnswer(payload, { ...jsonWish, all: binary }));
}

/** The text of the data in such a JSON: JSON.parse would lose NaN and large integers. */
function dataOf(json: Buffer): string {
  return /"data":(\[.*\])\}\]\}$/s.exec(json.toString())?.[1] ?? '';
}

/** One element of each datatype, as the bytes of one tensor. */
const elements: Readonly<Record<string, fc.Arbitrary<number | bigint>>> = {
  BOOL: fc.nat(1),
  UINT8: fc.nat(255),
  UINT16: fc.nat(65535),
  UINT32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  UINT64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  INT8: fc.integer({ min: -128, max: 127 }),
  INT16: fc.integer({ min: -32768, max: 32767 }),
  INT32: fc.integer(),
  INT64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  FP32: fc.float(),
  FP64: fc.double(),
};

describe('tensors as JSON', () => {
  for (const [datatype, element] of Object.entries(elements)) {
    test(`${datatype}: an answer's data, sent as a request's, are the same bytes`, () => {
      fc.assert(
        fc.property(fc.array(element), (values) => {
          const { array: Elements } = datatypes[datatype as FixedDatatype];
          const array = (Elements as typeof Float64Array).from(values as number[]);
          const raw = Buffer.from(array.buffer, 0, array.byteLength);
          const text = dataOf(answerOf({ datatype, shape: [values.length] }, raw));
          assert.deepEqual(rawOf(datatype, text), raw);
        }),
      );
    });
  }

  test('BYTES: texts with NULs, quotes and letters of any script', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
        const raw = encodeRaw(stringTensor([texts.length], texts));
        assert.deepEqual(rawOf('BYTES', dataOf(answerOf({ datatype: 'BYTES', shape: [texts.length] }, raw))), raw);
      }),
    );
  });

  test('nested data is the flat one', () => {
    assert.deepEqual(rawOf('INT32', '[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]'), rawOf('INT32', '[1,2,3,4,5,6,7,8]'));
    assert.deepEqual(rawOf('INT32', '[]'), Buffer.alloc(0));
    assert.deepEqual(rawOf('FP32', '[[], []]'), Buffer.alloc(0));
  });

  test('the order of fields does not matter', () => {
    const { inputs, rawInputContents } = requestOf(
      '{"inputs": [{"data": [1], "shape": [1], "parameters": {"k": "v"}, "datatype": "UINT8", "name": "x"}], "id": "a"}',
    );
    assert.deepEqual([inputs[0]?.name, rawInputContents[0]], ['x', Buffer.of(1)]);
    const twice = '{"inputs": [{"name": "x", "shape": [1], "datatype": "INT64", "data": [1], "datatype": "UINT8"}]}';
    assert.deepEqual(requestOf(twice).rawInputContents[0], Buffer.of(1));
  });

  test('64-bit integers and NaN may be texts, for clients whose JSON has no such numbers', () => {
    assert.equal(rawOf('INT64', '["-9223372036854775808"]')?.readBigInt64LE(), -(2n ** 63n));
    assert.equal(rawOf('FP32', '["NaN"]')?.readFloatLE(), Number.NaN);
  });

  test('what a datatype cannot hold is refused, with its name', () => {
    const refused: [string, string][] = [
      ['INT8', '[128]'],
      ['UINT8', '[-1]'],
      ['INT32', '[1.5]'],
      ['INT32', '[1.0]'],
      ['INT32', '["1"]'],
      ['INT32', '[null]'],
      ['UINT64', '[18446744073709551616]'],
      ['INT64', '[9223372036854775808]'],
      ['INT64', '[NaN]'],
      ['BOOL', '[2]'],
      ['BOOL', '["true"]'],
      ['FP32', '["1"]'],
      ['FP32', '[true]'],
      ['FP32', '[{}]'],
      ['BYTES', '[1]'],
      ['INT64', '["0x1"]'],
    ];
    for (const [datatype, text] of refused) {
      assert.throws(
        () => rawOf(datatype, text),
        { code: 'INVALID_ARGUMENT', message: /Unable to parse 'data': input 'x'/ },
        text,
      );
    }
    for (const text of ['5', '"a"', '{}', 'null']) assert.throws(() => rawOf('FP32', text), /needs an array/);
    for (const datatype of ['FP16', 'BF16'])
      assert.throws(() => rawOf(datatype, '[1]'), /via JSON is not supported. Please use the binary data format/);
    assert.throws(() => rawOf('FP33', '[1]'), /unknown datatype 'FP33'/);
  });

  test('what would be larger than the limit ends at it', () => {
    const many = `[${'1,'.repeat(200_000)}1]`;
    assert.throws(() => rawOf('FP64', many), { code: 'RESOURCE_EXHAUSTED' });
    assert.equal(rawOf('UINT8', many)?.length, 200_001);
  });

  test('an output that is no text, or half a number, is asked for as binary data', () => {
    const bytes = Buffer.from([1, 0, 0, 0, 0xff]);
    assert.throws(() => answerOf({ datatype: 'BYTES', shape: [1] }, bytes), {
      code: 'INVALID_ARGUMENT',
      message: /binary_data/,
    });
    assert.throws(() => answerOf({ datatype: 'FP16', shape: [1] }, Buffer.alloc(2)), /sending FP16 data via JSON/);
    assert.match(answerOf({ datatype: 'FP16', shape: [1] }, Buffer.alloc(2), true).toString(), /"binary_data_size":2/);
  });
});

describe('binary tensors', () => {
  const input = (name: string, size: number) => ({
    name,
    shape: [size],
    datatype: 'UINT8',
    parameters: { binary_data_size: size },
  });

  test('are the bytes behind the JSON, however these arrived in pieces', () => {
    const bytes = fc.uint8Array({ maxLength: 20 });
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat(5)), (tensors, cuts) => {
        const whole = Buffer.concat(tensors);
        const pieces: Buffer[] = [];
        for (let at = 0; at < whole.length; ) {
          const size = (cuts.next().value as number) + 1;
          pieces.push(whole.subarray(at, at + size));
          at += size;
        }
        const json = { inputs: tensors.map((tensor, index) => input(`x${index}`, tensor.length)) };
        const { rawInputContents, inputs } = requestOf(json, new Body(pieces));
        assert.deepEqual(
          rawInputContents,
          tensors.map((tensor) => Buffer.from(tensor)),
        );
        assert.deepEqual(inputs[0]?.parameters, {});
      }),
    );
  });

  test('stand beside tensors in JSON', () => {
    const json = { inputs: [input('a', 2), { name: 'b', shape: [1], datatype: 'UINT8', data: [9] }, input('c', 1)] };
    const { rawInputContents } = requestOf(json, new Body([Buffer.of(1, 2, 3)]));
    assert.deepEqual(rawInputContents, [Buffer.of(1, 2), Buffer.of(9), Buffer.of(3)]);
  });

  test('of another size than announced are refused', () => {
    const send = (size: unknown, sent: number) =>
      requestOf(
        { inputs: [{ ...input('x', 1), parameters: { binary_data_size: size } }] },
        new Body([Buffer.alloc(sent)]),
      );
    assert.throws(() => send(4, 3), /unexpected size for input 'x', expecting 1 additional bytes for model 'm'/);
    assert.throws(() => send(2, 3), /unexpected additional input data for model 'm'/);
    assert.throws(() => send(2 ** 40, 3), /unexpected size/);
    for (const size of [-1, 1.5, '3', true]) assert.throws(() => send(size, 3), /must be a number of bytes/);
    assert.throws(() => requestOf({ inputs: [{ ...input('x', 1), data: [1] }] }), /must not have both/);
    assert.throws(() => requestOf({ inputs: [{ name: 'x', shape: [1], datatype: 'UINT8' }] }), /has neither/);
  });

  test('are answered to who asks for them, output by output or for all', () => {
    const wishOf = (json: object) => parseInfer(Buffer.from(JSON.stringify({ inputs: [], ...json })), target).wish;
    const output = (name: string, binary?: boolean) => ({
      name,
      parameters: binary === undefined ? {} : { binary_data: binary },
    });
    const all = { parameters: { binary_data_output: true } };
    assert.deepEqual(wishOf(all), { all: true, byName: new Map() });
    assert.deepEqual(
      [...wishOf({ ...all, outputs: [output('a', false), output('b')] }).byName],
      [
        ['a', false],
        ['b', true],
      ],
    );
    assert.deepEqual(
      [...wishOf({ outputs: [output('a', true), output('b')] }).byName],
      [
        ['a', true],
        ['b', false],
      ],
    );
    const payload = method.encodeResponse({
      outputs: ['a', 'b', 'c'].map((name) => ({ name, datatype: 'UINT8', shape: [1] })),
      rawOutputContents: [Buffer.of(1), Buffer.of(2), Buffer.of(3)],
    });
    const answer = readInferAnswer(payload, {
      all: false,
      byName: new Map([
        ['a', true],
        ['c', true],
      ]),
    });
    assert.deepEqual(binaryPart(answer), [Buffer.of(1), Buffer.of(3)]);
    const { outputs } = JSON.parse(writeInferJson(answer).toString()) as { outputs: object[] };
    assert.deepEqual(outputs, [
      { name: 'a', datatype: 'UINT8', shape: [1], parameters: { binary_data_size: 1 } },
      { name: 'b', datatype: 'UINT8', shape: [1], data: [2] },
      { name: 'c', datatype: 'UINT8', shape: [1], parameters: { binary_data_size: 1 } },
    ]);
  });
});

describe('the rest of a request', () => {
  test('parameters keep their kinds, 64-bit integers exactly, and those of others pass through', () => {
    const parameters =
      '{"sequence_id": 9007199254740993, "sequence_start": true, "priority": 18446744073709551615, "a": "b", "c": 0.5}';
    const json = `{"id": "7", "parameters": ${parameters}, "inputs": [], "outputs": [{"name": "y", "parameters": {"classification": 3}}]}`;
    const plan = parseInfer(Buffer.from(json), target);
    // The generated decoder has numbers only: what the bytes hold is compared.
    const expected = method.encodeRequest({
      modelName: 'm',
      modelVersion: '3',
      id: '7',
      parameters: {
        sequence_id: { int64Param: '9007199254740993' },
        sequence_start: { boolParam: true },
        priority: { uint64Param: '18446744073709551615' },
        a: { stringParam: 'b' },
        c: { doubleParam: 0.5 },
      },
      outputs: [{ name: 'y', parameters: { classification: { int64Param: 3 } } }],
    });
    assert.deepEqual(Buffer.from(plan.head), expected);
  });

  test('an input in shared memory has no contents', () => {
    const parameters = { shared_memory_region: 'r', shared_memory_byte_size: 4 };
    const { inputs, rawInputContents } = requestOf({
      inputs: [{ name: 'x', shape: [1], datatype: 'FP32', parameters }],
    });
    assert.deepEqual([Object.keys(inputs[0]?.parameters ?? {}), rawInputContents], [Object.keys(parameters), []]);
  });

  test('what has another form than the protocol says is refused, naming it', () => {
    const refused: [unknown, RegExp][] = [
      [[], /something else than an object/],
      ['null', /something else/],
      [{ inputs: {} }, /'inputs' must be an array/],
      [{ inputs: [1] }, /'inputs' must hold objects/],
      [{ inputs: [{}] }, /every input needs a name/],
      [{ id: 1 }, /'id' must be a text/],
      [{ outputs: [{}] }, /every output needs a name/],
      [{ parameters: [] }, /parameters of the request must be an object/],
      [{ parameters: { a: {} } }, /parameter 'a' of the request/],
      [{ parameters: { a: null } }, /parameter 'a'/],
      [{ parameters: { binary_data_output: 1 } }, /must be true or false/],
      [{ inputs: [{ name: 'x', shape: [1.5], datatype: 'FP32', data: [1] }] }, /'shape' must hold whole numbers/],
      [{ inputs: [{ name: 'x', shape: 1, datatype: 'FP32', data: [1] }] }, /'shape' must be an array/],
      [{ inputs: [{ name: 'x', shape: ['1'], datatype: 'FP32', data: [1] }] }, /'shape' must hold whole numbers/],
    ];
    for (const [json, message] of refused)
      assert.throws(
        () => requestOf(json as object | string),
        { code: 'INVALID_ARGUMENT', message },
        JSON.stringify(json),
      );
  });
});
