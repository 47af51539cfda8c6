// A mesh with a model of every kind for requests that mean no good, and what must be as it was after them: the index of models, the
// settings, and the answer of every model to a good request.
import type { LoggedEvent } from '@weft/models';
import { MemoryEventLog } from '@weft/models/testing';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { ModelStreamInferResponse__Output } from '@weft/rpc/messages/inference/ModelStreamInferResponse';
import {
  accumulator,
  accumulatorConfig,
  arithmetic,
  identity,
  plus,
  type TemporaryFolder,
  temporaryFolder,
  writeConfig,
  writeModel,
} from '../testing/author-models.ts';
import type { Dialled } from '../testing/dial.ts';
import { inferFloats, inferPath } from '../testing/infer-request.ts';
import { type LocalMesh, startLocalMesh } from '../testing/local-mesh.ts';
import { openStream } from '../testing/open-stream.ts';
import { repeatRequest, streamInferPath, told, writeRepeatModel } from '../testing/repeat-model.ts';
import { sequenceRequest } from '../testing/sequence-calls.ts';

export const protocol = '/inference.GRPCInferenceService';

/** What a message may have in this mesh: little, so that what is too large need not be large. */
export const maxMessageBytes = 4 * 2 ** 20;

/** `sequences`: settings of the model that batches them. */
export async function writeHostileRepository(
  repository: string,
  sequences = 'max_sequence_idle_microseconds: 60000000',
): Promise<void> {
  const write = (name: string, graph: ReturnType<typeof plus>, config?: string) =>
    writeModel(repository, name, config === undefined ? { graph } : { graph, config });
  await write('rows', identity('FP32', ['rows', 16]), 'max_batch_size: 4');
  await write('cached', plus(1), 'max_batch_size: 4 response_cache { enable: true }');
  await write('plain', identity('FP32', [-1, -1]));
  await write('texts', identity('BYTES', [-1]));
  await write('half', identity('FP16', [-1]));
  for (const datatype of ['BOOL', 'INT8', 'UINT8', 'INT32', 'INT64', 'UINT64', 'FP64'] as const)
    await write(datatype.toLowerCase(), identity(datatype, [-1]));
  await write('both', arithmetic(), 'max_batch_size: 4');
  const tensor = (name: string, more = '') => `{ name: "${name}" data_type: TYPE_FP32 dims: [ 3 ] ${more} }`;
  await write('optional', arithmetic(), `max_batch_size: 4 input [ ${tensor('a')}, ${tensor('b', 'optional: true')} ]`);
  await write('sequence', accumulator(), accumulatorConfig(sequences));
  await writeRepeatModel(repository);
  const step = (model: string, from: string, to: string) =>
    `step { model_name: "${model}" model_version: -1 input_map { key: "x" value: "${from}" } output_map { key: "y" value: "${to}" } }`;
  const ends = ['input', 'output'].map(
    (kind, at) => `${kind} { name: "${'xy'[at]}" data_type: TYPE_FP32 dims: [ 2 ] }`,
  );
  await writeConfig(
    repository,
    'chain',
    `platform: "ensemble" max_batch_size: 4 ${ends.join(' ')}
     ensemble_scheduling { ${step('cached', 'x', 'm')} ${step('cached', 'm', 'y')} }`,
  );
}

/** A good request for each model that unary calls may ask. */
export const goodRequests: Readonly<Record<string, ModelInferRequest>> = {
  rows: inferFloats('rows', new Array<number>(16).fill(1)),
  cached: inferFloats('cached', [1, 2]),
  plain: inferFloats('plain', [1, 2, 3]),
  texts: {
    modelName: 'texts',
    inputs: [
      { name: 'x', datatype: 'BYTES', shape: [2], contents: { bytesContents: [Buffer.from('ž'), Buffer.alloc(0)] } },
    ],
  },
  half: {
    modelName: 'half',
    inputs: [{ name: 'x', datatype: 'FP16', shape: [1] }],
    rawInputContents: [Buffer.of(0, 0x3c)],
  },
  both: pair('both'),
  optional: {
    ...pair('optional'),
    inputs: pair('optional').inputs?.slice(0, 1) ?? [],
    rawInputContents: [Buffer.alloc(12)],
  },
  sequence: sequenceRequest('sequence', { id: 4711, x: 5, start: true, end: true }),
  chain: inferFloats('chain', [1, 2]),
};

export function pair(modelName: string): ModelInferRequest {
  const inputs = ['a', 'b'].map((name) => ({ name, datatype: 'FP32', shape: [1, 3] }));
  return { modelName, inputs, rawInputContents: inputs.map(() => Buffer.from(Float32Array.of(1, 2, 3).buffer)) };
}

export interface HostileMesh extends LocalMesh {
  readonly repository: TemporaryFolder;
  /** What hostile requests must not change. */
  standing(): Promise<unknown>;
}

export async function startHostileMesh(): Promise<HostileMesh> {
  const repository = temporaryFolder();
  await writeHostileRepository(repository.path);
  const limit = { args: [`--max-message-bytes=${maxMessageBytes}`] };
  const eventLog = new MemoryEventLog();
  const mesh = await startLocalMesh(repository.path, { custom: limit, router: { ...limit, eventLog } });
  return {
    ...mesh,
    repository,
    standing: async () => ({ events: eventsOf(eventLog), ...(await standing(mesh.client)) }),
    async stop() {
      await mesh.stop();
      repository.remove();
    },
  };
}

function eventsOf(eventLog: MemoryEventLog): LoggedEvent[] {
  const events: LoggedEvent[] = [];
  eventLog.follow({ onEvent: (event) => void events.push(event), onCaughtUp() {}, onProblem() {} })();
  return events;
}

/** As a client sees it. */
export async function standing(client: Dialled): Promise<object> {
  const settings = ['RepositoryIndex', 'LogSettings', 'TraceSetting'].map((method) =>
    client.ask<object>(`${protocol}/${method}`, {}),
  );
  const answers = Object.values(goodRequests).map(async (request) => {
    const { rawOutputContents } = await client.ask<ModelInferResponse__Output>(inferPath, request);
    return [request.modelName, ...rawOutputContents.map((raw) => raw.toString('hex'))];
  });
  return {
    settings: await Promise.all(settings),
    answers: await Promise.all(answers),
    repeated: await repeated(client),
  };
}

async function repeated(client: Dialled): Promise<string[]> {
  const stream = openStream<ModelStreamInferResponse__Output>(client, streamInferPath);
  stream.send(repeatRequest([7, 8], { id: 'good' }));
  stream.end();
  return (await stream.rest()).map(told);
}
