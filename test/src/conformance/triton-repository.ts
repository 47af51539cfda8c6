// A model repository as somebody who runs Triton has it: each feature of the protocol has a model here, each configuration is
// written as Triton's documentation writes it, and nothing in it is weft's.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeModel, type OnnxGraph } from '@weft/convert';
import { type Datatype, datatypes } from '@weft/tensor';
import { writeModel } from '../testing/author-models.ts';
import {
  accumulator,
  accumulatorWithId,
  addAndSubtract,
  addAndSubtractText,
  addConstant,
  controlsAsGiven,
  sameAgain,
} from './triton-graphs.ts';

/** Of a backend that weft has not. */
export const modelThatFails = 'unsupported';

const configTypes: Readonly<Partial<Record<Datatype, string>>> = { BYTES: 'TYPE_STRING' };
const configType = (datatype: Datatype): string => configTypes[datatype] ?? `TYPE_${datatype}`;

interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly dims: readonly number[];
  readonly more?: string;
}

const listed = (field: string, tensors: readonly Tensor[]): string =>
  `${field} [\n${tensors
    .map(
      ({ name, datatype, dims, more = '' }) =>
        `  {\n    name: "${name}"\n    data_type: ${configType(datatype)}\n    dims: [ ${dims.join(', ')} ]\n${more}  }`,
    )
    .join(',\n')}\n]\n`;

interface Written {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly maxBatchSize: number;
  readonly more?: string;
}

const onnx = ({ inputs, outputs, maxBatchSize, more = '' }: Written): string =>
  `platform: "onnxruntime_onnx"\nmax_batch_size: ${maxBatchSize}\n${listed('input', inputs)}${listed('output', outputs)}${more}`;

const pair = (datatype: Datatype) => ({
  inputs: ['INPUT0', 'INPUT1'].map((name) => ({ name, datatype, dims: [16] })),
  outputs: ['OUTPUT0', 'OUTPUT1'].map((name) => ({ name, datatype, dims: [16] })),
});

const control = (name: string, kind: string, form: string): string =>
  `    { name: "${name}" control [ { kind: ${kind} ${form} } ] }`;

const flags = 'int32_false_true: [ 0, 1 ]';
const floatFlags = 'fp32_false_true: [ 0, 1 ]';
const state = `  state [
    {
      input_name: "INPUT_STATE"
      output_name: "OUTPUT_STATE"
      data_type: TYPE_INT32
      dims: [ 1 ]
      initial_state: { name: "zero" data_type: TYPE_INT32 dims: [ 1 ] zero_data: true }
    }
  ]
`;

const integer = (name: string): Tensor => ({ name, datatype: 'INT32', dims: [1] });

/** What a configuration that no file stands behind needs: Triton wants a version's folder. */
async function writeConfigured(repository: string, name: string, config: string): Promise<void> {
  await mkdir(join(repository, name, '1'), { recursive: true });
  await writeFile(join(repository, name, 'config.pbtxt'), config);
}

export async function writeTritonRepository(repository: string): Promise<void> {
  const write = (name: string, graph: OnnxGraph, config?: string) =>
    writeModel(repository, name, { graph, ...(config === undefined ? {} : { config }) });
  await write('simple', addAndSubtract(), onnx({ ...pair('INT32'), maxBatchSize: 8 }));
  await write('simple_string', addAndSubtractText(), onnx({ ...pair('BYTES'), maxBatchSize: 8 }));
  await writeIdentities(repository);
  await write('completed', addAndSubtract());
  const batches = 'dynamic_batching {\n  preferred_batch_size: [ 4, 8 ]\n  max_queue_delay_microseconds: 2000\n}\n';
  await write('batching', addAndSubtract(), onnx({ ...pair('INT32'), maxBatchSize: 8, more: batches }));
  const cached = 'response_cache { enable: true }\n';
  await write('cached', addAndSubtract(), onnx({ ...pair('INT32'), maxBatchSize: 8, more: cached }));
  await write('togglable', addAndSubtract(), onnx({ ...pair('INT32'), maxBatchSize: 8 }));
  await writeVersions(repository);
  await writeClassifier(repository);
  await writeEnsembles(repository);
  await writeSequences(repository);
  await writeConfigured(repository, 'repeat_int32', repeat);
  await writeConfigured(repository, modelThatFails, 'backend: "python"\nmax_batch_size: 8\n');
}

const repeat = `backend: "repeat"
max_batch_size: 0
model_transaction_policy { decoupled: True }
${listed('input', [
  { name: 'IN', datatype: 'INT32', dims: [-1] },
  { name: 'DELAY', datatype: 'UINT32', dims: [-1] },
  { name: 'WAIT', datatype: 'UINT32', dims: [1] },
])}${listed('output', [
  { name: 'OUT', datatype: 'INT32', dims: [1] },
  { name: 'IDX', datatype: 'UINT32', dims: [1] },
])}instance_group [ { count: 1 kind: KIND_CPU } ]
`;

/** One of each datatype: identity_fp32 and so on; and Triton's simple_identity. */
async function writeIdentities(repository: string): Promise<void> {
  const of = (datatype: Datatype): Written => ({
    inputs: [{ name: 'INPUT0', datatype, dims: [-1] }],
    outputs: [{ name: 'OUTPUT0', datatype, dims: [-1] }],
    maxBatchSize: 8,
  });
  for (const datatype of [...(Object.keys(datatypes) as Datatype[]), 'BYTES' as const]) {
    if (datatype === 'BF16') continue;
    const graph = sameAgain(datatype, ['rows', -1]);
    await writeModel(repository, `identity_${datatype.toLowerCase()}`, { graph, config: onnx(of(datatype)) });
  }
  // What onnxruntime for Node cannot take, a backend can that hands everything through.
  for (const [name, datatype] of [
    ['identity_bf16', 'BF16'],
    ['identity_any_text', 'BYTES'],
  ] as const)
    await writeConfigured(
      repository,
      name,
      onnx(of(datatype)).replace('platform: "onnxruntime_onnx"', 'backend: "identity"'),
    );
  await writeModel(repository, 'simple_identity', {
    graph: sameAgain('BYTES', ['rows', -1]),
    config: onnx(of('BYTES')),
  });
}

/** Adds 1 in version 1 and 3 in version 3, both served. */
async function writeVersions(repository: string): Promise<void> {
  const tensor = (name: string): Tensor => ({ name, datatype: 'INT32', dims: [4] });
  const more = 'version_policy: { specific { versions: [ 1, 3 ] } }\n';
  const config = onnx({ inputs: [tensor('INPUT0')], outputs: [tensor('OUTPUT0')], maxBatchSize: 8, more });
  for (const version of [1, 2, 3])
    await writeModel(repository, 'versions', { graph: addConstant(version), version, config });
}

/** Its scores are what it is given; the label of the highest is what clients ask for. */
async function writeClassifier(repository: string): Promise<void> {
  const labelled: Tensor = { name: 'OUTPUT0', datatype: 'FP32', dims: [4], more: '    label_filename: "labels.txt"\n' };
  const inputs: Tensor[] = [{ name: 'INPUT0', datatype: 'FP32', dims: [4] }];
  const config = onnx({ inputs, outputs: [labelled], maxBatchSize: 8 });
  await writeModel(repository, 'classifier', { graph: sameAgain('FP32', ['rows', 4]), config });
  await writeFile(join(repository, 'classifier', 'labels.txt'), 'cat\ndog\nbird\nfish\n');
}

const step = (
  model: string,
  inputs: Readonly<Record<string, string>>,
  outputs: Readonly<Record<string, string>>,
): string =>
  `    {\n      model_name: "${model}"\n      model_version: -1\n${Object.entries(inputs)
    .map(([key, value]) => `      input_map { key: "${key}" value: "${value}" }\n`)
    .join('')}${Object.entries(outputs)
    .map(([key, value]) => `      output_map { key: "${key}" value: "${value}" }\n`)
    .join('')}    }`;

/** (a + b) + (a − b) and (a + b) − (a − b), that is 2a and 2b, by two steps of the same model. */
async function writeEnsembles(repository: string): Promise<void> {
  const steps = [
    step('simple', { INPUT0: 'INPUT0', INPUT1: 'INPUT1' }, { OUTPUT0: 'sum', OUTPUT1: 'difference' }),
    step('batching', { INPUT0: 'sum', INPUT1: 'difference' }, { OUTPUT0: 'OUTPUT0', OUTPUT1: 'OUTPUT1' }),
  ];
  const { inputs, outputs } = pair('INT32');
  const config = `platform: "ensemble"\nmax_batch_size: 8\n${listed('input', inputs)}${listed('output', outputs)}`;
  const scheduling = `ensemble_scheduling {\n  step [\n${steps.join(',\n')}\n  ]\n}\n`;
  await writeConfigured(repository, 'ensemble_add_sub', config + scheduling);
}

async function writeSequences(repository: string): Promise<void> {
  const start = control('START', 'CONTROL_SEQUENCE_START', flags);
  const end = control('END', 'CONTROL_SEQUENCE_END', flags);
  const id = control('CORRID', 'CONTROL_SEQUENCE_CORRID', 'data_type: TYPE_UINT64');
  const integers = { inputs: [integer('INPUT')], outputs: [integer('OUTPUT')], maxBatchSize: 8 };
  await writeModel(repository, 'simple_sequence', {
    graph: accumulator(),
    config: onnx({ ...integers, more: sequences('direct { }', [start], state) }),
  });
  await writeModel(repository, 'simple_dyna_sequence', {
    graph: accumulatorWithId(),
    config: onnx({ ...integers, more: sequences('oldest { max_candidate_sequences: 16 }', [start, end, id], state) }),
  });
  const controls = ['START', 'END', 'READY'].map((name) => control(name, `CONTROL_SEQUENCE_${name}`, floatFlags));
  await writeModel(repository, 'sequence_controls', {
    graph: controlsAsGiven(),
    config: onnx({
      inputs: [{ name: 'INPUT', datatype: 'FP32', dims: [1] }],
      outputs: [{ name: 'OUTPUT', datatype: 'FP32', dims: [4] }],
      maxBatchSize: 8,
      more: sequences('direct { }', controls),
    }),
  });
}

const sequences = (strategy: string, controls: readonly string[], more = ''): string =>
  `sequence_batching {\n  ${strategy}\n  max_sequence_idle_microseconds: 10000000\n  control_input [\n${controls.join(',\n')}\n  ]\n${more}}\n`;

/** A model file that a client sends along with a load: it adds 7. */
export async function writeFileToLoad(file: string): Promise<void> {
  await writeFile(file, encodeModel(addConstant(7)));
}
