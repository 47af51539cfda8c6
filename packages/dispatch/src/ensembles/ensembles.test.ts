import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WeftError } from '@weft/errors';
import type { ModelVersion } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import { noTracing, type Tracing } from '@weft/telemetry';
import {
  configured,
  diamond,
  ensembleText,
  type FakeStep,
  inventoryOf,
  startEnsembles,
  vectors,
} from '../testing/fake-steps.ts';

const unary = (name: string, fields: ModelVersion = {}) => vectors(name, 'x -> y', fields);

test('a step is submitted as soon as what it reads is there, with the tensors of the steps before', () => {
  const { steps, submit } = startEnsembles(diamond);
  const made = submit({ IN: [1, 2] }, {}, { id: 'mine' });
  assert.deepEqual(
    steps.map(({ call }) => call.model),
    ['a'],
  );
  assert.deepEqual(steps[0]?.inputs, { x: [1, 2] });
  steps[0]?.answer({ y: [3] });
  assert.deepEqual(
    steps.slice(1).map(({ call, inputs }) => [call.model, inputs]),
    [
      ['b', { x: [3] }],
      ['c', { x: [3] }],
    ],
  );
  // In any order.
  steps[2]?.answer({ y: [5] });
  assert.equal(steps.length, 3);
  steps[1]?.answer({ y: [4] });
  assert.deepEqual(steps[3]?.inputs, { left: [4], right: [5] });
  assert.equal(made.answers.length, 0);
  steps[3]?.answer({ y: [6, 7, 8] });
  assert.deepEqual(made.outputs, { OUT: [6, 7, 8], MID: [3] });
  const { response } = made;
  assert.deepEqual([response?.modelName, response?.modelVersion, response?.id], ['e', '1', 'mine']);
  assert.deepEqual(
    response?.outputs.map(({ datatype, shape }) => ({ datatype, shape: shape.map(Number) })),
    [
      { datatype: 'FP32', shape: [3] },
      { datatype: 'FP32', shape: [1] },
    ],
  );
  assert.equal(made.answers.length, 1);
});

test('the times of the answer are those of all steps', () => {
  const { steps, submit } = startEnsembles(diamond);
  const made = submit({ IN: [1] });
  for (let at = 0; at < 4; at++) steps[at]?.answer({ y: [at] });
  const [answer] = made.answers;
  assert.ok(answer !== undefined && 'times' in answer);
  assert.deepEqual(answer.times, { queueUs: 4, computeInputUs: 8, computeInferUs: 12, computeOutputUs: 16 });
});

test('only what is asked for is computed, and each step is asked for what is read of it', () => {
  const { steps, submit } = startEnsembles(diamond);
  const made = submit({ IN: [1] }, {}, { outputs: [{ name: 'MID' }] });
  assert.deepEqual(
    steps[0]?.request.outputs.map(({ name }) => name),
    ['y'],
  );
  steps[0]?.answer({ y: [3] });
  assert.equal(steps.length, 1);
  assert.deepEqual(made.outputs, { MID: [3] });
});

test('a step gets the call of the client: its deadline, its patience, its tenant, its priority, its parameters and its name', () => {
  const { steps, submit } = startEnsembles(diamond);
  const fields = { deadlineMs: 9, timeoutMs: 8, tenant: 'acme', priority: 2, traceparent: '00-1' };
  submit({ IN: [1, 2, 3] }, { ...fields, rows: 7 }, { id: 'mine', parameters: { depth: { int64Param: 5 } } });
  const step = steps[0] as FakeStep;
  const { deadlineMs, timeoutMs, tenant, priority, traceparent, rows, version, method } = step.call;
  assert.deepEqual({ deadlineMs, timeoutMs, tenant, priority, traceparent }, fields);
  assert.deepEqual([rows, version, method], [3, '', '/inference.GRPCInferenceService/ModelInfer']);
  assert.equal(step.request.id, 'mine');
  assert.equal(Number(step.request.parameters['depth']?.int64Param), 5);
});

test('one model may read the same tensor twice, and be two steps', () => {
  const inventory = inventoryOf([
    vectors('add', 'p q -> y'),
    configured('e', ensembleText('IN', 'OUT', ['add: p=IN q=IN -> y=TWICE', 'add: p=TWICE q=IN -> y=OUT'])),
  ]);
  const { steps, submit } = startEnsembles(inventory);
  const made = submit({ IN: [1] });
  assert.deepEqual(steps[0]?.inputs, { p: [1], q: [1] });
  steps[0]?.answer({ y: [2] });
  assert.deepEqual(steps[1]?.inputs, { p: [2], q: [1] });
  steps[1]?.answer({ y: [3] });
  assert.deepEqual(made.outputs, { OUT: [3] });
});

describe('when a step fails', () => {
  test('the others are cancelled, and the client learns which one it was', () => {
    const { steps, submit } = startEnsembles(diamond);
    const made = submit({ IN: [1] });
    steps[0]?.answer({ y: [3] });
    steps[2]?.fail(new WeftError('RESOURCE_EXHAUSTED', 'Exceeds maximum queue size', { retryAfterMs: 70 }));
    assert.equal(made.failure, "RESOURCE_EXHAUSTED in ensemble 'e', step 3 'c': Exceeds maximum queue size");
    const [answer] = made.answers;
    assert.ok(answer !== undefined && 'error' in answer);
    assert.equal(answer.error.retryAfterMs, 70);
    assert.deepEqual(
      steps.map(({ cancelled }) => cancelled),
      [false, true, false],
    );
    // One that is answered all the same changes nothing.
    steps[1]?.answer({ y: [4] });
    assert.deepEqual([made.answers.length, steps.length], [1, 3]);
  });

  test('at the door, the call is refused at the door', () => {
    const onStep = (): void => {
      throw new WeftError('RESOURCE_EXHAUSTED', 'Exceeds maximum queue size');
    };
    const { submit } = startEnsembles(diamond, { onStep });
    assert.throws(() => submit({ IN: [1] }), {
      code: 'RESOURCE_EXHAUSTED',
      message: "in ensemble 'e', step 4 'a': Exceeds maximum queue size",
    });
  });

  test('by vanishing while others run, the call fails with that reason', () => {
    const { steps, submit, become } = startEnsembles(diamond);
    const made = submit({ IN: [1] });
    become(inventoryOf([unary('a'), unary('b')]));
    steps[0]?.answer({ y: [3] });
    assert.equal(made.failure, "NOT_FOUND in ensemble 'e', step 3 'c': Request for unknown model: 'c' is not found");
    assert.equal(steps[1]?.cancelled, true);
  });

  test('by an answer without the output that others read, it is told', () => {
    const { steps, submit } = startEnsembles(diamond);
    const made = submit({ IN: [1] });
    steps[0]?.answer({ z: [3] });
    assert.equal(made.failure, "INTERNAL in ensemble 'e', step 4 'a': its answer has no output 'y'");
  });

  test('by what nobody expected, the client learns no more than that', () => {
    const { steps, submit } = startEnsembles(diamond);
    const made = submit({ IN: [1] });
    steps[0]?.call.settle({
      payload: Buffer.from('no message'),
      times: { queueUs: 0, computeInputUs: 0, computeInferUs: 0, computeOutputUs: 0 },
    });
    assert.equal(made.failure, "INTERNAL in ensemble 'e', step 4 'a': internal error");
  });
});

describe('when the client cancels', () => {
  test('every step that runs is cancelled, none is begun, and nothing is settled', () => {
    const { steps, submit } = startEnsembles(diamond);
    const made = submit({ IN: [1] });
    steps[0]?.answer({ y: [3] });
    assert.equal(made.submitted.cancel(), 'sent');
    assert.deepEqual(
      steps.map(({ cancelled }) => cancelled),
      [false, true, true],
    );
    steps[1]?.answer({ y: [4] });
    steps[2]?.answer({ y: [5] });
    assert.deepEqual([made.answers.length, steps.length], [0, 3]);
    assert.equal(made.submitted.cancel(), undefined);
  });

  test('what was answered is not cancelled any more', () => {
    const { steps, submit } = startEnsembles(diamond);
    const made = submit({ IN: [1] }, {}, { outputs: [{ name: 'MID' }] });
    steps[0]?.answer({ y: [3] });
    assert.equal(made.submitted.cancel(), undefined);
  });
});

test('a step may be an ensemble itself, and its failure names both', () => {
  const inventory = inventoryOf([
    unary('a'),
    configured('inner', ensembleText('P', 'Q', ['a: x=P -> y=Q'])),
    configured('e', ensembleText('IN', 'OUT', ['inner: P=IN -> Q=MID', 'a: x=MID -> y=OUT'])),
  ]);
  const { steps, submit } = startEnsembles(inventory);
  const made = submit({ IN: [1] });
  steps[0]?.answer({ y: [2] });
  assert.deepEqual(steps[1]?.inputs, { x: [2] });
  steps[1]?.answer({ y: [3] });
  assert.deepEqual(made.outputs, { OUT: [3] });
  const failing = submit({ IN: [1] });
  steps[2]?.fail(new WeftError('UNAVAILABLE', 'gone'));
  assert.equal(failing.failure, "UNAVAILABLE in ensemble 'e', step 1 'inner': in ensemble 'inner', step 1 'a': gone");
});

test('steps that are answered as they are submitted are followed by the next ones', () => {
  const { submit } = startEnsembles(diamond, { onStep: (step) => step.answer({ y: [step.inputs['x']?.[0] ?? 9] }) });
  assert.deepEqual(submit({ IN: [1] }).outputs, { OUT: [9], MID: [1] });
});

test('each step is a span below the call, handed on to whoever computes it, and ended with its outcome', () => {
  const ended: string[] = [];
  const tracing: Tracing = {
    ...noTracing,
    enabled: true,
    start: (name, parent) => ({
      traceparent: `${parent}/${name}`,
      set: () => {},
      end: (failure) => void ended.push(`${name}: ${failure?.code ?? 'OK'}`),
    }),
  };
  const { steps, submit } = startEnsembles(diamond, { tracing });
  submit({ IN: [1] }, { traceparent: 'call' });
  assert.equal(steps[0]?.call.traceparent, "call/ensemble step 4 'a'");
  steps[0]?.answer({ y: [1] });
  steps[1]?.fail(new WeftError('INTERNAL', 'broken'));
  assert.deepEqual(ended, [
    "ensemble step 4 'a': OK",
    "ensemble step 2 'b': INTERNAL",
    "ensemble step 3 'c': CANCELLED",
  ]);
});

test('what becomes of the calls is counted, for the ensemble as for any model', () => {
  const { steps, statistics, submit } = startEnsembles(diamond);
  const asked = { outputs: [{ name: 'MID' }] };
  submit({ IN: [1, 2] }, { rows: 2 }, asked);
  steps[0]?.answer({ y: [3] });
  submit({ IN: [1] }, {}, asked);
  steps[1]?.fail(new WeftError('INTERNAL', 'broken'));
  submit({ IN: [1] }, {}, asked).submitted.cancel();
  assert.throws(() => submit({}));
  const { success, fail, failures, executions, rows, computeInfer } = statistics.of('e', '1');
  assert.deepEqual([success.count, fail.count, executions, rows, computeInfer.ms], [1, 3, 1, 1, 0.003]);
  assert.deepEqual(failures, { REJECTED: 0, CANCELED: 1, BACKEND: 1, OTHER: 1 });
});

test('calls of other models pass as they are', () => {
  const { steps, submit } = startEnsembles(diamond);
  const payload = Buffer.alloc(0);
  submit({}, { model: 'a', payload });
  assert.equal(steps[0]?.call.payload, payload);
});
