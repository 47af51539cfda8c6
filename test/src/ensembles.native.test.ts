// Ensembles as a client meets them: through a router over two replicas of one service and one of another, each with some of the
// steps, and at a service directly.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { ModelMetadataResponse__Output } from '@weft/rpc/messages/inference/ModelMetadataResponse';
import type { RepositoryIndexResponse__Output } from '@weft/rpc/messages/inference/RepositoryIndexResponse';
import type { Datatype } from '@weft/tensor';
import {
  addition,
  identities,
  identity,
  plus,
  temporaryFolder,
  writeConfig,
  writeModel,
} from './testing/author-models.ts';
import { type Dialled, dial } from './testing/dial.ts';
import { floatsOf, inferFloats, inferPath } from './testing/infer-request.ts';
import { type StartedService, startModelService, startRouterOver } from './testing/local-mesh.ts';
import { datatypes, samples } from './testing/tensor-samples.ts';

const protocol = '/inference.GRPCInferenceService';
const folder = temporaryFolder();
const elsewhere = 'parameters { key: "weft.service" value { string_value: "nlp" } }';
const typed = datatypes.filter((datatype) => samples[datatype].typed !== undefined);
let customs: StartedService[];
let nlp: StartedService;
let router: StartedService;
let client: Dialled;
let direct: Dialled;

interface Step {
  readonly model: string;
  readonly reads: Readonly<Record<string, string>>;
  readonly writes: Readonly<Record<string, string>>;
}

const map = (kind: string, wires: Readonly<Record<string, string>>): string =>
  Object.entries(wires)
    .map(([key, value]) => `${kind}_map { key: "${key}" value: "${value}" }`)
    .join(' ');

function stepsOf(steps: readonly Step[]): string {
  const written = steps.map(
    ({ model, reads, writes }) =>
      `step { model_name: "${model}" model_version: -1 ${map('input', reads)} ${map('output', writes)} }`,
  );
  return `platform: "ensemble" ensemble_scheduling { ${written.join(' ')} }`;
}

function tensors(kind: string, names: Readonly<Record<string, Datatype>>): string {
  const typeOf = (datatype: Datatype): string => (datatype === 'BYTES' ? 'STRING' : datatype);
  return Object.entries(names)
    .map(([name, datatype]) => `${kind} { name: "${name}" data_type: TYPE_${typeOf(datatype)} dims: [ -1 ] }`)
    .join(' ');
}

const floats = (kind: string, ...names: string[]) =>
  tensors(kind, Object.fromEntries(names.map((name) => [name, 'FP32' as const])));

/** Two models behind each other that hand every tensor on, the second one of another service. */
async function writeRelay(name: string, types: readonly Datatype[]): Promise<void> {
  await writeModel(folder.path, `${name}-first`, { graph: identities(types) });
  await writeModel(folder.path, `${name}-second`, { graph: identities(types), config: elsewhere });
  const named = (side: string) => Object.fromEntries(types.map((type) => [`${side}-${type}`, type]));
  const wires = (side: string, tensor: string) =>
    Object.fromEntries(types.map((type) => [`${side}-${type}`, `${tensor}-${type}`]));
  const steps = stepsOf([
    { model: `${name}-second`, reads: wires('x', 'mid'), writes: wires('y', 'y') },
    { model: `${name}-first`, reads: wires('x', 'x'), writes: wires('y', 'mid') },
  ]);
  await writeConfig(folder.path, name, `${tensors('input', named('x'))} ${tensors('output', named('y'))} ${steps}`);
}

/** OUT = (IN + 1) + (IN + 10), and IN + 1. */
const fan = `max_batch_size: 4 ${floats('input', 'IN')} ${floats('output', 'OUT', 'NEXT')} ${stepsOf([
  { model: 'add', reads: { p: 'NEXT', q: 'FAR' }, writes: { y: 'OUT' } },
  { model: 'plus-one', reads: { x: 'IN' }, writes: { y: 'NEXT' } },
  { model: 'plus-ten', reads: { x: 'IN' }, writes: { y: 'FAR' } },
])}`;

const chain = (first: string, second: string): string =>
  `max_batch_size: 4 ${floats('input', 'IN')} ${floats('output', 'OUT')} ${stepsOf([
    { model: first, reads: { x: 'IN' }, writes: { y: 'MID' } },
    { model: second, reads: { x: 'MID' }, writes: { y: 'OUT' } },
  ])}`;

before(async () => {
  const batched = 'max_batch_size: 4';
  await writeModel(folder.path, 'plus-one', { graph: plus(1), config: batched });
  await writeModel(folder.path, 'plus-ten', { graph: plus(10), config: `${batched} ${elsewhere}` });
  await writeModel(folder.path, 'add', { graph: addition(), config: `${batched} ${elsewhere}` });
  await writeModel(folder.path, 'strings', { graph: identity('BYTES'), config: batched });
  await writeRelay('raw', datatypes);
  await writeRelay('typed', typed);
  await writeConfig(folder.path, 'fan', fan);
  await writeConfig(folder.path, 'own', chain('plus-one', 'plus-one'));
  await writeConfig(
    folder.path,
    'nested',
    chain('own', 'plus-ten')
      .replace('"x" value: "IN"', '"IN" value: "IN"')
      .replace('"y" value: "MID"', '"OUT" value: "MID"'),
  );
  await writeConfig(folder.path, 'missing', chain('plus-one', 'nobody'));
  await writeConfig(folder.path, 'misfit', chain('plus-one', 'strings'));
  await writeConfig(folder.path, 'circle', chain('plus-one', 'plus-one').replace('value: "IN"', 'value: "OUT"'));
  customs = await Promise.all([0, 1].map(() => startModelService('custom', folder.path)));
  nlp = await startModelService('nlp', folder.path);
  await Promise.all([...customs, nlp].map(({ service }) => service.ready));
  router = await startRouterOver([...customs, nlp].map(({ address }) => address));
  client = dial(router.address);
  direct = dial(customs[0]?.address ?? '');
});

after(async () => {
  client.close();
  direct.close();
  await router.stop();
  await Promise.all([...customs, nlp].map((service) => service.stop()));
  folder.remove();
});

const infer = (request: ModelInferRequest) => client.ask<ModelInferResponse__Output>(inferPath, request);

async function index(of: Dialled): Promise<Record<string, string>> {
  const { models } = await of.ask<RepositoryIndexResponse__Output>(`${protocol}/RepositoryIndex`, {});
  return Object.fromEntries(models.map(({ name, state, reason }) => [name, `${state} ${reason}`]));
}

describe('an ensemble with steps on two services', () => {
  test('gives each request what its steps give, one beside the other and one after the other', async () => {
    const values = Array.from({ length: 40 }, (_, at) => at);
    const responses = await Promise.all(
      values.map((value) => infer(inferFloats('fan', [value, 2 * value], { input: 'IN', id: `${value}` }))),
    );
    for (const [at, response] of responses.entries()) {
      assert.deepEqual([response.modelName, response.modelVersion, response.id], ['fan', '1', `${at}`]);
      assert.deepEqual(
        response.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(Number) })),
        ['OUT', 'NEXT'].map((name) => ({ name, datatype: 'FP32', shape: [1, 2] })),
      );
      assert.deepEqual(floatsOf(response, 0), [2 * at + 11, 4 * at + 11]);
      assert.deepEqual(floatsOf(response, 1), [at + 1, 2 * at + 1]);
    }
  });

  test('gives the outputs that are asked for', async () => {
    const response = await infer(inferFloats('fan', [5, 6], { input: 'IN', outputs: [{ name: 'NEXT' }] }));
    assert.deepEqual([response.outputs.map(({ name }) => name), floatsOf(response)], [['NEXT'], [6, 7]]);
  });

  test('takes several rows, more than a batch has too', async () => {
    const values = Array.from({ length: 14 }, (_, at) => at);
    const response = await infer(inferFloats('fan', values, { input: 'IN', shape: [7, 2] }));
    assert.deepEqual(
      floatsOf(response),
      values.map((value) => 2 * value + 11),
    );
  });

  test('may be a step of another one', async () => {
    assert.deepEqual(floatsOf(await infer(inferFloats('nested', [1, 2], { input: 'IN' }))), [13, 14]);
  });

  test('hands tensors of every datatype on as they are', async () => {
    const inputs = datatypes.map((datatype) => ({ name: `x-${datatype}`, datatype, shape: [2] }));
    const rawInputContents = datatypes.map((datatype) => Buffer.from(samples[datatype].raw));
    const response = await infer({ modelName: 'raw', inputs, rawInputContents });
    assert.deepEqual(
      response.outputs.map(({ name }) => name),
      datatypes.map((datatype) => `y-${datatype}`),
    );
    assert.deepEqual(response.rawOutputContents, rawInputContents);
  });

  test('takes typed contents of every datatype that has them', async () => {
    const inputs = typed.map((datatype) => {
      const contents = samples[datatype].typed ?? null;
      return { name: `x-${datatype}`, datatype, shape: [2], contents };
    });
    const response = await infer({ modelName: 'typed', inputs });
    assert.deepEqual(
      response.rawOutputContents,
      typed.map((datatype) => Buffer.from(samples[datatype].raw)),
    );
  });

  test('takes tensors without elements', async () => {
    const inputs = datatypes.map((datatype) => ({ name: `x-${datatype}`, datatype, shape: [0] }));
    const { rawOutputContents } = await infer({ modelName: 'raw', inputs });
    assert.deepEqual(
      rawOutputContents,
      datatypes.map(() => Buffer.alloc(0)),
    );
  });

  test('tells which step refused a request', async () => {
    const { result } = await client.call(inferPath, inferFloats('fan', [1, 2, 3], { input: 'IN' }));
    assert.match(
      result,
      /^INVALID_ARGUMENT in ensemble 'fan', step \d 'plus-(one|ten)': unexpected shape for input 'x' for model/,
    );
  });

  test('has metadata, a configuration and a state like any model', async () => {
    const named = { name: 'fan' };
    const metadata = await client.ask<ModelMetadataResponse__Output>(`${protocol}/ModelMetadata`, named);
    assert.equal(metadata.platform, 'ensemble');
    assert.deepEqual(metadata.versions, ['1']);
    assert.deepEqual(
      metadata.inputs.map(({ name, shape }) => [name, shape.map(Number)]),
      [['IN', [-1, -1]]],
    );
    const ready = await client.ask(`${protocol}/ModelReady`, named);
    assert.deepEqual(ready, { ready: true });
  });
});

test('an ensemble that cannot serve tells why, and is refused with that', async () => {
  const rows = await index(client);
  const { missing = '', misfit = '', circle = '', fan: sound } = rows;
  assert.equal(sound, 'READY ');
  assert.equal(missing, "UNAVAILABLE step 2 'nobody': Request for unknown model: 'nobody' is not found");
  assert.equal(misfit, "UNAVAILABLE tensor 'MID' is FP32 for step 1 'plus-one' and BYTES for step 2 'strings'");
  assert.match(circle, /^UNAVAILABLE failed to load 'circle' version 1: /);
  const { result } = await client.call(inferPath, inferFloats('missing', [1, 2], { input: 'IN' }));
  assert.match(result, /^UNAVAILABLE model 'missing' version 1 is not at ready state: .*'nobody'/);
});

test('a service serves the ensembles of which it has every step, and no others', async () => {
  const own = await direct.ask<ModelInferResponse__Output>(inferPath, inferFloats('own', [1, 2], { input: 'IN' }));
  assert.deepEqual(floatsOf(own), [3, 4]);
  const { result } = await direct.call(inferPath, inferFloats('fan', [1, 2], { input: 'IN' }));
  assert.match(result, /^UNAVAILABLE model 'fan' version 1 is not at ready state: .*step 1 'add'.*'add' is not found$/);
});

test('an ensemble is UNAVAILABLE while a step is gone, and READY when it is back', { timeout: 60_000 }, async () => {
  const health = client.watch<{ status: string }>('/grpc.health.v1.Health/Watch', { service: 'fan' });
  // It ends with CANCELLED.
  health.on('error', () => {});
  const becomes = async (status: string): Promise<void> => {
    for await (const update of health.iterator({ destroyOnReturn: false })) {
      if ((update as { status: string }).status === status) return;
    }
  };
  await becomes('SERVING');
  const port = nlp.address.split(':')[1] ?? '';
  await nlp.stop();
  await becomes('NOT_SERVING');
  const { fan: reason = '' } = await index(client);
  assert.match(reason, /^UNAVAILABLE step 1 'add': model 'add' version 1 is not at ready state: /);
  nlp = await startModelService('nlp', folder.path, { args: ['--port', port] });
  await becomes('SERVING');
  health.cancel();
  assert.deepEqual(floatsOf(await infer(inferFloats('fan', [0, 0], { input: 'IN' }))), [11, 11]);
});
