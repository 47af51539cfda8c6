import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rpcMethod, rpcMethods } from './protos.ts';
import { scanInferRequest, scanTypedRequest } from './scan.ts';

const embed = rpcMethod('/weft.nlp.v1.NlpService/Embed');
const infer = rpcMethod('/inference.GRPCInferenceService/ModelInfer');
const text = fc.string({ unit: 'grapheme', maxLength: 12 });

test('a typed request is seen as the decoder sees it, rows counted', () => {
  fc.assert(
    fc.property(text, text, fc.array(text), (model, modelVersion, texts) => {
      const message = embed.encodeRequest({ model, modelVersion, texts });
      assert.deepEqual(scanTypedRequest(message, embed.rowsField), {
        model,
        version: modelVersion,
        rows: Math.max(1, texts.length),
      });
    }),
  );
});

test('the last of several model names wins, wherever it stands, as in the decoder', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ model: text, texts: fc.array(text, { maxLength: 2 }) }), { minLength: 1, maxLength: 4 }),
      (parts) => {
        const message = Buffer.concat(
          parts.map((part) => Buffer.concat([embed.encodeRequest({ texts: part.texts }), field1(part.model)])),
        );
        const decoded = embed.decodeRequest(message) as { model: string };
        assert.equal(scanTypedRequest(message, embed.rowsField).model, decoded.model);
      },
    ),
  );
});

function field1(content: string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]);
}

const inferRequest = fc.record({
  modelName: text,
  modelVersion: text,
  id: text,
  shape: fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.maxSafeInteger())),
  priority: fc.nat(5),
  timeout: fc.nat(),
});

test('an inference request is seen as the decoder sees it', () => {
  fc.assert(
    fc.property(inferRequest, ({ modelName, modelVersion, id, shape, priority, timeout }) => {
      const message = infer.encodeRequest({
        modelName,
        modelVersion,
        id,
        parameters: {
          priority: { uint64Param: priority },
          timeout: { int64Param: timeout },
          other: { stringParam: 'x' },
        },
        inputs: [
          { name: 'a', shape },
          { name: 'b', shape: [77] },
        ],
        rawInputContents: [Buffer.alloc(100)],
      });
      // No row is without a byte.
      const firstDimension = Math.min(Math.max(shape[0] ?? 1, 1), message.length);
      const seen = { model: modelName, version: modelVersion, id, firstDimension, priority, timeoutUs: timeout };
      assert.deepEqual(scanInferRequest(message), { ...seen, sequence: undefined });
    }),
  );
});

test('the sequence of an inference request is read from its parameters, the last of equal ones', () => {
  const sequenceOf = (...parts: Record<string, object>[]): unknown =>
    scanInferRequest(Buffer.concat(parts.map((parameters) => infer.encodeRequest({ parameters })))).sequence;
  const flag = (boolParam: boolean): object => ({ boolParam });
  assert.deepEqual(sequenceOf({ sequence_id: { int64Param: 7 }, sequence_start: flag(true) }), {
    ...{ id: 7n, start: true, end: false },
  });
  assert.deepEqual(sequenceOf({ sequence_id: { stringParam: 'a' } }, { sequence_id: { stringParam: 'b' } }), {
    ...{ id: 'b', start: false, end: false },
  });
  assert.deepEqual(sequenceOf({ sequence_end: flag(true) }, { sequence_end: flag(false) }), {
    ...{ id: undefined, start: false, end: false },
  });
  assert.deepEqual(sequenceOf({ sequence_id: { int64Param: -1 } }), { id: 2n ** 64n - 1n, start: false, end: false });
  for (const none of [{ int64Param: 0 }, { stringParam: '' }])
    assert.deepEqual(sequenceOf({ sequence_id: none }), { id: undefined, start: false, end: false });
  assert.equal(sequenceOf({ sequence: { int64Param: 1 }, sequence_number: { int64Param: 1 } }), undefined);
});

test('sequence parameters of another type are refused, and ids that are too long', () => {
  const refusal = (parameters: object): string => {
    try {
      scanInferRequest(infer.encodeRequest({ parameters }));
      return '';
    } catch (thrown) {
      return `${(thrown as { code: string }).code} ${(thrown as Error).message}`;
    }
  };
  assert.equal(
    refusal({ sequence_start: { int64Param: 1 } }),
    "INVALID_ARGUMENT invalid value type for 'sequence_start' parameter, expected bool_param.",
  );
  assert.equal(
    refusal({ sequence_id: { boolParam: true } }),
    "INVALID_ARGUMENT invalid value type for 'sequence_id' parameter, expected int64_param or string_param.",
  );
  assert.equal(refusal({ sequence_id: { stringParam: 'x'.repeat(128) } }), '');
  assert.equal(
    refusal({ sequence_id: { stringParam: 'x'.repeat(129) } }),
    'INVALID_ARGUMENT sequence_id must have at most 128 characters, got 129',
  );
});

test('unknown fields are walked over', () => {
  const unknown = Buffer.from([0xfa, 0x06, 0x03, 1, 2, 3, 0xf8, 0x06, 0x05]);
  const message = Buffer.concat([unknown, embed.encodeRequest({ model: 'm', texts: ['a', 'b'] }), unknown]);
  assert.deepEqual(scanTypedRequest(message, embed.rowsField), { model: 'm', version: '', rows: 2 });
});

test('random bytes are scanned or refused as INVALID_ARGUMENT, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
      for (const scan of [(bytes: Buffer) => scanTypedRequest(bytes, 3), scanInferRequest]) {
        try {
          scan(Buffer.from(octets));
        } catch (thrown) {
          assert.equal((thrown as { code?: string }).code, 'INVALID_ARGUMENT');
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test('the protos mark which field counts rows', () => {
  const marked = [...rpcMethods().values()]
    .filter((method) => method.rowsField > 0)
    .map((method) => [method.path.split('/')[2], method.rowsField]);
  assert.deepEqual(marked, [
    ['Embed', 3],
    ['Rank', 4],
    ['Classify', 3],
    ['Tokenize', 3],
  ]);
});
