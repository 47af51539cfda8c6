// For tests: ensembles over models that a test describes as text, whose calls it answers by hand.
import type { WeftError } from '@weft/errors';
import { parseConfigText } from '@weft/models';
import { rpcMethod } from '@weft/rpc';
import type { ModelInferRequest, ModelInferRequest__Output } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse, ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { ModelVersion } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import { noTracing, type Tracing } from '@weft/telemetry';
import { ensembles } from '../ensembles/ensembles.ts';
import { withEnsembles } from '../ensembles/with-ensembles.ts';
import { buildInventory, type Inventory } from '../replicas/inventory.ts';
import type { Answer, Call } from '../lanes/pending-call.ts';
import { drawVersion, resolveVersion } from '../engine/resolve-version.ts';
import { StatisticsBook } from '../statistics/statistics-book.ts';
import type { Submitted } from '../engine/submit.ts';
import { call } from './pending-calls.ts';
import { replicaState, version } from './states.ts';

const infer = rpcMethod('/inference.GRPCInferenceService/ModelInfer');
const times = { queueUs: 1, computeInputUs: 2, computeInferUs: 3, computeOutputUs: 4 };

/** A model of this configuration, READY unless it is said otherwise. */
export function configured(name: string, text: string, fields: ModelVersion = {}): ModelVersion {
  return version(name, fields.version ?? '1', { config: { ...parseConfigText(text), name }, ...fields });
}

/** FP32 vectors in and out, `p q -> y`; one row each. */
export function vectors(name: string, signature: string, fields: ModelVersion = {}): ModelVersion {
  const [inputs = '', outputs = ''] = signature.split(' -> ');
  return configured(name, `${tensors('input', inputs)} ${tensors('output', outputs)}`, fields);
}

/** `a: x=IN -> y=mid` is a step: its model, then its wires, the model's name first. */
export function ensembleText(inputs: string, outputs: string, steps: readonly string[]): string {
  const map = (kind: string, wires: string): string =>
    wires
      .trim()
      .split(' ')
      .map((wire) => wire.split('='))
      .map(([name, tensor]) => `${kind}_map { key: "${name}" value: "${tensor}" }`)
      .join(' ');
  const written = steps.map((step) => {
    const [, model = '', reads = '', writes = ''] = /^(.+): (.+) -> (.+)$/.exec(step) ?? [];
    return `step { model_name: "${model}" model_version: -1 ${map('input', reads)} ${map('output', writes)} }`;
  });
  return `platform: "ensemble" ${tensors('input', inputs)} ${tensors('output', outputs)} ensemble_scheduling { ${written.join(' ')} }`;
}

function tensors(kind: 'input' | 'output', names: string): string {
  return names
    .split(' ')
    .map((name) => `${kind} { name: "${name}" data_type: TYPE_FP32 dims: [ -1 ] }`)
    .join(' ');
}

export function inventoryOf(...replicas: readonly (readonly ModelVersion[])[]): Inventory {
  const views = replicas.map((models, at) => ({
    state: replicaState(models, { replicaId: `r${at}` }),
    connected: true,
  }));
  return withEnsembles(buildInventory(views));
}

/** a, then b and c beside each other, then d over both; and a second output of a alone. */
export const diamond = inventoryOf([
  vectors('a', 'x -> y'),
  vectors('b', 'x -> y'),
  vectors('c', 'x -> y'),
  vectors('d', 'left right -> y'),
  configured(
    'e',
    ensembleText('IN', 'OUT MID', [
      'd: left=B right=C -> y=OUT',
      'b: x=MID -> y=B',
      'c: x=MID -> y=C',
      'a: x=IN -> y=MID',
    ]),
  ),
]);

/** A call that a step made. */
export class FakeStep {
  readonly call: Call;
  readonly request: ModelInferRequest__Output;
  cancelled = false;

  constructor(made: Call) {
    this.call = made;
    this.request = infer.decodeRequest(made.payload) as ModelInferRequest__Output;
  }

  /** The vector of each input, by name. */
  get inputs(): Record<string, number[]> {
    return vectorsOf(this.request.inputs, this.request.rawInputContents);
  }

  answer(outputs: Readonly<Record<string, readonly number[]>>): void {
    this.call.settle({ payload: infer.encodeResponse(responseOf(outputs)), times });
  }

  fail(error: WeftError): void {
    this.call.settle({ error });
  }
}

export interface EnsemblesOptions {
  readonly maxMessageBytes?: number;
  readonly tracing?: Tracing;
  /** Answers a step as it is submitted, or throws why it cannot be. */
  readonly onStep?: (step: FakeStep) => void;
}

export function startEnsembles(first: Inventory, options: EnsemblesOptions = {}) {
  const { maxMessageBytes = 10_000, tracing = noTracing, onStep } = options;
  let inventory = first;
  const steps: FakeStep[] = [];
  const engine = {
    get inventory() {
      return inventory;
    },
    versionFor: ({ model, version: number }: Pick<Call, 'model' | 'version'>) =>
      number === '' ? drawVersion(inventory, model, () => 0) : resolveVersion(inventory, model, number),
  };
  const statistics = new StatisticsBook(0, 0);
  let nowMs = 0;
  const layer = ensembles({ engine, tracing, maxMessageBytes, statistics, nowMs: () => (nowMs += 1) }, (made) => {
    resolveVersion(inventory, made.model, made.version);
    const step = new FakeStep(made);
    onStep?.(step);
    steps.push(step);
    return { cancel: () => ((step.cancelled = true), 'sent') };
  });
  return {
    steps,
    statistics,
    become: (other: Inventory) => void (inventory = other),
    /** Whatever is not said of the request is one row of FP32 for each input. */
    submit(
      inputs: Readonly<Record<string, readonly number[]>>,
      fields: Partial<Call> = {},
      more: ModelInferRequest = {},
    ) {
      const answers: Answer[] = [];
      const payload = infer.encodeRequest({ modelName: 'e', ...requestOf(inputs), ...more });
      const made = call({
        model: 'e',
        method: infer.path,
        payload,
        settle: (answer) => void answers.push(answer),
        ...fields,
      });
      return new MadeCall(layer(made), answers);
    },
  };
}

class MadeCall {
  readonly submitted: Submitted;
  readonly answers: readonly Answer[];

  constructor(submitted: Submitted, answers: readonly Answer[]) {
    this.submitted = submitted;
    this.answers = answers;
  }

  /** Code and message of the error. */
  get failure(): string | undefined {
    const [answer] = this.answers;
    return answer !== undefined && 'error' in answer ? `${answer.error.code} ${answer.error.message}` : undefined;
  }

  get response(): ModelInferResponse__Output | undefined {
    const [answer] = this.answers;
    if (answer === undefined || 'error' in answer) return undefined;
    return infer.decodeResponse(Buffer.from(answer.payload)) as ModelInferResponse__Output;
  }

  /** The vector of each output, by name. */
  get outputs(): Record<string, number[]> | undefined {
    const { response } = this;
    return response === undefined ? undefined : vectorsOf(response.outputs, response.rawOutputContents);
  }
}

function requestOf(inputs: Readonly<Record<string, readonly number[]>>): ModelInferRequest {
  const given = Object.entries(inputs);
  return {
    inputs: given.map(([name, { length }]) => ({ name, datatype: 'FP32', shape: [length] })),
    rawInputContents: given.map(([, values]) => raw(values)),
  };
}

function responseOf(outputs: Readonly<Record<string, readonly number[]>>): ModelInferResponse {
  const given = Object.entries(outputs);
  return {
    outputs: given.map(([name, { length }]) => ({ name, datatype: 'FP32', shape: [length] })),
    rawOutputContents: given.map(([, values]) => raw(values)),
  };
}

function raw(values: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}

function vectorsOf(
  tensors: readonly { readonly name: string }[],
  contents: readonly Buffer[],
): Record<string, number[]> {
  const entries = tensors.map(({ name }, at) => [
    name,
    [...new Float32Array(new Uint8Array(contents[at] ?? []).buffer)],
  ]);
  return Object.fromEntries(entries) as Record<string, number[]>;
}
