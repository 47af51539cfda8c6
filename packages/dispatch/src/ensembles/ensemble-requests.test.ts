import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configured, diamond, ensembleText, inventoryOf, startEnsembles } from '../testing/fake-steps.ts';

describe('a request that does not fit is refused before a step runs', () => {
  const { steps, submit } = startEnsembles(diamond);
  const refuses = (message: string, ...request: Parameters<typeof submit>): void => {
    assert.throws(() => submit(...request), { code: 'INVALID_ARGUMENT', message });
    assert.equal(steps.length, 0);
  };

  test('with inputs or outputs that the ensemble does not have', () => {
    refuses("expected 1 inputs but got 0 inputs for model 'e'", {});
    refuses("unexpected inference input 'MORE' for model 'e'", { IN: [1], MORE: [1] });
    refuses("unexpected inference output 'B' for model 'e'", { IN: [1] }, {}, { outputs: [{ name: 'B' }] });
  });

  test('of another datatype or shape, or with fewer bytes', () => {
    const inputs = (datatype: string, shape: number[]) => ({ inputs: [{ name: 'IN', datatype, shape }] });
    refuses(
      "inference input 'IN' data-type is 'INT32', but model 'e' expects 'FP32'",
      { IN: [1] },
      {},
      inputs('INT32', [1]),
    );
    refuses(
      "unexpected shape for input 'IN' for model 'e'. Expected [-1], got [1,1]",
      { IN: [1] },
      {},
      inputs('FP32', [1, 1]),
    );
    refuses(
      "input byte size mismatch for input 'IN' for model 'e'. Expected 8, got 4",
      { IN: [1] },
      {},
      inputs('FP32', [2]),
    );
  });

  test("by another method than the protocol's", () => {
    assert.throws(() => submit({ IN: [1] }, { method: '/weft.nlp.v1.NlpService/Embed' }), { code: 'INVALID_ARGUMENT' });
  });
});

test('typed contents reach the steps as raw ones', () => {
  const { steps, submit } = startEnsembles(diamond);
  const inputs = [{ name: 'IN', datatype: 'FP32', shape: [2], contents: { fp32Contents: [1.5, -2] } }];
  submit({}, {}, { inputs, rawInputContents: [] });
  assert.deepEqual(steps[0]?.inputs, { x: [1.5, -2] });
});

test('an input that may be left out is left out of the steps that read it', () => {
  const optional = (name: string) => `input { name: "${name}" data_type: TYPE_FP32 dims: [ -1 ] optional: true }`;
  const text = ensembleText('IN', 'OUT', ['m: x=IN bias=BIAS -> y=OUT']);
  const inventory = inventoryOf([
    configured('m', `${optional('x')} ${optional('bias')} output { name: "y" data_type: TYPE_FP32 dims: [ -1 ] }`),
    configured('e', `${text} ${optional('BIAS')}`),
  ]);
  const { steps, submit } = startEnsembles(inventory);
  submit({ IN: [1] });
  submit({ IN: [1], BIAS: [2] });
  assert.deepEqual(
    steps.map(({ inputs }) => inputs),
    [{ x: [1] }, { x: [1], bias: [2] }],
  );
});

test('a message larger than the limit is not made, for a step or for the client', () => {
  const { steps, submit } = startEnsembles(diamond, { maxMessageBytes: 100 });
  const made = submit({ IN: [1] });
  steps[0]?.answer({ y: new Array<number>(30).fill(1) });
  assert.match(
    made.failure ?? '',
    /^RESOURCE_EXHAUSTED in ensemble 'e', step 2 'b': a message of \d+ bytes is larger than the limit of 100$/,
  );
  const asked = submit({ IN: [1] }, {}, { outputs: [{ name: 'MID' }] });
  steps[1]?.answer({ y: new Array<number>(30).fill(1) });
  assert.match(asked.failure ?? '', /^RESOURCE_EXHAUSTED a message of 120 bytes/);
});
