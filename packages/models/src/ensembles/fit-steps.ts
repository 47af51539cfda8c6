// Whether an ensemble fits the models that its steps name, by the configurations that their replicas report: every name in a map
// is a tensor of the model, what the model needs is wired, and all that meet in one tensor agree on its datatype, rank and sizes.
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { datatypeOf } from '../complete-config.ts';
import type { Ensemble, EnsembleStep, Wire } from './read-ensemble.ts';

/** Who says what of a tensor. */
interface Claim {
  readonly by: string;
  readonly datatype: string;
  /** With the batch before it, where there is one; undefined when the model's runtime does not know. */
  readonly shape: readonly number[] | undefined;
}

/** `configs`: that of each step's model. Returns what does not fit; undefined when all does. */
export function misfit(ensemble: Ensemble, configs: readonly ModelConfig__Output[]): string | undefined {
  const claims = new Map<string, Claim>();
  for (const { name, datatype, shape } of [...ensemble.inputs, ...ensemble.outputs])
    claims.set(name, { by: `ensemble '${ensemble.model}'`, datatype, shape });
  for (const [index, step] of ensemble.steps.entries()) {
    const config = configs[index] as ModelConfig__Output;
    const reason = unsuited(ensemble, step, config) ?? meet(claims, step, config);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function unsuited(
  { model, maxBatchSize, optional }: Ensemble,
  step: EnsembleStep,
  config: ModelConfig__Output,
): string | undefined {
  if (config.modelTransactionPolicy?.decoupled === true)
    return `${step.title} is decoupled: an ensemble of weft takes models with one response to a request`;
  if (config.maxBatchSize < maxBatchSize)
    return `ensemble '${model}' allows maximum batch size ${maxBatchSize}, but ${step.title} allows ${config.maxBatchSize}`;
  const wired = new Map(step.inputs.map(({ name, tensor }) => [name, tensor]));
  for (const input of config.input) {
    if (input.optional) continue;
    const tensor = wired.get(input.name);
    if (tensor === undefined) return `${step.title} needs the input '${input.name}', which its input_map does not name`;
    if (optional.has(tensor)) return `${step.title} needs the input '${input.name}', but '${tensor}' may be left out`;
  }
  return (
    unknownName(step, 'input', { wires: step.inputs, known: config.input }) ??
    unknownName(step, 'output', { wires: step.outputs, known: config.output })
  );
}

function unknownName(
  { title }: EnsembleStep,
  kind: 'input' | 'output',
  { wires, known }: { readonly wires: readonly Wire[]; readonly known: readonly { readonly name: string }[] },
): string | undefined {
  const unknown = wires.find(({ name }) => !known.some((tensor) => tensor.name === name));
  if (unknown === undefined) return undefined;
  const names = known.map(({ name }) => `'${name}'`).join(', ');
  return `${title} has no ${kind} '${unknown.name}', which its ${kind}_map names; it has ${names}`;
}

function meet(claims: Map<string, Claim>, step: EnsembleStep, config: ModelConfig__Output): string | undefined {
  const wires = [
    ...step.inputs.map((wire) => [wire, config.input] as const),
    ...step.outputs.map((wire) => [wire, config.output] as const),
  ];
  for (const [{ name, tensor }, known] of wires) {
    const described = known.find((one) => one.name === name);
    if (described === undefined) continue;
    const claim = {
      by: step.title,
      datatype: datatypeOf(described.dataType),
      shape: shapeOf(described.dims, config.maxBatchSize > 0),
    };
    const before = claims.get(tensor);
    if (before === undefined) {
      claims.set(tensor, claim);
      continue;
    }
    if (before.datatype !== claim.datatype)
      return `tensor '${tensor}' is ${before.datatype} for ${before.by} and ${claim.datatype} for ${claim.by}`;
    if (!shapesFit(before.shape, claim.shape))
      return `tensor '${tensor}' is [${before.shape?.join(',')}] for ${before.by} and [${claim.shape?.join(',')}] for ${claim.by}`;
    claims.set(tensor, narrower(before, claim));
  }
  return undefined;
}

/** Some runtimes know no shapes: they report none. */
function shapeOf(dims: readonly number[], batches: boolean): readonly number[] | undefined {
  if (dims.length === 0) return undefined;
  return batches ? [-1, ...dims] : dims;
}

function shapesFit(a: Claim['shape'], b: Claim['shape']): boolean {
  if (a === undefined || b === undefined) return true;
  return a.length === b.length && a.every((size, index) => size === b[index] || size === -1 || b[index] === -1);
}

/** What both leave: those who come later must fit them all. */
function narrower(before: Claim, claim: Claim): Claim {
  if (claim.shape === undefined || before.shape === undefined) return before.shape === undefined ? claim : before;
  const shape = before.shape.map((size, index) => (size === -1 ? (claim.shape?.[index] ?? -1) : size));
  return shape.some((size, index) => size !== before.shape?.[index]) ? { ...claim, shape } : before;
}
