// Loads one model version inside a worker: converts where the backend needs another format, opens the backend's models,
// makes the task, warms up. What it returns answers batches until it is unloaded.
import { streamInferPath } from '@weft/rpc/wire';
import { WeftError } from '@weft/errors';
import { systemClock } from '@weft/flow';
import type { BackendName } from '@weft/models';
import {
  completeConfig,
  isFileless,
  tensorsOfConfig,
  maxRows,
  positiveParameter,
  refuseUnknownParameters,
  schedulingOf,
  sequenceBatchingOf,
  weftParameter,
} from '@weft/models/config';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { RpcMethod } from '@weft/rpc/protos';
import type { TensorMap } from '@weft/tensor';
import type { Backend, BackendModel } from '../backend.ts';
import { type InferInterface, inferInterface } from '../infer/infer-interface.ts';
import { InstanceSequences } from '../infer/instance-sequences.ts';
import { zeroOf } from '../infer/optional-inputs.ts';
import { shownTensors } from '../infer/shown-tensors.ts';
import { type TaskMetrics, unmeasured } from '../metrics/task-metrics.ts';
import type { Task, TaskContext, TaskFactory, TensorInterface } from '../task.ts';
import { backendTuning } from './backend-tuning.ts';
import { checkFiles } from './check-files.ts';
import { emptyTensors } from './empty-tensors.ts';
import type { InstanceSpec, LoadedInstance } from './messages.ts';
import { readLabels } from './read-labels.ts';
import { readyModelFile } from './ready-model-file.ts';
import { warmUp } from './warm-up.ts';
import { readSamples, warmUpSamples } from './warm-up-samples.ts';

/** What a service's worker can run: its tasks by name, and backends, imported only when a model needs them. */
export interface WorkerCatalogue {
  readonly tasks: Readonly<Record<string, TaskFactory>>;
  readonly backends: Readonly<Partial<Record<BackendName, () => Promise<Backend>>>>;
}

export interface Instance {
  readonly spec: InstanceSpec;
  readonly task: Task | undefined;
  /** Of the task's methods, by their paths. */
  readonly codecs: ReadonlyMap<string, RpcMethod>;
  readonly tensors: TensorInterface;
  readonly target: InferInterface;
  /** Of outputs that can be classified, by their names. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** Of a model that batches sequences. */
  readonly sequences: InstanceSequences | undefined;
  readonly loaded: LoadedInstance;
  /** Milliseconds that backend models have run since the last call of this function. */
  takeInferMs(): number;
  unload(): Promise<void>;
}

export async function loadInstance(
  spec: InstanceSpec,
  catalogue: WorkerCatalogue,
  metrics: TaskMetrics = unmeasured,
): Promise<Instance> {
  await checkFiles(spec.artifact.checksums ?? []);
  const labels = readLabels(spec.artifact.labels ?? {});
  const backend = await openBackend(spec.artifact.backend, catalogue);
  const tuning = backendTuning(spec.config);
  const opened: BackendModel[] = [];
  let inferMs = 0;
  const open = async (file: string | undefined, what: string): Promise<BackendModel> => {
    if (file === undefined && !isFileless(spec.artifact.backend))
      throw new WeftError('INVALID_ARGUMENT', `the configuration names no ${what}`);
    const { providers, deviceId, threads } = spec;
    const model = await backend.load(await readyModelFile(file ?? '', spec.artifact.backend, spec.cacheDirectory), {
      providers,
      deviceId,
      threads,
      configured: tensorsOfConfig(spec.config),
      tuning,
    });
    opened.push(model);
    const { streamSlots } = model;
    const stream = model.stream?.bind(model);
    return {
      inputs: model.inputs,
      outputs: model.outputs,
      placement: model.placement,
      unload: () => model.unload(),
      ...(stream === undefined ? {} : { stream }),
      ...(streamSlots === undefined ? {} : { streamSlots }),
      run: async (feeds: TensorMap, outputNames?: readonly string[]) => {
        const started = performance.now();
        try {
          return await model.run(feeds, outputNames);
        } finally {
          inferMs += performance.now() - started;
        }
      },
    };
  };
  const openModel = (part?: string): Promise<BackendModel> =>
    part === undefined ? open(spec.artifact.model, 'model file') : open(spec.artifact.parts[part], `part '${part}'`);
  const unload = async (): Promise<void> => {
    for (const model of opened.splice(0)) await model.unload();
  };
  try {
    const task = await openTask(spec, catalogue, { openModel, metrics });
    const offered = task?.tensors ?? opened[0] ?? (await openModel());
    // Only the model tells how many rows it takes, where its configuration leaves that open.
    const config = completeConfig(spec.config, offered);
    const tensors = shownTensors(config, offered);
    const target = inferInterface(config, tensors);
    schedulingOf(config);
    const sequences = openSequences(spec, { config, tensors: offered, tasked: task !== undefined });
    const full = { ...target, inputs: [...target.inputs, ...(sequences?.inputs ?? [])] };
    const streams = streamsOf(spec, task, tensors);
    // What answers requests with streams has no run to measure.
    const measure = async (): Promise<LoadedInstance['warmup']> =>
      tensors.stream === undefined || !streams.decoupled ? warmUpTensors(full, tensors) : [];
    const made = new Map((sequences?.inputs ?? []).map((input) => [input.name, zeroOf(input.datatype)]));
    const sampled = { ...full, optional: new Map([...full.optional, ...made]) };
    const samples = readSamples(config, sampled, spec.artifact.warmup ?? {});
    const ofSamples = await warmUpSamples(samples, { target: sampled, tensors });
    const measured = await (task === undefined ? measure() : warmUpTask(task, maxRows(config)));
    const warmup = measured.length > 0 ? measured : ofSamples;
    const { inputs, outputs } = offered;
    const methods = task?.methods.map((method) => method.path) ?? [];
    const typedStreams = task?.streams?.map((method) => method.path) ?? [];
    const codecs = await warmCodecs([...methods, ...typedStreams]);
    const placement = opened[0]?.placement ?? { provider: 'cpu', fallbackReason: '' };
    const takeInferMs = (): number => {
      const taken = inferMs;
      inferMs = 0;
      return taken;
    };
    const { methods: streamMethods, slots: streamSlots } = streams;
    const loaded = { inputs, outputs, methods, streamMethods, streamSlots, placement, warmup };
    return {
      ...{ spec, task, codecs, tensors, target, labels, sequences, loaded, takeInferMs },
      unload() {
        sequences?.unload();
        return unload();
      },
    };
  } catch (thrown) {
    await unload();
    throw thrown;
  }
}

/** What it serves as streams, and how many of them at once. */
function streamsOf(
  { config }: InstanceSpec,
  task: Task | undefined,
  tensors: TensorInterface,
): { readonly decoupled: boolean; readonly methods: readonly string[]; readonly slots: number } {
  const decoupled = config.modelTransactionPolicy?.decoupled === true;
  const typed = task?.streams ?? [];
  const methods = [...typed.map(({ path }) => path), ...(decoupled ? [streamInferPath] : [])];
  const offered = [...typed.map(({ slots }) => slots), ...(decoupled ? [tensors.streamSlots ?? defaultSlots] : [])];
  const wanted = positiveParameter(config, 'stream_slots');
  // A slot is good for any of its methods.
  return {
    decoupled,
    methods,
    slots: methods.length === 0 ? 0 : Math.max(1, Math.floor(wanted ?? Math.min(...offered))),
  };
}

/** More than one, so that the next request is there when one is done; they run one after the other all the same. */
const defaultSlots = 8;

async function openBackend(name: BackendName, catalogue: WorkerCatalogue): Promise<Backend> {
  const open = catalogue.backends[name];
  if (open === undefined) throw new WeftError('INVALID_ARGUMENT', `this service has no backend '${name}'`);
  return open();
}

function openSequences(
  { model, artifact }: InstanceSpec,
  { config, tensors, tasked }: { config: ModelConfig__Output; tensors: TensorInterface; tasked: boolean },
): InstanceSequences | undefined {
  const batching = sequenceBatchingOf(config);
  if (batching === undefined) return undefined;
  if (tasked)
    throw new WeftError('INVALID_ARGUMENT', 'sequence_batching is for models without a task (parameter weft.task)');
  const batches = config.maxBatchSize > 0;
  return new InstanceSequences({ model, batching, tensors, batches, artifact, clock: systemClock });
}

async function openTask(
  spec: InstanceSpec,
  catalogue: WorkerCatalogue,
  { openModel, metrics }: Pick<TaskContext, 'openModel' | 'metrics'>,
): Promise<Task | undefined> {
  const name = weftParameter(spec.config, 'task');
  if (name === undefined) {
    refuseUnknownParameters(spec.config);
    return undefined;
  }
  const create = Object.hasOwn(catalogue.tasks, name) ? catalogue.tasks[name] : undefined;
  if (create === undefined) {
    const known = Object.keys(catalogue.tasks).join(', ');
    throw new WeftError('INVALID_ARGUMENT', `unknown task '${name}'; this service has ${known}`);
  }
  const read = new Set<string>();
  const task = await create({
    modelName: spec.model,
    modelVersion: spec.version,
    parameter(key) {
      read.add(key);
      return weftParameter(spec.config, key);
    },
    openModel,
    maxRows: (model) => maxRows(completeConfig(spec.config, model)),
    file(key) {
      const file = spec.artifact.files[key];
      if (file === undefined)
        throw new WeftError(
          'INVALID_ARGUMENT',
          `the configuration names no file '${key}' (parameter weft.file.${key})`,
        );
      return file;
    },
    limits: spec.limits,
    metrics,
  });
  refuseUnknownParameters(spec.config, read);
  return task;
}

/** Codecs are compiled at their first use: a tenth of a second that no request should wait for, nor a model without typed methods. */
async function warmCodecs(methods: readonly string[]): Promise<Map<string, RpcMethod>> {
  const codecs = new Map<string, RpcMethod>();
  if (methods.length === 0) return codecs;
  const { rpcMethod } = await import('@weft/rpc/protos');
  for (const path of methods) {
    const method = rpcMethod(path);
    method.decodeRequest(Buffer.alloc(0));
    method.encodeResponse({});
    codecs.set(path, method);
  }
  return codecs;
}

function warmUpTask(task: Task, rows: number): Promise<LoadedInstance['warmup']> {
  return warmUp({ run: (some) => task.warmup(some), maxRows: rows, nowMs: () => performance.now() });
}

/** With empty data, for a model whose shapes leave nothing open but the rows; for others nobody knows what is real. */
async function warmUpTensors(target: InferInterface, tensors: TensorInterface): Promise<LoadedInstance['warmup']> {
  const run = async (rows: number): Promise<unknown> => tensors.run(emptyTensors(target, rows) ?? {});
  if (target.ragged !== undefined || emptyTensors(target, 1) === undefined) return [];
  try {
    return await warmUp({ run, maxRows: Math.max(1, target.maxBatchSize), nowMs: () => performance.now() });
  } catch (thrown) {
    // Lengths that were only guessed may be refused.
    if (target.padding.inputs.size > 0) return [];
    throw thrown;
  }
}
