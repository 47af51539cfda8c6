// Sequences through a real mesh: each keeps its replica and instance, and its state there, whatever runs beside it; and hears
// when they are gone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { rpcMethod } from '@weft/rpc';
import { accumulator, accumulatorConfig, temporaryFolder, writeModel } from './testing/author-models.ts';
import { startCustomProcess } from './testing/custom-process.ts';
import { type Dialled, dial } from './testing/dial.ts';
import { floatsOf, inferPath } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh, startModelService, startRouterOver } from './testing/local-mesh.ts';
import { runningSums, sequenceRequest, sumOf, sumsOf } from './testing/sequence-calls.ts';

const folder = temporaryFolder();
const graph = accumulator();
const twoInstances = 'max_batch_size: 8 instance_group { count: 2 kind: KIND_CPU }';
const inProcess = 'parameters { key: "weft.isolation" value { string_value: "process" } }';
const patient = 'max_sequence_idle_microseconds: 60000000';
const notStarted = (id: number | string, model = 'direct'): string =>
  `INVALID_ARGUMENT inference request for sequence ${id} to model '${model}' must specify the START flag on the first request of the sequence`;

before(async () => {
  await writeModel(folder.path, 'direct', { graph, config: accumulatorConfig(patient, twoInstances) });
  const oldest = 'oldest { max_candidate_sequences: 40 max_queue_delay_microseconds: 1000 }';
  await writeModel(folder.path, 'oldest', { graph, config: accumulatorConfig(`${patient} ${oldest}`, twoInstances) });
  const single = accumulatorConfig(patient, 'max_batch_size: 0');
  await writeModel(folder.path, 'single', { graph: accumulator(true), config: single });
  await writeModel(folder.path, 'impatient', {
    graph,
    config: accumulatorConfig('max_sequence_idle_microseconds: 300000', 'max_batch_size: 1'),
  });
  await writeModel(folder.path, 'apart', {
    graph,
    config: accumulatorConfig(patient, `max_batch_size: 4 ${inProcess}`),
  });
});
after(() => folder.remove());

/** So many sequences of a few numbers each, all at once. */
async function interleave(client: Dialled, model: string, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, id) => Array.from({ length: 6 }, (_unused, at) => id * 10 + at));
  const sums = await Promise.all(numbers.map((own, id) => sumsOf(client, model, { id: id + 1, numbers: own })));
  assert.deepEqual(sums, numbers.map(runningSums));
}

describe('behind a router with two replicas of two instances', () => {
  let services: Awaited<ReturnType<typeof startModelService>>[];
  let router: Awaited<ReturnType<typeof startRouterOver>>;
  let client: Dialled;
  before(async () => {
    services = [];
    for (const _ of [1, 2]) services.push(await startModelService('custom', folder.path));
    for (const { service } of services) await service.ready;
    router = await startRouterOver(services.map(({ address }) => address));
    client = dial(router.address);
  });
  after(async () => {
    client.close();
    await router.stop();
    for (const service of services) await service.stop();
  });

  for (const model of ['direct', 'oldest'])
    test(`50 interleaved sequences get each its own running sum (${model})`, async () => {
      await interleave(client, model, 50);
    });

  test('sequences of a model without rows wait for an instance each, and get their own sums', async () => {
    const sums = await Promise.all(
      [1, 2, 3, 4, 5].map(async (id) => {
        const step = { id, shape: [1] };
        const first = await sumOf(client, 'single', { ...step, x: id, start: true });
        return [first, await sumOf(client, 'single', { ...step, x: 1, end: true })];
      }),
    );
    assert.deepEqual(
      sums,
      [1, 2, 3, 4, 5].map((id) => [id, id + 1]),
    );
  });

  test('requests of one sequence that are sent at once are answered in their order', async () => {
    const steps = Array.from({ length: 20 }, (_, at) => ({ id: 4711, x: 1, start: at === 0, end: at === 19 }));
    const sums = await Promise.all(steps.map((step) => sumOf(client, 'direct', step)));
    assert.deepEqual(
      sums,
      steps.map((_, at) => at + 1),
    );
  });

  test('the messages of a stream are parts of sequences as calls are', async () => {
    const path = '/inference.GRPCInferenceService/ModelStreamInfer';
    const method = rpcMethod(path);
    const bytes = (message: Buffer): Buffer => message;
    const stream = client.client.makeBidiStreamRequest(path, (request: object) => method.encodeRequest(request), bytes);
    const steps = [1, 2, 3].flatMap((x) => [31, 32].map((id) => ({ id, x: x * id, start: x === 1, end: x === 3 })));
    for (const step of steps) stream.write(sequenceRequest('direct', step));
    stream.end();
    const sums: number[] = [];
    for await (const message of stream as AsyncIterable<Buffer>) {
      const { inferResponse } = method.decodeResponse(message) as { inferResponse: unknown };
      sums.push(...floatsOf(inferResponse));
    }
    assert.deepEqual(sums, [31, 32, 93, 96, 186, 192]);
  });

  test('a START within a sequence begins it anew', async () => {
    const sums = [];
    for (const [x, start] of [
      [5, true],
      [6, false],
      [7, true],
      [8, false],
    ] as const)
      sums.push(await sumOf(client, 'direct', { id: 12, x, start }));
    assert.deepEqual(sums, [5, 11, 7, 15]);
  });
});

describe('a request to a model that batches sequences', () => {
  let mesh: LocalMesh;
  before(async () => {
    mesh = await startLocalMesh(folder.path);
  });
  after(() => mesh.stop());

  test('needs an id, a START at the beginning, and one row', async () => {
    for (const client of [mesh.client, mesh.direct]) {
      const model = 'direct';
      assert.equal(
        await sumOf(client, model, { x: 1, start: true }),
        "INVALID_ARGUMENT inference request to model 'direct' must specify a non-zero or non-empty correlation ID",
      );
      assert.equal(await sumOf(client, model, { id: 77, x: 1 }), notStarted(77));
      assert.equal(await sumOf(client, model, { id: 'seventy', x: 1 }), notStarted('seventy'));
      assert.equal(
        await sumOf(client, model, { id: 78, x: 1, start: true, shape: [2, 1] }),
        "INVALID_ARGUMENT inference request to model 'direct' must specify batch-size 1 due to requirements of sequence batcher",
      );
      assert.deepEqual(await sumsOf(client, model, { id: 79, numbers: [1, 2] }), [1, 3]);
      assert.equal(await sumOf(client, model, { id: 79, x: 1 }), notStarted(79));
    }
  });

  test('sees neither what the server makes nor what it keeps', async () => {
    const metadata = await mesh.client.ask<{ inputs: { name: string }[]; outputs: { name: string }[] }>(
      '/inference.GRPCInferenceService/ModelMetadata',
      { name: 'direct' },
    );
    assert.deepEqual(
      [metadata.inputs, metadata.outputs].map((tensors) => tensors.map(({ name }) => name)),
      [['x'], ['sum', 'start', 'end', 'ready', 'id']],
    );
    assert.equal(
      await sumOf(mesh.client, 'direct', { id: 80, x: 1, start: true, outputs: ['after'] }),
      "INVALID_ARGUMENT unexpected inference output 'after' for model 'direct'",
    );
  });

  test('has an own process for its instance where the model says so', async () => {
    await interleave(mesh.direct, 'apart', 10);
  });

  test('frees its slot when nothing was heard of its sequence for the idle time', async () => {
    const { client } = mesh;
    assert.equal(await sumOf(client, 'impatient', { id: 1, x: 1, start: true }), 1);
    // There is one slot: the second waits until the first is over.
    assert.equal(await sumOf(client, 'impatient', { id: 2, x: 5, start: true }), 5);
    assert.equal(await sumOf(client, 'impatient', { id: 1, x: 1 }), notStarted(1, 'impatient'));
    assert.equal(await sumOf(client, 'impatient', { id: 2, x: 5, end: true }), 10);
  });

  test('that is given up while it waits leaves its sequence as it was', async () => {
    const { client } = mesh;
    assert.equal(await sumOf(client, 'impatient', { id: 3, x: 1, start: true }), 1);
    const waiting = client.call(inferPath, sequenceRequest('impatient', { id: 4, x: 100, start: true }));
    const refused = client.call(inferPath, sequenceRequest('impatient', { id: 4, x: 7 }), {
      deadline: Date.now() + 100,
    });
    assert.match((await refused).result, /^DEADLINE_EXCEEDED/);
    assert.equal(await sumOf(client, 'impatient', { id: 3, x: 1, end: true }), 2);
    await waiting;
    assert.equal(await sumOf(client, 'impatient', { id: 4, x: 1, end: true }), 101);
  });
});

test('a sequence whose replica is killed hears it until it begins anew, and the others go on', async (t) => {
  const replicas = [await startCustomProcess(t, folder.path), await startCustomProcess(t, folder.path)];
  const router = await startRouterOver(replicas.map(({ address }) => address));
  const client = dial(router.address);
  t.after(async () => {
    client.close();
    await router.stop();
  });
  // More than one replica has slots for.
  const ids = Array.from({ length: 24 }, (_, index) => index + 1);
  const begun = await Promise.all(ids.map((id) => sumOf(client, 'direct', { id, x: id, start: true })));
  assert.deepEqual(begun, ids);
  replicas[0]?.custom.kill('SIGKILL');
  await router.logged('replica.lost');
  const next = await Promise.all(ids.map((id) => sumOf(client, 'direct', { id, x: 1 })));
  const lost = ids.filter((_, at) => typeof next[at] === 'string');
  assert.deepEqual(
    ids.map((id, at) => (lost.includes(id) ? 'lost' : next[at])),
    ids.map((id) => (lost.includes(id) ? 'lost' : id + 1)),
  );
  assert.ok(lost.length > 0 && lost.length < ids.length, `${lost.length} of ${ids.length} are lost`);
  const [id = 0] = lost;
  const hears = new RegExp(
    `^UNAVAILABLE sequence ${id} of model 'direct' is lost: its replica ${replicas[0]?.address} `,
  );
  assert.match(String(next[id - 1]), hears);
  assert.match(String(await sumOf(client, 'direct', { id, x: 1 })), hears);
  // All slots that are left may be taken.
  const kept = ids.filter((each) => !lost.includes(each));
  await Promise.all(kept.map((each) => sumOf(client, 'direct', { id: each, x: 0, end: true })));
  assert.deepEqual(await sumsOf(client, 'direct', { id, numbers: [3, 4] }), [3, 7]);
});

test('a sequence whose instance was killed while it rested hears it, and those of the other instance go on', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const own = temporaryFolder();
  const config = accumulatorConfig(patient, `${twoInstances} ${inProcess}`);
  await writeModel(own.path, 'killed', { graph, config });
  const mesh = await startLocalMesh(own.path);
  t.after(async () => {
    await mesh.stop();
    own.remove();
  });
  const { client } = mesh;
  // More than one instance has slots for.
  const ids = Array.from({ length: 12 }, (_, index) => index + 1);
  await Promise.all(ids.map((id) => sumOf(client, 'killed', { id, x: id, start: true })));
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
  const workers = children.filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('services/custom/dist/worker.js'),
  );
  process.kill(workers[0] as number, 'SIGKILL');
  await mesh.custom.logged('instance.crashed');
  const next = await Promise.all(ids.map((id) => sumOf(client, 'killed', { id, x: 1 })));
  const lost = ids.filter((_, at) => typeof next[at] === 'string');
  const word = (id: number): string =>
    `UNAVAILABLE sequence ${id} of model 'killed' is lost: its instance was started anew, or has forgotten it`;
  assert.deepEqual(
    next,
    ids.map((id) => (lost.includes(id) ? word(id) : id + 1)),
  );
  assert.ok(lost.length >= 4 && lost.length <= 8, `${lost.length} of ${ids.length} are lost`);
  const [id = 0] = lost;
  assert.equal(await sumOf(client, 'killed', { id, x: 1 }), word(id));
  assert.deepEqual(await sumsOf(client, 'killed', { id, numbers: [3, 4] }), [3, 7]);
});
