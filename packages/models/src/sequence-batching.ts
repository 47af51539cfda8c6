// What a model's configuration says about sequences: Triton's `sequence_batching`. Read and checked once, so that neither who
// schedules nor who makes the tensors need know how it is spelt.
import { invalidArgument } from '@weft/errors';
import type { SequenceSettings, SequenceStrategy } from '@weft/flow';
import type { DataType__Output } from '@weft/rpc/messages/inference/DataType';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { ModelSequenceBatching__Output } from '@weft/rpc/messages/inference/ModelSequenceBatching';
import { type Datatype, isDatatype } from '@weft/tensor';
import { leavesBatchingOpen } from './complete-config.ts';

export type SequenceFlag = 'start' | 'ready' | 'end';

/** A tensor that the server makes for each request: one of its flags as one of two values, or the sequence's id. */
export type SequenceControl =
  | {
      readonly name: string;
      readonly kind: SequenceFlag;
      readonly datatype: 'INT32' | 'FP32' | 'BOOL';
      /** For false and true. */
      readonly values: readonly [number, number];
    }
  | { readonly name: string; readonly kind: 'id'; readonly datatype: Datatype };

/** What the model gives with one request of a sequence and gets with the next. */
export interface SequenceState {
  readonly input: string;
  readonly output: string;
  readonly datatype: Datatype;
  /** Without the rows; −1 stands for any size. */
  readonly dims: readonly number[];
  /** What the first request gets: of these dimensions, zeros without a file. */
  readonly initial: { readonly dims: readonly number[]; readonly file: string | undefined };
}

export interface SequenceBatching extends Omit<SequenceSettings, 'maxBytes'> {
  readonly controls: readonly SequenceControl[];
  readonly states: readonly SequenceState[];
}

/** Triton's. */
const defaultIdleMs = 1000;

/** Undefined for a model that does not batch sequences. Throws INVALID_ARGUMENT naming the setting that cannot be meant. */
export function sequenceBatchingOf(config: ModelConfig__Output): SequenceBatching | undefined {
  const batching = config.sequenceBatching ?? undefined;
  if (batching === undefined) return undefined;
  if (batching.iterativeSequence) throw refused('iterative_sequence', 'is not supported');
  const maxRows = Math.max(1, config.maxBatchSize);
  const controls = batching.controlInput.map(controlOf);
  const states = batching.state.map(stateOf);
  const names = [...controls.map(({ name }) => name), ...states.map(({ input }) => input)];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refused('control_input', `and state name the input '${twice}' twice`);
  const listed = config.input.find(({ name }) => names.includes(name));
  if (listed !== undefined)
    throw refused('control_input', `and state must not name '${listed.name}', which clients give as an input`);
  // A configuration that leaves the size to the model is checked again once it is completed.
  const strategy = strategyOf(batching, leavesBatchingOpen(config) ? Number.POSITIVE_INFINITY : maxRows);
  const candidates = batching.oldest?.maxCandidateSequences ?? 0;
  return {
    strategy,
    slots: strategy.kind === 'oldest' && candidates > 0 ? candidates : maxRows,
    maxRows,
    idleMs: Number(batching.maxSequenceIdleMicroseconds) / 1000 || defaultIdleMs,
    controls,
    states,
  };
}

function strategyOf({ direct, oldest }: ModelSequenceBatching__Output, maxRows: number): SequenceStrategy {
  if (oldest != null) {
    const wrong = oldest.preferredBatchSize.find((rows) => rows < 1 || rows > maxRows);
    if (wrong !== undefined) throw refused('oldest.preferred_batch_size', `expected 1 to ${maxRows}, got ${wrong}`);
    if (oldest.maxCandidateSequences < 0)
      throw refused('oldest.max_candidate_sequences', `expected a number above 0, got ${oldest.maxCandidateSequences}`);
    const queueDelayMs = Number(oldest.maxQueueDelayMicroseconds) / 1000;
    return { kind: 'oldest', queueDelayMs, preferredRows: oldest.preferredBatchSize };
  }
  const leastUtilization = direct?.minimumSlotUtilization ?? 0;
  if (!(leastUtilization >= 0 && leastUtilization <= 1))
    throw refused('direct.minimum_slot_utilization', `expected 0 to 1, got ${leastUtilization}`);
  return { kind: 'direct', queueDelayMs: Number(direct?.maxQueueDelayMicroseconds ?? 0) / 1000, leastUtilization };
}

type ControlInput = ModelSequenceBatching__Output['controlInput'][number];

const flags = {
  CONTROL_SEQUENCE_START: 'start',
  CONTROL_SEQUENCE_READY: 'ready',
  CONTROL_SEQUENCE_END: 'end',
} as const;
const idDatatypes: readonly string[] = ['UINT64', 'INT64', 'UINT32', 'INT32', 'BYTES'];

function controlOf({ name, control: controls }: ControlInput): SequenceControl {
  const [control, ...others] = controls;
  if (name === '') throw refused('control_input', 'needs a name');
  if (control === undefined || others.length > 0) throw refused(`control_input '${name}'`, 'needs one control');
  const { kind, dataType, int32FalseTrue, fp32FalseTrue, boolFalseTrue } = control;
  if (kind === 'CONTROL_SEQUENCE_CORRID') {
    const datatype = datatypeFor(`control_input '${name}'`, dataType);
    if (!idDatatypes.includes(datatype))
      throw refused(`control_input '${name}'`, `cannot have ${dataType}: an id is ${idDatatypes.join(', ')}`);
    return { name, kind: 'id', datatype };
  }
  const forms = [
    { datatype: 'INT32' as const, values: int32FalseTrue },
    { datatype: 'FP32' as const, values: fp32FalseTrue },
    { datatype: 'BOOL' as const, values: boolFalseTrue.map(Number) },
  ].filter(({ values }) => values.length > 0);
  const [form] = forms;
  if (form === undefined || forms.length > 1 || form.values.length !== 2)
    throw refused(`control_input '${name}'`, 'needs two values, for false and true, in one of its forms');
  return { name, kind: flags[kind], datatype: form.datatype, values: form.values as [number, number] };
}

function stateOf({
  inputName,
  outputName,
  dataType,
  dims,
  initialState,
}: ModelSequenceBatching__Output['state'][number]): SequenceState {
  const where = `state '${inputName}'`;
  if (inputName === '' || outputName === '') throw refused('state', 'needs input_name and output_name');
  const datatype = datatypeFor(where, dataType);
  const own = dims.map(Number);
  const [initial, ...others] = initialState;
  if (others.length > 0) throw refused(where, 'has several initial states');
  const file = initial?.stateData === 'dataFile' ? initial.dataFile : undefined;
  if (initial !== undefined && datatypeFor(where, initial.dataType) !== datatype)
    throw refused(where, `is ${dataType}, but its initial_state ${initial.dataType}`);
  const initialDims = (initial === undefined ? own : initial.dims.map(Number)).map((size) => (size === -1 ? 1 : size));
  const fits =
    initialDims.length === own.length && own.every((size, axis) => size === -1 || size === initialDims[axis]);
  if (!fits) throw refused(where, `has the dims [${own.join(',')}], but its initial_state [${initialDims.join(',')}]`);
  return { input: inputName, output: outputName, datatype, dims: own, initial: { dims: initialDims, file } };
}

function datatypeFor(where: string, dataType: DataType__Output): Datatype {
  const name = dataType === 'TYPE_STRING' ? 'BYTES' : dataType.replace('TYPE_', '');
  if (!isDatatype(name)) throw refused(where, `needs a data_type, got ${dataType}`);
  return name;
}

function refused(setting: string, why: string): Error {
  return invalidArgument(`sequence_batching.${setting}: ${why}`);
}
