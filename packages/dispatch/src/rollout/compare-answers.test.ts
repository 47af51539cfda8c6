import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rpcMethod } from '@weft/rpc';
import { sameAnswer } from './compare-answers.ts';

const embed = '/weft.nlp.v1.NlpService/Embed';
const infer = '/inference.GRPCInferenceService/ModelInfer';

const same = (method: string, one: object, other: object): boolean =>
  sameAnswer(method, rpcMethod(method).encodeResponse(one), rpcMethod(method).encodeResponse(other));

test('answers that differ in model and version only are the same', () => {
  const embeddings = [{ values: [1, 2] }];
  assert.ok(same(embed, { model: 'm', modelVersion: '1', embeddings }, { model: 'm', modelVersion: '22', embeddings }));
  assert.ok(!same(embed, { modelVersion: '1', embeddings }, { modelVersion: '1', embeddings: [{ values: [1, 3] }] }));
  assert.ok(!same(embed, { modelVersion: '1', embeddings }, { modelVersion: '2' }));
});

test('the id of a ModelInfer is no difference, outputs are', () => {
  const rawOutputContents = [Buffer.from([1, 2])];
  assert.ok(
    same(infer, { modelVersion: '1', id: 'a', rawOutputContents }, { modelVersion: '2', id: 'b', rawOutputContents }),
  );
  assert.ok(!same(infer, { rawOutputContents }, { rawOutputContents: [Buffer.from([1, 3])] }));
});

test('answers that are no messages are the same when their bytes are', () => {
  assert.ok(sameAnswer(embed, Buffer.from('x'), Buffer.from('x')));
  assert.ok(!sameAnswer(embed, Buffer.from('x'), Buffer.from('y')));
});
