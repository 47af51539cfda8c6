// What a decoder's file says of itself, in the layout of Hugging Face's ONNX exports: which tensors it takes and gives, by their
// names. What this layout has no place for is refused with the reason, when the model is loaded.
import { invalidArgument } from '@weft/errors';
import type { BackendModel } from '@weft/runtime';
import type { Datatype, TensorSpec } from '@weft/tensor';
import type { CachePart } from './cache.ts';

export interface DecoderInterface {
  readonly cache: readonly CachePart[];
  /** Of `input_ids` and those beside it. */
  readonly integers: ReadonlyMap<IntegerInput, 'INT64' | 'INT32'>;
  readonly logits: 'FP32' | 'FP16';
}

/** Beside the cache. The last limits of how many tokens there are logits. */
const knownInputs = ['input_ids', 'attention_mask', 'position_ids', 'num_logits_to_keep'] as const;
export type IntegerInput = (typeof knownInputs)[number];

const neededInputs = ['input_ids', 'attention_mask'];
const pastPrefix = 'past_key_values.';

/** Throws INVALID_ARGUMENT for a model of another layout. */
export function readDecoderInterface({ inputs, outputs }: Pick<BackendModel, 'inputs' | 'outputs'>): DecoderInterface {
  if (inputs.some(({ name }) => name === 'use_cache_branch'))
    throw refused(
      "is a merged export with 'use_cache_branch', whose two branches cannot share a batch: export it without merging",
    );
  const cache = inputs.filter(({ name }) => name.startsWith(pastPrefix)).map((input) => cachePart(input, outputs));
  if (cache.length === 0)
    throw refused(`has no inputs '${pastPrefix}…': export it with its cache (text-generation-with-past)`);
  const others = inputs.filter(({ name }) => !name.startsWith(pastPrefix));
  const strange = others.find(({ name }) => !isKnown(name));
  if (strange !== undefined) throw refused(`has an input '${strange.name}', which text generation has nothing for`);
  const missing = neededInputs.find((name) => !others.some((input) => input.name === name));
  if (missing !== undefined) throw refused(`has no input '${missing}'`);
  const logits = outputs.find(({ name }) => name === 'logits');
  if (logits === undefined) throw refused("has no output 'logits'");
  return {
    cache,
    integers: new Map(
      others.map(({ name, datatype }) => [name as IntegerInput, oneOf(name, datatype, ['INT64', 'INT32'])]),
    ),
    logits: oneOf('logits', logits.datatype, ['FP32', 'FP16']),
  };
}

function isKnown(name: string): name is IntegerInput {
  return knownInputs.some((known) => known === name);
}

function cachePart({ name, datatype, shape }: TensorSpec, outputs: readonly TensorSpec[]): CachePart {
  const [rows, heads = -1, columns, width = -1] = shape;
  if (shape.length !== 4 || rows !== -1 || columns !== -1 || heads < 1 || width < 1)
    throw refused(`has a cache '${name}' of shape [${shape.join(',')}]: expected [-1,heads,-1,width]`);
  const output = `present.${name.slice(pastPrefix.length)}`;
  if (!outputs.some((one) => one.name === output && one.datatype === datatype))
    throw refused(`has no output '${output}' to its input '${name}'`);
  return { input: name, output, datatype: oneOf(name, datatype, ['FP32', 'FP16']), heads, width };
}

function oneOf<const T extends Datatype>(name: string, datatype: Datatype, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === datatype);
  if (found === undefined) throw refused(`has '${name}' of datatype ${datatype}: expected ${allowed.join(' or ')}`);
  return found;
}

function refused(reason: string): Error {
  return invalidArgument(`text generation: the model ${reason}`);
}
