// ModelInfer for a batch of requests. In a model that batches, requests of like shapes are joined along the first
// dimension and run once; each gets back its rows and only the outputs it asked for.
import { toWeftError, WeftError } from '@weft/errors';
import { completeConfig } from '@weft/models';
import { joinRows, splitRows, type Tensor, type TensorMap } from '@weft/tensor';
import type { BatchWork } from '../worker/batch-work.ts';
import type { Outcome } from '../worker/encode-results.ts';
import type { Instance } from '../worker/load-instance.ts';
import { checkInputs, checkOutputs, type InferInterface } from './check-inputs.ts';
import { type InferRequest, readInferRequest } from './infer-request.ts';
import { type InferResponse, writeInferResponse } from './infer-response.ts';

/** One outcome for each item. */
export async function inferBatch(instance: Instance, work: BatchWork): Promise<Outcome[]> {
  const target = inferInterface(instance);
  const outcomes: Outcome[] = [];
  const valid: { readonly index: number; readonly request: InferRequest }[] = [];
  for (const [index, { payload }] of work.items.entries()) {
    try {
      const request = readInferRequest(payload);
      checkInputs(target, request.inputs);
      checkOutputs(target, request.outputs);
      valid.push({ index, request });
    } catch (thrown) {
      outcomes[index] = toWeftError(thrown);
    }
  }
  work.onDecoded();
  for (const group of alikeGroups(valid, target)) {
    const answers = await answerGroup(
      instance,
      target,
      group.map(({ request }) => request),
    );
    for (const [position, { index }] of group.entries()) outcomes[index] = answers[position] as Outcome;
  }
  return outcomes;
}

/** When a joined run fails, nobody knows whose rows were the cause: each request runs again alone. */
async function answerGroup(
  instance: Instance,
  target: InferInterface,
  requests: readonly InferRequest[],
): Promise<Outcome[]> {
  try {
    const outputs = await runGroup(instance, target, requests);
    return requests.map((request, position) =>
      writeInferResponse(responseOf(instance, request, outputs[position] as TensorMap)),
    );
  } catch (thrown) {
    if (requests.length === 1) return [toWeftError(thrown)];
    const outcomes: Outcome[] = [];
    for (const request of requests) outcomes.push(...(await answerGroup(instance, target, [request])));
    return outcomes;
  }
}

const interfaces = new WeakMap<Instance, InferInterface>();

function inferInterface(instance: Instance): InferInterface {
  let target = interfaces.get(instance);
  if (target === undefined) {
    const { spec, tensors } = instance;
    const config = completeConfig(spec.config, tensors);
    const optional = new Set(config.input.filter((input) => input.optional).map((input) => input.name));
    target = {
      model: spec.model,
      inputs: tensors.inputs,
      outputs: tensors.outputs,
      optional,
      maxBatchSize: config.maxBatchSize,
    };
    interfaces.set(instance, target);
  }
  return target;
}

/** Groups of requests that can be joined: same inputs, same shapes behind the first dimension, together not over the maximum. */
function* alikeGroups<Item extends { readonly request: InferRequest }>(
  items: readonly Item[],
  target: InferInterface,
): Iterable<Item[]> {
  const open = new Map<string, { group: Item[]; rows: number }>();
  for (const item of items) {
    if (target.maxBatchSize === 0) {
      yield [item];
      continue;
    }
    const rows = rowsOf(item.request);
    const key = shapeKey(item.request.inputs);
    const joined = open.get(key);
    if (joined !== undefined && joined.rows + rows <= target.maxBatchSize) {
      joined.group.push(item);
      joined.rows += rows;
      continue;
    }
    if (joined !== undefined) yield joined.group;
    open.set(key, { group: [item], rows });
  }
  for (const { group } of open.values()) yield group;
}

function shapeKey(inputs: TensorMap): string {
  return Object.keys(inputs)
    .sort()
    .map((name) => `${name}:${(inputs[name] as Tensor).shape.slice(1).join('x')}`)
    .join(';');
}

function rowsOf(request: InferRequest): number {
  const [first] = Object.values(request.inputs);
  return first?.shape[0] ?? 0;
}

async function runGroup(
  instance: Instance,
  target: InferInterface,
  requests: readonly InferRequest[],
): Promise<TensorMap[]> {
  const wanted = requests.some((request) => request.outputs.length === 0)
    ? undefined
    : [...new Set(requests.flatMap((request) => request.outputs))];
  const [only, ...others] = requests;
  if (only === undefined) return [];
  if (others.length === 0) return [await instance.tensors.run(only.inputs, wanted)];
  const feeds: Record<string, Tensor> = {};
  for (const name of Object.keys(only.inputs)) {
    feeds[name] = joinRows(requests.map((request) => request.inputs[name] as Tensor) as [Tensor, ...Tensor[]]);
  }
  const outputs = await instance.tensors.run(feeds, wanted);
  const counts = requests.map(rowsOf);
  const total = counts.reduce((sum, rows) => sum + rows, 0);
  const pieces = Object.entries(outputs).map(([name, tensor]) => {
    if (tensor.shape[0] === total) return { name, parts: splitRows(tensor, counts) };
    throw new WeftError(
      'INTERNAL',
      `model '${target.model}' gave output '${name}' ${tensor.shape[0]} rows for ${total}: its max_batch_size should be 0`,
    );
  });
  return requests.map((_request, index) =>
    Object.fromEntries(pieces.map(({ name, parts }) => [name, parts[index] as Tensor])),
  );
}

function responseOf(instance: Instance, request: InferRequest, tensors: TensorMap): InferResponse {
  const { model, version } = instance.spec;
  const names = request.outputs.length > 0 ? request.outputs : instance.tensors.outputs.map((spec) => spec.name);
  const outputs = names.map((name) => ({ name, tensor: tensors[name] as Tensor }));
  return { model, version, id: request.id, outputs };
}
