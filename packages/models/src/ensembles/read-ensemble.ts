// An ensemble, Triton's way to make one model of several: steps that are models themselves, wired by names. What one step writes
// into a tensor of the ensemble, others read. Here it is read from its configuration and checked as far as that goes by itself;
// fit-steps.ts compares it with the models that its steps name.
import { invalidArgument } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { isDatatype, type TensorSpec } from '@weft/tensor';
import { datatypeOf } from '../complete-config.ts';

/** A tensor of the step's model, by its own name, and the ensemble's tensor that it is. */
export interface Wire {
  readonly name: string;
  readonly tensor: string;
}

export interface EnsembleStep {
  /** `step 1 'tokenize'`: for messages. */
  readonly title: string;
  readonly model: string;
  /** Empty: whichever serves who names none. */
  readonly version: string;
  readonly inputs: readonly Wire[];
  readonly outputs: readonly Wire[];
}

/** Every tensor that is read is written, once; no step waits for itself. Steps are in the order of the configuration. */
export interface Ensemble {
  readonly model: string;
  /** 0: it does not batch. */
  readonly maxBatchSize: number;
  /** Shapes begin with −1 when it batches. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Inputs that may be left out. */
  readonly optional: ReadonlySet<string>;
  readonly steps: readonly EnsembleStep[];
}

const platform = 'ensemble';

/** Whether a configuration is meant to be one of an ensemble: such a model has no file. */
export function isEnsemble(config: Pick<ModelConfig__Output, 'platform' | 'schedulingChoice'>): boolean {
  return config.platform === platform || config.schedulingChoice === 'ensembleScheduling';
}

/** Throws INVALID_ARGUMENT with what is wrong. */
export function readEnsemble(config: ModelConfig__Output): Ensemble {
  const { name: model, maxBatchSize, input, output } = config;
  refuseSettings(config);
  const steps = (config.ensembleScheduling?.step ?? []).map(readStep);
  if (steps.length === 0) throw invalidArgument(`must specify 'step' for ensemble '${model}'`);
  const itself = steps.find((step) => step.model === model);
  if (itself !== undefined) throw invalidArgument(`${itself.title} of ensemble '${model}' is the ensemble itself`);
  const ensemble: Ensemble = {
    model,
    maxBatchSize,
    inputs: specsOf('input', config, input),
    outputs: specsOf('output', config, output),
    optional: new Set(input.filter(({ optional }) => optional).map(({ name }) => name)),
    steps,
  };
  checkWiring(ensemble);
  return ensemble;
}

function refuseSettings({
  name,
  platform: given,
  schedulingChoice,
  instanceGroup,
  modelWarmup,
}: ModelConfig__Output): void {
  if (given !== platform)
    throw invalidArgument(`ensemble scheduling cannot be set for model '${name}' whose platform is not ${platform}`);
  if (schedulingChoice !== 'ensembleScheduling')
    throw invalidArgument(`ensemble scheduling must be set for ensemble '${name}' whose platform is ${platform}`);
  if (instanceGroup.length > 0) throw invalidArgument(`instance group should not be specified for ensemble '${name}'`);
  if (modelWarmup.length > 0) throw invalidArgument(`model_warmup should not be specified for ensemble '${name}'`);
}

type ConfiguredStep = NonNullable<ModelConfig__Output['ensembleScheduling']>['step'][number];

function readStep({ modelName, modelVersion, inputMap, outputMap }: ConfiguredStep, index: number): EnsembleStep {
  const title = `step ${index + 1} '${modelName}'`;
  if (modelName === '') throw invalidArgument(`must specify 'model_name' in step ${index + 1}`);
  // Absent is 0, and Triton's own word for the newest −1.
  if (modelVersion < -1) throw invalidArgument(`${title}: model_version is ${modelVersion}; -1 means the newest`);
  const inputs = wiresOf(inputMap);
  const outputs = wiresOf(outputMap);
  if (inputs.length === 0) throw invalidArgument(`must specify 'input_map' in ${title}`);
  if (outputs.length === 0) throw invalidArgument(`must specify 'output_map' in ${title}`);
  const loose = [...inputs, ...outputs].find((wire) => wire.name === '' || wire.tensor === '');
  if (loose !== undefined)
    throw invalidArgument(`${title} maps '${loose.name}' to '${loose.tensor}': both must be named`);
  return { title, model: modelName, version: modelVersion > 0 ? String(modelVersion) : '', inputs, outputs };
}

function wiresOf(map: Readonly<Record<string, string>>): Wire[] {
  return Object.entries(map).map(([name, tensor]) => ({ name, tensor }));
}

function specsOf(
  kind: 'input' | 'output',
  { name: model, maxBatchSize }: ModelConfig__Output,
  tensors: ModelConfig__Output['input'] | ModelConfig__Output['output'],
): TensorSpec[] {
  if (tensors.length === 0) throw invalidArgument(`must specify '${kind}' for ensemble '${model}'`);
  return tensors.map(({ name, dataType, dims }, index) => {
    const datatype = datatypeOf(dataType);
    if (!isDatatype(datatype)) throw invalidArgument(`${kind} '${name}' of ensemble '${model}' has no datatype`);
    if (tensors.findIndex((other) => other.name === name) !== index)
      throw invalidArgument(`${kind} '${name}' of ensemble '${model}' is there twice`);
    return { name, datatype, shape: maxBatchSize > 0 ? [-1, ...dims] : dims };
  });
}

function checkWiring({ model, inputs, outputs, steps }: Ensemble): void {
  const writers = new Map(inputs.map(({ name }) => [name, `input '${name}'`]));
  for (const { title, outputs: wires } of steps) {
    for (const { tensor } of wires) {
      const other = writers.get(tensor);
      if (other !== undefined)
        throw invalidArgument(`tensor '${tensor}' of ensemble '${model}' is written twice: by ${other} and ${title}`);
      writers.set(tensor, title);
    }
  }
  const read = new Set<string>();
  for (const { title, inputs: wires } of steps) {
    for (const { tensor } of wires) {
      if (!writers.has(tensor))
        throw invalidArgument(`tensor '${tensor}' of ensemble '${model}', which ${title} reads, is not written`);
      read.add(tensor);
    }
  }
  for (const { name } of outputs) {
    if (!writers.has(name)) throw invalidArgument(`output '${name}' of ensemble '${model}' is written by no step`);
    if (inputs.some((input) => input.name === name))
      throw invalidArgument(`output '${name}' of ensemble '${model}' is one of its inputs`);
    read.add(name);
  }
  for (const [tensor, writer] of writers)
    if (!read.has(tensor))
      throw invalidArgument(`tensor '${tensor}' of ensemble '${model}' is unused: only ${writer} has it`);
  refuseCircles(model, inputs, steps);
}

/** Steps are taken as soon as all they read is there; what is left then waits for itself. */
function refuseCircles(model: string, inputs: readonly TensorSpec[], steps: readonly EnsembleStep[]): void {
  const there = new Set(inputs.map(({ name }) => name));
  let left = steps;
  for (;;) {
    const waiting = left.filter((step) => step.inputs.some(({ tensor }) => !there.has(tensor)));
    if (waiting.length === 0) return;
    if (waiting.length === left.length)
      throw invalidArgument(`ensemble '${model}' goes in a circle: ${waiting.map(({ title }) => title).join(', ')}`);
    for (const step of left) if (!waiting.includes(step)) for (const { tensor } of step.outputs) there.add(tensor);
    left = waiting;
  }
}
