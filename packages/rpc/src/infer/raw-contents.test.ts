import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Datatype } from '@weft/tensor';
import { rpcMethod } from '../protos.ts';
import { rawContents } from './raw-contents.ts';
import { readInferRequest } from './read-infer-request.ts';

const infer = rpcMethod('/inference.GRPCInferenceService/ModelInfer');

function typed(datatype: Datatype, shape: number[], contents: object): Buffer {
  return infer.encodeRequest({ inputs: [{ name: 'x', datatype, shape, contents }] });
}

function rawOf(message: Buffer): Buffer {
  const [input] = readInferRequest(message).inputs;
  assert.ok(input !== undefined);
  return rawContents(input);
}

const refuses = (message: Buffer, text: string): void =>
  assert.throws(() => rawOf(message), { code: 'INVALID_ARGUMENT', message: text });

describe('the raw form of an input', () => {
  test('is a slice of the message when it came raw', () => {
    const inputs = [{ name: 'x', datatype: 'INT32', shape: [1] }];
    const message = infer.encodeRequest({ inputs, rawInputContents: [Buffer.of(1, 2, 3, 4)] });
    const raw = rawOf(message);
    assert.deepEqual(raw, Buffer.of(1, 2, 3, 4));
    assert.equal(raw.buffer, message.buffer);
  });

  test('is a slice of the message when it came as packed floats', () => {
    const message = typed('FP32', [2], { fp32Contents: [1.5, -2] });
    const raw = rawOf(message);
    assert.deepEqual([raw.readFloatLE(0), raw.readFloatLE(4), raw.length], [1.5, -2, 8]);
    assert.equal(raw.buffer, message.buffer);
    assert.equal(rawOf(typed('FP64', [1], { fp64Contents: [0.1] })).readDoubleLE(0), 0.1);
  });

  test('is made of typed integers and strings', () => {
    assert.deepEqual(rawOf(typed('INT8', [3], { intContents: [-1, 0, 127] })), Buffer.of(255, 0, 127));
    assert.deepEqual(
      rawOf(typed('BYTES', [2], { bytesContents: [Buffer.of(7), Buffer.of()] })),
      Buffer.of(1, 0, 0, 0, 7, 0, 0, 0, 0),
    );
  });

  test('is empty where there are no elements', () => {
    assert.equal(rawOf(typed('FP32', [0], {})).length, 0);
    assert.equal(rawOf(infer.encodeRequest({ inputs: [{ name: 'x', datatype: 'INT64', shape: [2, 0] }] })).length, 0);
  });

  test('is refused of another datatype, and of another number of elements', () => {
    refuses(typed('FP64', [1], { fp32Contents: [1] }), "input 'x': contents are not of datatype FP64");
    refuses(typed('FP32', [3], { fp32Contents: [1] }), "input 'x' has 1 elements, but its shape [3] asks for 3");
    refuses(typed('FP16', [1], { uintContents: [1] }), "input 'x': FP16 travels in raw_input_contents only");
  });

  test('is refused of a message that is cut short inside', () => {
    const contents = Buffer.of(0x32, 0x08, 1, 2, 3);
    const input = Buffer.concat([
      Buffer.from([0x0a, 1, 0x78, 0x12, 4]),
      Buffer.from('FP32'),
      Buffer.from([0x1a, 1, 2, 0x2a, contents.length]),
      contents,
    ]);
    const message = Buffer.concat([Buffer.from([0x2a, input.length]), input]);
    refuses(message, 'malformed ModelInferRequest: truncated field');
  });
});
