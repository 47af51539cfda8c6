// What is fuzzed: good messages of every kind of call, and how a mutation of one is sent. Each answer is told as one line, code
// first.
// oxlint-disable id-denylist -- `data` is the protocol's name for the elements of a tensor
import { rpcMethod } from '@weft/rpc';
import type { ModelStreamInferResponse__Output } from '@weft/rpc/messages/inference/ModelStreamInferResponse';
import { goodRequests, protocol } from '../hostile/hostile-mesh.ts';
import { inferPath } from '../testing/infer-request.ts';
import { openStream } from '../testing/open-stream.ts';
import { repeatRequest, streamInferPath } from '../testing/repeat-model.ts';
import type { FuzzMesh } from './fuzz-mesh.ts';
import { mutateBytes, mutateMessage } from './mutate-message.ts';
import { mutateJson } from './mutate-json.ts';
import type { Random } from './random.ts';

export interface FuzzCase {
  /** The bytes that are sent, for whoever wants to send them again. */
  readonly sent: readonly Buffer[];
  readonly what: string;
  /** Code and text of each answer. */
  readonly answers: () => Promise<readonly string[]>;
}

type Make = (mesh: FuzzMesh, random: Random) => FuzzCase;

/** Some mutations ask for long delays. */
const timeoutMs = 2000;
const inferMessages = nonEmpty(
  Object.values(goodRequests).map((request) => rpcMethod(inferPath).encodeRequest({ ...request, id: 'fuzz' })),
);
const streamMessages = nonEmpty([
  ...inferMessages,
  rpcMethod(inferPath).encodeRequest(repeatRequest([1, 2], { id: 'fuzz' })),
]);
/** Loads and unloads name a model that there is not, and a version that is none: what a mutation of them does is refused. */
const others = nonEmpty(
  Object.entries({
    [`${protocol}/ServerMetadata`]: {},
    [`${protocol}/ModelReady`]: { name: 'rows', version: '1' },
    [`${protocol}/ModelMetadata`]: { name: 'rows', version: '1' },
    [`${protocol}/ModelConfig`]: { name: 'chain', version: '1' },
    [`${protocol}/ModelStatistics`]: { name: 'rows' },
    [`${protocol}/RepositoryIndex`]: { ready: true },
    [`${protocol}/RepositoryModelLoad`]: {
      modelName: 'nobody',
      parameters: {
        config: { stringParam: '{"max_batch_size": 4}' },
        'file:x/model.onnx': { bytesParam: Buffer.alloc(9) },
      },
    },
    [`${protocol}/RepositoryModelUnload`]: {
      modelName: 'nobody',
      parameters: { unload_dependents: { boolParam: true } },
    },
    [`${protocol}/LogSettings`]: {
      settings: { log_verbose_level: { uint32Param: 0 }, log_format: { stringParam: 'ISO8601' } },
    },
    [`${protocol}/TraceSetting`]: { settings: { trace_rate: { value: ['5'] } }, modelName: 'rows' },
    [`${protocol}/SystemSharedMemoryRegister`]: { name: 'r', key: '/r', offset: 1, byteSize: 2 },
    [`${protocol}/CudaSharedMemoryRegister`]: { name: 'r', rawHandle: Buffer.alloc(8), deviceId: 1, byteSize: 2 },
    '/grpc.health.v1.Health/Check': { service: 'rows' },
    '/weft.nlp.v1.NlpService/Embed': { model: 'lengths', texts: ['a', 'ž'] },
    '/weft.nlp.v1.NlpService/Tokenize': { model: 'lengths', modelVersion: '1', texts: ['a'] },
    '/weft.nlp.v1.NlpService/Classify': { model: 'lengths', texts: ['a'] },
  }).map(([path, request]) => ({ path, message: rpcMethod(path).encodeRequest(request) })),
);

const jsonRequest = {
  id: 'f',
  parameters: { priority: 1 },
  inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2.5] }],
  outputs: [{ name: 'y', parameters: { binary_data: false } }],
};
const binaryRequest = {
  inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', parameters: { binary_data_size: 8 } }],
  parameters: { binary_data_output: true },
};
const rest = nonEmpty([
  ['plain/infer', jsonRequest],
  ['cached/infer', jsonRequest],
  ['chain/infer', jsonRequest],
  ['texts/infer', { inputs: [{ name: 'x', shape: [2], datatype: 'BYTES', data: ['a', 'ž'] }] }],
  ['int64/infer', { inputs: [{ name: 'x', shape: [2], datatype: 'INT64', data: [1, '2'] }] }],
  ['nobody/load', { parameters: { config: '{"max_batch_size": 4}', 'file:x/model.onnx': 'AAAA' } }],
  ['settings', { log_info: true, log_format: 'ISO8601' }],
] as const);

const infer: Make = (mesh, random) => unary(mesh, random, { path: inferPath, message: random.pick(inferMessages) });
const calls: Make = (mesh, random) => unary(mesh, random, random.pick(others));

function unary(
  { client }: FuzzMesh,
  random: Random,
  { path, message }: { readonly path: string; readonly message: Buffer },
): FuzzCase {
  const sent = mutateMessage(message, random);
  return {
    sent: [sent],
    what: path,
    answers: async () => [(await client.call(path, sent, { deadline: Date.now() + timeoutMs })).result],
  };
}

const stream: Make = ({ client }, random) => {
  const sent = Array.from({ length: 20 }, () => mutateMessage(random.pick(streamMessages), random));
  return {
    sent,
    what: streamInferPath,
    async answers() {
      const limits = {
        deadline: Date.now() + timeoutMs,
        ...(random.chance(0.1) ? { headers: { triton_grpc_error: 'true' } } : {}),
      };
      const opened = openStream<ModelStreamInferResponse__Output>(client, streamInferPath, limits);
      for (const message of sent) opened.send(message);
      opened.end();
      const told = (await opened.rest()).map(({ errorMessage }) => errorMessage);
      return [...new Set(told.filter((text) => text !== '').map((text) => `IN_STREAM ${text}`)), await opened.result()];
    },
  };
};

const http: Make = ({ httpAddress }, random) => {
  const [route, json] = random.chance(0.2) ? (['plain/infer', binaryRequest] as const) : random.pick(rest);
  const binary = json === binaryRequest;
  const head = mutateJson(json, random);
  const length = random.chance(0.2) ? random.below(2 * head.length) : head.length;
  const tail = random.chance(0.3) ? mutateBytes(Buffer.alloc(8), random) : Buffer.alloc(8);
  const body = binary ? Buffer.concat([head, tail]) : head;
  const path =
    route === 'settings' ? '/v2/logging' : `/v2/${route.endsWith('load') ? 'repository/' : ''}models/${route}`;
  return {
    sent: [body],
    what: `${path}${binary ? ` with a head of ${length}` : ''}`,
    async answers() {
      const headers = binary ? { 'inference-header-content-length': String(length) } : {};
      const signal = AbortSignal.timeout(2 * timeoutMs);
      const answer = await fetch(`http://${httpAddress}${path}`, {
        method: 'POST',
        body: new Uint8Array(body),
        headers,
        signal,
      });
      return [`${answer.status} ${await answer.text()}`];
    },
  };
};

const mixed: Make = (mesh, random) => random.pick([infer, calls, http, stream])(mesh, random);
const kinds = { infer, calls, streams: stream, rest: http, mixed };
export type FuzzKind = keyof typeof kinds;

/** Twenty messages of a stream are twenty cases. */
export function fuzzCase(mesh: FuzzMesh, kind: FuzzKind, random: Random): FuzzCase {
  return kinds[kind](mesh, random);
}

/** Whether an answer is one that a client may get for what it did. */
export function isAllowed(answer: string): boolean {
  // What a model cannot do for anybody is the client's mistake: a method without a default model.
  if (answer.startsWith('UNAVAILABLE no replica serves ')) return true;
  return !/^(INTERNAL|UNKNOWN|UNAVAILABLE|DATA_LOSS|500|502|503) |internal error|crashed|not at ready state/.test(
    answer,
  );
}

function nonEmpty<Item>(items: readonly Item[]): readonly [Item, ...Item[]] {
  const [first, ...more] = items;
  if (first === undefined) throw new Error('nothing to fuzz');
  return [first, ...more];
}
