// Inference requests whose parameters, models or versions are not to be taken: reserved, of wrong types, unknown, leading elsewhere.
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { InferParameter } from '@weft/rpc/messages/inference/InferParameter';
import { inferFloats } from '../testing/infer-request.ts';
import { repeatRequest } from '../testing/repeat-model.ts';
import { goodRequests } from './hostile-mesh.ts';
import type { InferCases } from './hostile-tensors.ts';

const invalid = (text: string): string => `INVALID_ARGUMENT ${text}`;
const rows = goodRequests['rows'] as ModelInferRequest;
const withParameters = (parameters: Readonly<Record<string, InferParameter>>): ModelInferRequest => ({
  ...rows,
  parameters,
});
const sequence = (parameters: Readonly<Record<string, InferParameter>>): ModelInferRequest => ({
  ...inferFloats('sequence', [1], { shape: [1, 1] }),
  parameters,
});
const started = { sequence_start: { boolParam: true } };
const onInput = (parameters: Readonly<Record<string, InferParameter>>): ModelInferRequest => ({
  ...rows,
  inputs: (rows.inputs ?? []).map((input) => ({ ...input, parameters })),
});
const onOutput = (parameters: Readonly<Record<string, InferParameter>>): ModelInferRequest => ({
  ...rows,
  outputs: [{ name: 'y', parameters }],
});
const wrongType = (name: string, expected: string): string =>
  invalid(`invalid value type for '${name}' parameter, expected ${expected}.`);
const noSharedMemory = (what: string): string =>
  invalid(
    `an ${what} lies in shared memory, which is not offered here: a service may offer it to clients on its own host (--system-shared-memory)`,
  );
const classification = invalid("output parameter 'classification' must be an int64_param that is not negative");

const parameters: InferCases = {
  'a reserved parameter': [
    withParameters({ triton_secret: { boolParam: true } }),
    invalid("parameter 'triton_secret' is reserved"),
  ],
  'a reserved parameter without more of a name': [
    withParameters({ triton_: { stringParam: '' } }),
    invalid("parameter 'triton_' is reserved"),
  ],
  'the answer of a stream as a parameter': [
    withParameters({ triton_final_response: { boolParam: true } }),
    invalid("parameter 'triton_final_response' is reserved"),
  ],
  'a priority that is text': [
    withParameters({ priority: { stringParam: '1' } }),
    wrongType('priority', 'int64_param or uint64_param'),
  ],
  'a priority that is a truth': [
    withParameters({ priority: { boolParam: true } }),
    wrongType('priority', 'int64_param or uint64_param'),
  ],
  'a priority that is a fraction': [
    withParameters({ priority: { doubleParam: 1 } }),
    wrongType('priority', 'int64_param or uint64_param'),
  ],
  'a priority without a value': [
    withParameters({ priority: {} }),
    wrongType('priority', 'int64_param or uint64_param'),
  ],
  'a timeout that is text': [withParameters({ timeout: { stringParam: '1' } }), wrongType('timeout', 'int64_param')],
  'a timeout that is a fraction': [
    withParameters({ timeout: { doubleParam: 0.5 } }),
    wrongType('timeout', 'int64_param'),
  ],
  'a sequence of a truth': [
    sequence({ sequence_id: { boolParam: true }, ...started }),
    wrongType('sequence_id', 'int64_param or string_param'),
  ],
  'a sequence of a fraction': [
    sequence({ sequence_id: { doubleParam: 7 }, ...started }),
    wrongType('sequence_id', 'int64_param or string_param'),
  ],
  'a sequence of 129 characters': [
    sequence({ sequence_id: { stringParam: 'x'.repeat(129) }, ...started }),
    invalid('sequence_id must have at most 128 characters, got 129'),
  ],
  'a sequence of a megabyte': [
    sequence({ sequence_id: { stringParam: 'x'.repeat(1_000_000) }, ...started }),
    invalid('sequence_id must have at most 128 characters, got 1000000'),
  ],
  'no sequence': [
    sequence({}),
    /^INVALID_ARGUMENT inference request to model 'sequence' must specify a non-zero or non-empty correlation ID$/,
  ],
  'the sequence 0': [sequence({ sequence_id: { int64Param: 0 }, ...started }), /^INVALID_ARGUMENT .*correlation ID/],
  'a sequence that nobody began': [
    sequence({ sequence_id: { stringParam: 'nobody began' } }),
    invalid(
      "inference request for sequence nobody began to model 'sequence' must specify the START flag on the first request of the sequence",
    ),
  ],
  'a sequence of the largest number that nobody began': [
    sequence({ sequence_id: { uint64Param: '18446744073709551615' } }),
    invalid(
      "inference request for sequence 18446744073709551615 to model 'sequence' must specify the START flag on the first request of the sequence",
    ),
  ],
  'a START that is a number': [
    sequence({ sequence_id: { int64Param: 5 }, sequence_start: { int64Param: 1 } }),
    wrongType('sequence_start', 'bool_param'),
  ],
  'an END that is text': [
    sequence({ sequence_id: { int64Param: 5 }, sequence_end: { stringParam: 'true' } }),
    wrongType('sequence_end', 'bool_param'),
  ],
  'two rows in a sequence': [
    {
      ...inferFloats('sequence', [1, 2], { shape: [2, 1] }),
      parameters: { sequence_id: { int64Param: 5 }, ...started },
    },
    invalid("inference request to model 'sequence' must specify batch-size 1 due to requirements of sequence batcher"),
  ],
  'an input in shared memory': [
    onInput({ shared_memory_region: { stringParam: '/etc/passwd' } }),
    noSharedMemory('input'),
  ],
  'an input in shared memory of another type': [
    onInput({ shared_memory_byte_size: { doubleParam: 1 } }),
    noSharedMemory('input'),
  ],
  'an output in shared memory': [
    onOutput({ shared_memory_region: { stringParam: '../../dev/mem' } }),
    noSharedMemory('output'),
  ],
  'classes as text': [onOutput({ classification: { stringParam: '3' } }), classification],
  'a negative number of classes': [onOutput({ classification: { int64Param: -1 } }), classification],
  'the least number of classes': [onOutput({ classification: { int64Param: '-9223372036854775808' } }), classification],
  'a decoupled model in a unary call': [repeatRequest([1]), /^UNIMPLEMENTED .*decoupled/],
};

const models: InferCases = {
  'no model': [{ ...rows, modelName: '' }, invalid('Model name cannot be empty')],
  'a model of a hundred thousand letters': [
    { ...rows, modelName: 'm'.repeat(100_000) },
    /^NOT_FOUND Request for unknown model: 'm{1000}/,
  ],
  'a model of a hundred thousand Chinese letters': [
    { ...rows, modelName: '馬'.repeat(100_000) },
    /^NOT_FOUND Request for unknown model: '馬{500}/,
  ],
  'a model of a hundred thousand horses': [
    { ...rows, modelName: `a${'🐎'.repeat(100_000)}` },
    /^NOT_FOUND Request for unknown model: 'a(🐎){100}/,
  ],
  'a model with line ends': [
    { ...rows, modelName: 'a\r\nb: c' },
    "NOT_FOUND Request for unknown model: 'a\r\nb: c' is not found",
  ],
  'a model with a percent sign': [
    { ...rows, modelName: '%00%zz' },
    "NOT_FOUND Request for unknown model: '%00%zz' is not found",
  ],
  ...Object.fromEntries(
    [
      'abc',
      '-1',
      '0',
      '01',
      '1.0',
      '1 ',
      ' 1',
      '99999999999999999999',
      '18446744073709551617',
      '__proto__',
      '1\0',
      '../1',
      '१',
    ].map((modelVersion) => [
      `the version '${modelVersion.replace('\0', '\\0')}'`,
      [{ ...rows, modelVersion }, `NOT_FOUND Request for unknown model: 'rows' version ${modelVersion} is not found`],
    ]),
  ),
  'a version of a hundred thousand digits': [
    { ...rows, modelVersion: '1'.repeat(100_000) },
    /^NOT_FOUND Request for unknown model: 'rows' version 1{1000}/,
  ],
};

export const parameterCases: Readonly<Record<string, InferCases>> = { parameters, 'models and versions': models };
