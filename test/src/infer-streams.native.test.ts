// ModelStreamInfer with ordinary models: each message is answered in its turn, whatever is wrong with another one, and whatever kind
// of model it is for.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { rpcMethod } from '@weft/rpc';
import type { ModelStreamInferResponse__Output } from '@weft/rpc/messages/inference/ModelStreamInferResponse';
import {
  accumulator,
  accumulatorConfig,
  busyLoop,
  identity,
  plus,
  temporaryFolder,
  writeConfig,
  writeModel,
} from './testing/author-models.ts';
import type { Dialled } from './testing/dial.ts';
import { floatsOf, inferFloats, inferPath, inferRounds } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh } from './testing/local-mesh.ts';
import { type OpenedStream, openStream } from './testing/open-stream.ts';
import { streamInferPath } from './testing/repeat-model.ts';
import { sequenceRequest } from './testing/sequence-calls.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const folder = temporaryFolder();
let mesh: LocalMesh;

/** OUT = IN + 2. */
const twice = `platform: "ensemble" max_batch_size: 4
  input { name: "IN" data_type: TYPE_FP32 dims: [ 2 ] } output { name: "OUT" data_type: TYPE_FP32 dims: [ 2 ] }
  ensemble_scheduling {
    step { model_name: "plus" model_version: -1 input_map { key: "x" value: "IN" } output_map { key: "y" value: "MID" } }
    step { model_name: "plus" model_version: -1 input_map { key: "x" value: "MID" } output_map { key: "y" value: "OUT" } }
  }`;

before(async () => {
  await writeModel(folder.path, 'plus', { graph: plus(1), config: 'max_batch_size: 4' });
  await writeModel(folder.path, 'wide', { graph: identity(), config: 'max_batch_size: 4' });
  await writeModel(folder.path, 'busy', { graph: busyLoop() });
  await writeModel(folder.path, 'sums', { graph: accumulator(), config: accumulatorConfig() });
  await writeConfig(folder.path, 'twice', twice);
  mesh = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

function open(client: Dialled): OpenedStream<ModelStreamInferResponse__Output> {
  return openStream(client, streamInferPath);
}

/** The id, and the first number of its answer or its error. */
function said({ errorMessage, inferResponse }: ModelStreamInferResponse__Output): string {
  const id = inferResponse?.id ?? '';
  return errorMessage === '' ? `${id} ${floatsOf(inferResponse)[0]}` : `${id} ${errorMessage}`;
}

for (const [where, client] of [
  ['through a router', () => mesh.client],
  ['at the service itself', () => mesh.direct],
] as const) {
  describe(where, () => {
    test('responses keep the order of their requests, however long each takes, and are final', async () => {
      const stream = open(client());
      stream.send(inferRounds('busy', 300_000, { id: 'slow' }));
      for (const id of ['a', 'b']) stream.send(inferFloats('plus', [1, 1], { id }));
      stream.send(inferRounds('busy', 1, { id: 'quick' }));
      stream.end();
      const all = await stream.rest();
      assert.deepEqual(
        all.map(({ inferResponse }) => inferResponse?.id),
        ['slow', 'a', 'b', 'quick'],
      );
      assert.ok(all.every(({ inferResponse }) => inferResponse?.parameters['triton_final_response']?.boolParam));
    });

    test('what is wrong with a message is told with its id where it stands, and the stream goes on', async () => {
      const stream = open(client());
      const good = (id: string) => inferFloats('plus', [1, 1], { id });
      stream.send(good('1'));
      stream.send(Buffer.from([0x0a, 0x7f, 0x61]));
      stream.send(inferFloats('', [1, 1], { id: '2' }));
      stream.send({ ...good('3'), parameters: { timeout: { stringParam: 'x' } } });
      // Fine for whoever forwards it, and malformed for whoever decodes it: an input whose field 5 is no message.
      const broken = rpcMethod(inferPath).encodeRequest({ modelName: 'plus', id: '4' });
      stream.send(Buffer.concat([broken, Buffer.from([0x2a, 0x02, 0x28, 0x01])]));
      stream.send(inferFloats('plus', [1, 1], { id: '5', input: 'z' }));
      stream.send(inferFloats('plus', [1, 1], { id: '6', modelVersion: '9' }));
      stream.send(good('7'));
      stream.end();
      const [first, malformed, ...others] = (await stream.rest()).map(said);
      assert.equal(first, '1 2');
      assert.equal(malformed, ' malformed request message: truncated field');
      assert.match(others[2] ?? '', /^4 malformed /);
      assert.deepEqual(others.toSpliced(2, 1), [
        '2 Model name cannot be empty',
        "3 invalid value type for 'timeout' parameter, expected int64_param.",
        "5 unexpected inference input 'z' for model 'plus'",
        "6 Request for unknown model: 'plus' version 9 is not found",
        '7 2',
      ]);
      assert.equal(await stream.result(), 'OK');
    });

    test('ensembles, sequences and plain models share a stream', async () => {
      const stream = open(client());
      const step = (x: number, flags = {}) => ({ ...sequenceRequest('sums', { id: 9, x, ...flags }), id: `s${x}` });
      stream.send(step(1, { start: true }));
      stream.send(inferFloats('twice', [5, 5], { id: 'e', input: 'IN' }));
      stream.send(step(2));
      stream.send(inferFloats('plus', [5, 5], { id: 'p' }));
      stream.send(step(3, { end: true }));
      stream.send(step(4));
      stream.end();
      const all = (await stream.rest()).map(said);
      assert.match(all.pop() ?? '', /^s4 .* must specify the START flag/);
      assert.deepEqual(all, ['s1 1', 'e 7', 's2 3', 'p 6', 's3 6']);
    });

    test('thousands of messages on one stream leave no memory behind', { timeout: 60_000 }, async () => {
      const stream = open(client());
      const request = rpcMethod(inferPath).encodeRequest(inferFloats('wide', new Array<number>(256).fill(1)));
      const exchange = async (messages: number): Promise<number> => {
        for (let sent = 0; sent < messages; sent += 100) {
          for (let one = 0; one < 100; one++) stream.send(request);
          for (let one = 0; one < 100; one++) assert.equal((await stream.next())?.errorMessage, '');
        }
        collectGarbage();
        await new Promise(setImmediate);
        collectGarbage();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        return (heapUsed + arrayBuffers) / 2 ** 20;
      };
      const before = await exchange(1000);
      const grown = (await exchange(4000)) - before;
      stream.end();
      assert.equal(await stream.next(), undefined);
      // 4000 requests and their answers are 8 MiB.
      assert.ok(grown < 2.5, `${grown.toFixed(1)} MiB`);
    });
  });
}

test('REST infers with ensembles, and with sequences by the parameters of a request', async () => {
  const ask = async (model: string, body: object): Promise<unknown> => {
    const url = `http://${mesh.router.service.httpAddress}/v2/models/${model}/infer`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    const { outputs, error } = (await response.json()) as { outputs?: Record<string, unknown>[]; error?: string };
    return error ?? outputs?.[0]?.['data'];
  };
  const input = (name: string, ...values: number[]) => [
    { name, datatype: 'FP32', shape: [1, values.length], ['data']: values },
  ];
  assert.deepEqual(await ask('twice', { inputs: input('IN', 5, 6) }), [7, 8]);
  const step = (x: number, parameters: object) =>
    ask('sums', { inputs: input('x', x), outputs: [{ name: 'sum' }], parameters });
  for (const id of [77, 78]) {
    assert.deepEqual(await step(1, { sequence_id: id, sequence_start: true, sequence_end: false }), [1]);
    assert.deepEqual(await step(2, { sequence_id: id, sequence_start: false, sequence_end: true }), [3]);
    assert.match(String(await step(3, { sequence_id: id })), /must specify the START flag/);
  }
});
