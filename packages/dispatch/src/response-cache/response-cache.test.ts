import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WeftError } from '@weft/errors';
import { rpcMethod } from '@weft/rpc';
import type { ModelVersion } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import { buildInventory } from '../replicas/inventory.ts';
import type { Answer, Call } from '../lanes/pending-call.ts';
import { drawVersion, resolveVersion } from '../engine/resolve-version.ts';
import { call } from '../testing/pending-calls.ts';
import { turns } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';
import { createResponseCache } from './response-cache.ts';

const infer = rpcMethod('/inference.GRPCInferenceService/ModelInfer');
const times = { queueUs: 1, computeInputUs: 1, computeInferUs: 1, computeOutputUs: 1 };

function cached(number: string, fields: ModelVersion = {}, config: ModelVersion['config'] = {}): ModelVersion {
  return version('m', number, {
    load: 1,
    ...fields,
    config: { name: 'm', responseCache: { enable: true }, ...config },
  });
}

function request(fields: object = {}): Buffer {
  const inputs = [{ name: 'x', datatype: 'FP32', shape: [1], parameters: {}, contents: { fp32Contents: [1] } }];
  return infer.encodeRequest({ modelName: 'm', inputs, ...fields });
}

function response(id: string, fields: object = {}): Buffer {
  return infer.encodeResponse({
    modelName: 'm',
    modelVersion: '1',
    id,
    rawOutputContents: [Buffer.from('out')],
    ...fields,
  });
}

function start(models: readonly ModelVersion[] = [cached('1')], maxBytes = 10_000) {
  let inventory = buildInventory([{ state: replicaState(models), connected: true }]);
  const sent: Call[] = [];
  const withdrawn: Call[] = [];
  const told: string[] = [];
  let point = 0;
  const cache = createResponseCache({
    next(given) {
      sent.push(given);
      return { cancel: () => (withdrawn.push(given), 'sent') };
    },
    inventory: () => inventory,
    versionFor: ({ model, version: named }) =>
      named === '' ? drawVersion(inventory, model, () => point) : resolveVersion(inventory, model, named),
    maxBytes,
    nowMs: () => 0,
    observer: {
      onHit: (lookup) => void told.push(`hit ${lookup.model} ${lookup.version}`),
      onMiss: (lookup) => void told.push(`miss ${lookup.model} ${lookup.version}`),
    },
  });
  const submit = (payload = request(), fields: Partial<Call> = {}) => {
    const answers: Answer[] = [];
    const method = '/inference.GRPCInferenceService/ModelInfer';
    const pending = cache.submit(call({ method, payload, settle: (answer) => void answers.push(answer), ...fields }));
    return { pending, answers, text: () => answers.map(textOf).join() };
  };
  const answer = (index: number, payload: Buffer) => (sent[index] as Call).settle({ payload, times });
  const fail = (index: number, error: WeftError) => (sent[index] as Call).settle({ error });
  return {
    cache,
    sent,
    withdrawn,
    told,
    submit,
    answer,
    fail,
    draw: (at: number) => void (point = at),
    report: (...replicas: readonly (readonly ModelVersion[])[]) =>
      void (inventory = buildInventory(
        replicas.map((each, index) => ({ state: replicaState(each, { replicaId: `r${index}` }), connected: true })),
      )),
  };
}

function textOf(answer: Answer): string {
  if ('error' in answer) return answer.error.code;
  const { id, rawOutputContents } = infer.decodeResponse(Buffer.from(answer.payload)) as {
    id: string;
    rawOutputContents: Buffer[];
  };
  return `${id}:${rawOutputContents.join()}`;
}

describe('the response cache', () => {
  test('answers who asks the same under the name of each', async () => {
    const { submit, answer, sent, told } = start();
    const first = submit(request({ id: 'one' }));
    answer(0, response('one'));
    const second = submit(
      request({ id: 'two', parameters: { priority: { int64Param: 1 }, timeout: { int64Param: 9 } } }),
    );
    const third = submit();
    await turns();
    assert.deepEqual([first.text(), second.text(), third.text()], ['one:out', 'two:out', ':out']);
    assert.equal(sent.length, 1);
    assert.deepEqual(told, ['miss m 1', 'hit m 1', 'hit m 1']);
  });

  test('tells requests apart that differ in inputs, outputs or parameters', () => {
    const { submit, answer, sent } = start();
    const shape2 = [{ name: 'x', datatype: 'FP32', shape: [1, 1], contents: { fp32Contents: [1] } }];
    const other = [{ name: 'x', datatype: 'FP32', shape: [1], contents: { fp32Contents: [2] } }];
    const requests = [
      {},
      { inputs: shape2 },
      { inputs: other },
      { outputs: [{ name: 'y' }] },
      { parameters: { k: { stringParam: 'v' } } },
    ];
    for (const fields of requests) submit(request(fields));
    for (const index of requests.keys()) answer(index, response(''));
    assert.equal(sent.length, requests.length);
    for (const fields of requests) submit(request(fields));
    assert.equal(sent.length, requests.length);
  });

  test('does not look at who asks for models without it, nor at tensors in shared memory', () => {
    const plain = start([version('m', '1')]);
    const shared = start();
    const region = { shared_memory_region: { stringParam: 'r' } };
    const payload = request({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1], parameters: region }] });
    for (const repeated of [0, 1]) {
      plain.submit();
      shared.submit(payload);
      assert.equal(plain.sent.length, repeated + 1);
      assert.equal(shared.sent.length, repeated + 1);
      plain.answer(repeated, response(''));
      shared.answer(repeated, response(''));
    }
    assert.deepEqual([plain.told, shared.told], [[], []]);
  });

  test('is not for sequences nor for models with many answers', () => {
    for (const config of [{ sequenceBatching: {} }, { modelTransactionPolicy: { decoupled: true } }]) {
      const { submit, sent, told } = start([cached('1', {}, config)]);
      submit();
      submit();
      assert.deepEqual([sent.length, told], [2, []]);
    }
  });

  test('computes once what several ask for at the same time, and one cancel fails no other', () => {
    const { submit, answer, sent, withdrawn } = start();
    const [leader, other, gone] = [submit(request({ id: 'a' })), submit(request({ id: 'b' })), submit()];
    assert.equal(leader.pending.cancel(), 'queued');
    assert.equal(gone.pending.cancel(), 'queued');
    assert.equal(gone.pending.cancel(), undefined);
    answer(0, response('a'));
    assert.deepEqual([leader.text(), other.text(), gone.text()], ['', 'b:out', '']);
    assert.deepEqual([sent.length, withdrawn.length], [1, 0]);
  });

  test('withdraws what nobody waits for any more, and computes again for who comes then', () => {
    const { submit, sent, withdrawn } = start();
    const [one, two] = [submit(), submit()];
    one.pending.cancel();
    assert.equal(two.pending.cancel(), 'sent');
    assert.equal(withdrawn.length, 1);
    submit();
    assert.equal(sent.length, 2);
  });

  test('sends again for the others when the first one ran out of its own time', () => {
    const { submit, answer, fail, sent } = start();
    const first = submit(request(), { deadlineMs: 5 });
    const second = submit(request(), { deadlineMs: 500 });
    fail(0, new WeftError('DEADLINE_EXCEEDED', 'late'));
    assert.deepEqual([first.text(), second.text()], ['DEADLINE_EXCEEDED', '']);
    assert.equal(sent[1]?.deadlineMs, 500);
    answer(1, response(''));
    assert.equal(second.text(), ':out');
  });

  test('tells all the same failure, and does not keep it', () => {
    const { submit, fail, sent } = start();
    const [first, second] = [submit(), submit()];
    fail(0, new WeftError('INVALID_ARGUMENT', 'wrong'));
    assert.deepEqual([first.text(), second.text()], ['INVALID_ARGUMENT', 'INVALID_ARGUMENT']);
    submit();
    assert.equal(sent.length, 2);
  });

  test('forgets a version that was loaded again, that nobody serves, or that a new replica brings', () => {
    const { submit, answer, sent, report, cache } = start();
    report([cached('1')]);
    const again = (count: number): void => {
      submit();
      assert.equal(sent.length, count);
      answer(count - 1, response(''));
      submit();
      assert.equal(sent.length, count);
    };
    again(1);
    report([cached('1', { load: 2 })]);
    again(2);
    report([cached('1', { load: 2 })], [cached('1', { load: 1 })]);
    again(3);
    report([cached('1', { load: 2 })]);
    submit();
    assert.equal(sent.length, 3);
    report([cached('1', { load: 2, state: 'MODEL_STATE_UNLOADING' })]);
    submit();
    assert.deepEqual([sent.length, cache.bytes], [4, 0]);
  });

  test('keeps no answer of a version that was loaded again while it was computed, and shares it with nobody who came later', async () => {
    const { submit, answer, sent, report } = start();
    report([cached('1')]);
    const early = submit();
    report([cached('1', { load: 2 })]);
    const late = submit();
    assert.equal(sent.length, 2);
    answer(1, response(''));
    answer(0, response('', { rawOutputContents: [Buffer.from('old')] }));
    assert.deepEqual([early.text(), late.text()], [':old', ':out']);
    const after = submit();
    await turns();
    assert.deepEqual([after.text(), sent.length], [':out', 2]);
  });

  test('draws before it looks, and goes on with the version that was drawn', () => {
    const { submit, sent, told } = start([cached('2'), cached('1')]);
    submit();
    submit(request(), { version: '1' });
    assert.deepEqual(
      sent.map(({ version: named, drawn }) => [named, drawn]),
      [
        ['', '2'],
        ['1', undefined],
      ],
    );
    assert.deepEqual(told, ['miss m 2', 'miss m 1']);
  });

  test('an answer of another version than was drawn is passed on and not kept', () => {
    const { submit, answer, sent } = start([cached('2')]);
    const first = submit();
    answer(0, response('', { modelVersion: '1' }));
    assert.equal(first.text(), ':out');
    submit();
    assert.equal(sent.length, 2);
  });

  test('keeps no more than its bytes, and the answers that were asked for last', () => {
    const { submit, answer, sent, cache } = start([cached('1')], 1000);
    for (let index = 0; index < 10; index++) {
      submit(request({ parameters: { n: { int64Param: index } } }));
      answer(index, response(''));
      assert.ok(cache.bytes <= 1000);
    }
    submit(request({ parameters: { n: { int64Param: 9 } } }));
    assert.equal(sent.length, 10);
    submit(request({ parameters: { n: { int64Param: 0 } } }));
    assert.equal(sent.length, 11);
  });
});
