// Decoupled models: any number of responses to a request, on the streams of the Open Inference Protocol, through a router and
// at a service itself.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect } from '@weft/client';
import type { ModelStatistics__Output } from '@weft/rpc/messages/inference/ModelStatistics';
import type { ModelStatisticsResponse__Output } from '@weft/rpc/messages/inference/ModelStatisticsResponse';
import type { ModelStreamInferResponse__Output } from '@weft/rpc/messages/inference/ModelStreamInferResponse';
import { identity, temporaryFolder, writeModel } from './testing/author-models.ts';
import type { Dialled } from './testing/dial.ts';
import { inferFloats, inferPath } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh } from './testing/local-mesh.ts';
import { type OpenedStream, openStream } from './testing/open-stream.ts';
import { repeatRequest, streamInferPath, told, writeRepeatModel } from './testing/repeat-model.ts';

const protocol = '/inference.GRPCInferenceService';
const folder = temporaryFolder();
const weft = fileURLToPath(new URL('../../packages/cli/bin/weft.js', import.meta.url));
let mesh: LocalMesh;

const enableEmpty = { parameters: { triton_enable_empty_final_response: { boolParam: true } } };

before(async () => {
  await writeRepeatModel(folder.path);
  await writeModel(folder.path, 'plain', { graph: identity() });
  await writeModel(folder.path, 'lone', {
    graph: identity(),
    config: 'backend: "onnxruntime" model_transaction_policy { decoupled: true }',
  });
  mesh = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

type Stream = OpenedStream<ModelStreamInferResponse__Output>;

function stream(client: Dialled, headers: Record<string, string> = {}): Stream {
  return openStream(client, streamInferPath, { headers });
}

async function take(from: Stream, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const next = await from.next();
    if (next === undefined) return [...taken, 'the end'];
    taken.push(told(next));
  }
  return taken;
}

test('the SDK infers on a stream, and cancels it when its reader leaves', async () => {
  const sdk = connect({ router: mesh.client.address });
  const scalar = (datatype: 'INT32' | 'UINT32', ...elements: number[]) => ({
    datatype,
    shape: [elements.length],
    elements,
  });
  const request = (id: string, values: number[], delay = 0) => ({
    model: 'repeat_int32',
    id,
    inputs: {
      IN: scalar('INT32', ...values),
      DELAY: scalar('UINT32', ...values.map(() => delay)),
      WAIT: scalar('UINT32', 0),
    },
  });
  const heard: string[] = [];
  for await (const answer of sdk.streamInfer([request('a', [4, 5]), { ...request('b', [1]), model: 'nobody' }]))
    heard.push(
      'error' in answer
        ? `${answer.id} ${answer.error}`
        : `${answer.id} ${answer.response.outputs['OUT']?.elements.toString()}`,
    );
  assert.deepEqual(heard.sort(), ['a 4', 'a 5', "b Request for unknown model: 'nobody' is not found"]);
  for await (const answer of sdk.streamInfer([request('c', [6]), request('d', [7], 30_000)])) {
    assert.equal(answer.id, 'c');
    break;
  }
  sdk.close();
});

test('weft infer prints each response of a decoupled model as it comes, and the one of an ordinary model', async () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [weft, 'infer', ...args, '--router', mesh.client.address]);
  const repeat = ['repeat_int32', '--input', 'IN=[4, 5]', '--input', 'DELAY=[0, 0]', '--input', 'WAIT=[0]'];
  const text = [4, 5].map((value, index) => `OUT  INT32 [1]\n[${value}]\nIDX  UINT32 [1]\n[${index}]\n`);
  assert.equal((await run(...repeat)).stdout, text.join(''));
  const lines = (await run(...repeat, '--json', '--output', 'OUT')).stdout.trimEnd().split('\n');
  const response = (value: number) => ({
    model_name: 'repeat_int32',
    model_version: '1',
    outputs: [{ name: 'OUT', datatype: 'INT32', shape: [1], ['data']: [value] }],
  });
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    [response(4), response(5)],
  );
  await assert.rejects(run(...repeat.slice(0, 3)), ({ code, stdout, stderr }: Record<string, unknown>) => {
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(String(stderr), /^weft: expected 3 inputs but got 1 inputs for model 'repeat_int32'\n$/);
    return true;
  });
  assert.match((await run('plain', '--input', 'x=[[1, 2]]')).stdout, /^y {2}FP32 \[1, 2\]\n\[\[1, 2\]\]\n$/);
});

for (const [where, client] of [
  ['through a router', () => mesh.client],
  ['at the service itself', () => mesh.direct],
] as const) {
  describe(where, () => {
    test('a request has as many responses as its model gives, in order, none of them final', async () => {
      const open = stream(client());
      open.send(repeatRequest([7, 8, 9], { id: 'a' }));
      open.end();
      assert.deepEqual((await open.rest()).map(told), ['a 7 0', 'a 8 1', 'a 9 2']);
      assert.equal(await open.result(), 'OK');
    });

    test('the end of a request is told only to those who asked for it, also where there was no response', async () => {
      const open = stream(client());
      open.send(repeatRequest([], { id: 'none' }));
      open.send(repeatRequest([5], { id: 'one', ...enableEmpty }));
      open.end();
      assert.deepEqual((await open.rest()).map(told), ['one 5 0', 'one final']);
      const empty = stream(client());
      empty.send(repeatRequest([], { id: 'empty', ...enableEmpty }));
      empty.end();
      const [last] = await empty.rest();
      assert.equal(told(last as ModelStreamInferResponse__Output), 'empty final');
      assert.equal(last?.inferResponse?.modelName, 'repeat_int32');
      assert.equal(last?.inferResponse?.modelVersion, '1');
    });

    test('responses of several requests interleave, each in its own order', async () => {
      const open = stream(client());
      open.send(repeatRequest([1, 2, 3], { id: 'slow', delayMs: 60 }));
      open.send(repeatRequest([4, 5, 6], { id: 'fast' }));
      open.end();
      const all = (await open.rest()).map(told);
      assert.deepEqual(all, ['fast 4 0', 'fast 5 1', 'fast 6 2', 'slow 1 0', 'slow 2 1', 'slow 3 2']);
    });

    test('ordinary and decoupled models share a stream', async () => {
      const open = stream(client());
      open.send(inferFloats('plain', [1, 2], { id: 'p' }));
      assert.equal((await take(open, 1))[0]?.endsWith('final'), true);
      open.send(repeatRequest([3], { id: 'r' }));
      assert.deepEqual(await take(open, 1), ['r 3 0']);
      open.end();
      assert.equal(await open.next(), undefined);
    });

    test('a decoupled model of a file has one response to each request, which is final', async () => {
      const open = stream(client());
      open.send(inferFloats('lone', [1, 2], { id: 'l', ...enableEmpty }));
      open.end();
      const all = await open.rest();
      assert.equal(all.length, 1);
      assert.equal(all[0]?.inferResponse?.parameters['triton_final_response']?.boolParam, true);
      assert.deepEqual(all[0]?.inferResponse?.outputs[0]?.shape, [1, 2]);
    });

    test('ModelStatistics counts its requests and, by their place, its responses', async () => {
      const ask = async () => {
        const { modelStats } = await client().ask<ModelStatisticsResponse__Output>(`${protocol}/ModelStatistics`, {
          name: 'repeat_int32',
        });
        const { inferenceStats, inferenceCount, responseStats } = modelStats[0] as ModelStatistics__Output;
        const responses = ['0', '1', '2'].map((place) => responseStats[place]?.success?.count ?? 0);
        const ends = responseStats['2']?.emptyResponse?.count ?? 0;
        return [inferenceStats?.success?.count ?? 0, inferenceCount, ...responses, ends];
      };
      const before = await ask();
      const open = stream(client());
      open.send(repeatRequest([1, 2], { id: 'a' }));
      open.end();
      await open.rest();
      const after = await ask();
      assert.deepEqual(
        after.map((count, at) => count - (before[at] ?? 0)),
        [1, 1, 1, 1, 0, 1],
      );
    });

    test('ModelInfer of a decoupled model is UNIMPLEMENTED, in the words of Triton', async () => {
      const { result } = await client().call(inferPath, repeatRequest([1]));
      assert.equal(result, "UNIMPLEMENTED ModelInfer RPC doesn't support models with decoupled transaction policy");
    });

    test('a request that fails is told in the stream, which goes on', async () => {
      const open = stream(client());
      open.send({ ...repeatRequest([1], { id: 'bad' }), inputs: [] });
      assert.match((await take(open, 1))[0] ?? '', /^bad failed: expected/);
      open.send(repeatRequest([1], { id: 'good' }));
      assert.deepEqual(await take(open, 1), ['good 1 0']);
      open.end();
      assert.equal(await open.result().then(() => 'ended'), 'ended');
    });

    test('with triton_grpc_error the first failure is the status of the stream', async () => {
      const open = stream(client(), { triton_grpc_error: 'true' });
      open.send(inferFloats('nobody', [1], { id: 'x' }));
      assert.equal(await open.next(), undefined);
      assert.equal(await open.result(), "NOT_FOUND Request for unknown model: 'nobody' is not found");
    });
  });
}
