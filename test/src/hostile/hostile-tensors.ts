// Inference requests whose tensors are not what they say or not what the model takes: datatypes, shapes, sizes, both forms of
// elements, texts and their lengths.
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { InferTensorContents } from '@weft/rpc/messages/inference/InferTensorContents';
import { pair } from './hostile-mesh.ts';

/** Request, or its bytes; code and text of the answer. */
export type InferCase = readonly [ModelInferRequest | Buffer, string | RegExp];
export type InferCases = Readonly<Record<string, InferCase>>;

export const invalid = (text: string): string => `INVALID_ARGUMENT ${text}`;
const sixteen = Buffer.alloc(64);
export const rows = (shape: readonly (number | string)[], raw = sixteen): ModelInferRequest => ({
  modelName: 'rows',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [...shape] }],
  rawInputContents: [raw],
});
const plain = (shape: readonly (number | string)[], raw = Buffer.alloc(0)): ModelInferRequest => ({
  ...rows(shape, raw),
  modelName: 'plain',
});
const vector = (
  datatype: string,
  contents: InferTensorContents,
  modelName = datatype.toLowerCase(),
): ModelInferRequest => ({
  modelName,
  inputs: [{ name: 'x', datatype, shape: [2], contents }],
});
const texts = (raw: Buffer, shape: readonly number[] = [2]): ModelInferRequest => ({
  modelName: 'texts',
  inputs: [{ name: 'x', datatype: 'BYTES', shape: [...shape] }],
  rawInputContents: [raw],
});
const framed = (...words: readonly (number | string)[]): Buffer =>
  Buffer.concat(
    words.map((word) => (typeof word === 'string' ? Buffer.from(word) : Buffer.from(Uint32Array.of(word).buffer))),
  );
const shapes: InferCases = {
  'the size -1': [rows([-1, 16]), invalid("input 'x' has a negative size in its shape [-1,16]")],
  'the size -1 in a free dimension': [plain([-1, 1]), invalid("input 'x' has a negative size in its shape [-1,1]")],
  'the least of all sizes': [
    rows(['-9223372036854775808', 16]),
    /^INVALID_ARGUMENT input 'x' has a negative size in its shape \[-9\d+,16\]$/,
  ],
  'the largest of all sizes': [
    rows(['9223372036854775807', 16]),
    /^INVALID_ARGUMENT input 'x' has too large a shape \[9\d+,16\]$/,
  ],
  'sizes whose product is beyond 64 bits': [
    plain([4294967296, 4294967296]),
    invalid("input 'x' has too large a shape [4294967296,4294967296]"),
  ],
  'sizes whose product wraps to 0': [plain(['4611686018427387904', 4]), /^INVALID_ARGUMENT input 'x' has .* shape/],
  'sizes whose product is beyond 53 bits': [
    plain([2 ** 52, 4]),
    invalid("input 'x' has too large a shape [4503599627370496,4]"),
  ],
  'a huge size beside 0': [plain([2 ** 52, 0]), invalid("inference request batch-size must be <= 32 for 'plain'")],
  'a trillion rows of nothing': [
    plain([2 ** 40, 0]),
    invalid("inference request batch-size must be <= 32 for 'plain'"),
  ],
  'more bytes than there are': [
    plain([1000000, 1000000]),
    invalid("input byte size mismatch for input 'x' for model 'plain'. Expected 4000000000000, got 0"),
  ],
  'no dimension': [
    rows([], Buffer.alloc(4)),
    invalid("unexpected shape for input 'x' for model 'rows'. Expected [-1,16], got []"),
  ],
  'one dimension': [rows([16]), invalid("unexpected shape for input 'x' for model 'rows'. Expected [-1,16], got [16]")],
  'three dimensions': [
    rows([1, 1, 16]),
    invalid("unexpected shape for input 'x' for model 'rows'. Expected [-1,16], got [1,1,16]"),
  ],
  'another last size': [
    rows([1, 15], Buffer.alloc(60)),
    invalid("unexpected shape for input 'x' for model 'rows'. Expected [-1,16], got [1,15]"),
  ],
  'sizes exchanged': [
    rows([16, 1]),
    invalid("unexpected shape for input 'x' for model 'rows'. Expected [-1,16], got [16,1]"),
  ],
  'a last size of 0': [
    rows([1, 0], Buffer.alloc(0)),
    invalid("unexpected shape for input 'x' for model 'rows'. Expected [-1,16], got [1,0]"),
  ],
  'a million dimensions': [
    rows(new Array<number>(1_000_000).fill(1)),
    invalid("tensor 'x' has more than 64 dimensions"),
  ],
  'a hundred dimensions': [rows(new Array<number>(100).fill(1)), invalid("tensor 'x' has more than 64 dimensions")],
  'other rows than the other input': [
    {
      ...pair('both'),
      inputs: [1, 2].map((size, at) => ({ name: 'ab'[at] as string, datatype: 'FP32', shape: [size, 3] })),
      rawInputContents: [Buffer.alloc(12), Buffer.alloc(24)],
    },
    invalid("input 'b' has 2 rows, but input 'a' has 1, for model 'both'"),
  ],
};

const sizes: InferCases = {
  'a byte too few': [
    rows([1, 16], Buffer.alloc(63)),
    invalid("input byte size mismatch for input 'x' for model 'rows'. Expected 64, got 63"),
  ],
  'a byte too many': [
    rows([1, 16], Buffer.alloc(65)),
    invalid("input byte size mismatch for input 'x' for model 'rows'. Expected 64, got 65"),
  ],
  'no bytes': [
    rows([1, 16], Buffer.alloc(0)),
    invalid("input byte size mismatch for input 'x' for model 'rows'. Expected 64, got 0"),
  ],
  'no elements at all': [
    { ...rows([1, 16]), rawInputContents: [] },
    invalid("input 'x' has 0 elements, but its shape [1,16] asks for 16"),
  ],
  'an entry too many': [
    { ...rows([1, 16]), rawInputContents: [sixteen, sixteen] },
    invalid('expected 1 entries of raw_input_contents, one for each input, but got 2'),
  ],
  'an entry too few': [
    { ...pair('both'), rawInputContents: [Buffer.alloc(12)] },
    invalid('expected 2 entries of raw_input_contents, one for each input, but got 1'),
  ],
  'entries without an input': [
    { modelName: 'rows', rawInputContents: [sixteen] },
    invalid('expected 0 entries of raw_input_contents, one for each input, but got 1'),
  ],
  'a hundred thousand entries': [
    { ...rows([1, 16]), rawInputContents: new Array<Buffer>(100_000).fill(Buffer.alloc(1)) },
    invalid('expected 1 entries of raw_input_contents, one for each input, but got 100000'),
  ],
  'half-precision of odd bytes': [
    { modelName: 'half', inputs: [{ name: 'x', datatype: 'FP16', shape: [1] }], rawInputContents: [Buffer.alloc(3)] },
    invalid("input byte size mismatch for input 'x' for model 'half'. Expected 2, got 3"),
  ],
  'the bytes of doubles': [
    { modelName: 'fp64', inputs: [{ name: 'x', datatype: 'FP64', shape: [2] }], rawInputContents: [Buffer.alloc(8)] },
    invalid("input byte size mismatch for input 'x' for model 'fp64'. Expected 16, got 8"),
  ],
};

const types: InferCases = {
  'no datatype': [
    { ...rows([1, 16]), inputs: [{ name: 'x', shape: [1, 16] }] },
    invalid("input 'x' has unknown datatype ''"),
  ],
  ...Object.fromEntries(
    ['FLOAT', 'fp32', 'TYPE_FP32', 'STRING', 'FP32 ', 'FP8', '__proto__', 'constructor', 'toString'].map((datatype) => [
      `the datatype '${datatype}'`,
      [
        { ...rows([1, 16]), inputs: [{ name: 'x', datatype, shape: [1, 16] }] },
        invalid(`input 'x' has unknown datatype '${datatype}'`),
      ],
    ]),
  ),
  ...Object.fromEntries(
    (['INT32', 'UINT32'] as const).map((datatype) => [
      `${datatype} for FP32`,
      [
        { ...rows([1, 16]), inputs: [{ name: 'x', datatype, shape: [1, 16] }] },
        invalid(`inference input 'x' data-type is '${datatype}', but model 'rows' expects 'FP32'`),
      ],
    ]),
  ),
  'BF16 for FP16': [
    { modelName: 'half', inputs: [{ name: 'x', datatype: 'BF16', shape: [1] }], rawInputContents: [Buffer.alloc(2)] },
    invalid("inference input 'x' data-type is 'BF16', but model 'half' expects 'FP16'"),
  ],
  'typed and raw elements': [
    { ...rows([1, 16]), inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 16], contents: { fp32Contents: [1] } }] },
    invalid("contents of input 'x' must not be given together with raw_input_contents"),
  ],
  'typed elements that are empty, and raw ones': [
    { ...rows([1, 16]), inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 16], contents: {} }] },
    invalid("contents of input 'x' must not be given together with raw_input_contents"),
  ],
  'typed half-precision': [
    vector('FP16', { fp32Contents: [1, 2] }, 'half'),
    invalid("input 'x': FP16 travels in raw_input_contents only"),
  ],
  'floats as doubles': [
    vector('FP64', { fp32Contents: [1, 2] }),
    invalid("input 'x': contents are not of datatype FP64"),
  ],
  'doubles as floats': [
    {
      modelName: 'plain',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], contents: { fp64Contents: [1, 2] } }],
    },
    invalid("input 'x': contents are not of datatype FP32"),
  ],
  'signed integers as unsigned ones': [
    vector('UINT8', { intContents: [1, 2] }),
    invalid("input 'x': contents are not of datatype UINT8"),
  ],
  'unsigned integers as signed ones': [
    vector('INT32', { uintContents: [1, 2] }),
    invalid("input 'x': contents are not of datatype INT32"),
  ],
  'short integers as long ones': [
    vector('INT64', { intContents: [1, 2] }),
    invalid("input 'x': contents are not of datatype INT64"),
  ],
  'long integers as short ones': [
    vector('INT32', { int64Contents: [1, 2] }),
    invalid("input 'x': contents are not of datatype INT32"),
  ],
  'numbers as truths': [
    vector('BOOL', { intContents: [1, 0] }),
    invalid("input 'x': contents are not of datatype BOOL"),
  ],
  'texts as numbers': [
    vector('INT32', { bytesContents: [Buffer.from('1'), Buffer.from('2')] }),
    invalid("input 'x': contents are not of datatype INT32"),
  ],
  'elements of two datatypes': [
    vector('INT64', { int64Contents: [1, 2], boolContents: [true] }),
    invalid("input 'x': contents are not of datatype INT64"),
  ],
  'typed elements too few': [
    vector('INT64', { int64Contents: [1] }),
    invalid("input 'x' has 1 elements, but its shape [2] asks for 2"),
  ],
  'typed elements too many': [
    vector('INT64', { int64Contents: [1, 2, 3] }),
    invalid("input 'x' has 3 elements, but its shape [2] asks for 2"),
  ],
  'typed integers beyond INT8': [
    vector('INT8', { intContents: [1, 128] }),
    invalid("input 'x': element 1 is not of datatype INT8"),
  ],
  'typed integers below INT8': [
    vector('INT8', { intContents: [-129, 1] }),
    invalid("input 'x': element 0 is not of datatype INT8"),
  ],
  'typed integers beyond UINT8': [
    vector('UINT8', { uintContents: [256, 1] }),
    invalid("input 'x': element 0 is not of datatype UINT8"),
  ],
};

const framing: InferCases = {
  'a text longer than the tensor': [
    texts(framed(5, 'abc')),
    invalid("input data does not fit the shape for input 'x'. Expected 9, got 7"),
  ],
  'a text of negative length': [
    texts(framed(0xffffffff, 'abc')),
    invalid("input data does not fit the shape for input 'x'. Expected 4294967299, got 7"),
  ],
  'the length cut off': [
    texts(Buffer.of(1, 0, 0)),
    invalid("input data does not fit the shape for input 'x'. Expected 4, got 3"),
  ],
  'a text missing': [
    texts(framed(1, 'a')),
    invalid("input data does not fit the shape for input 'x'. Expected 2, got 1"),
  ],
  'a text too many': [
    texts(framed(0, 0, 0)),
    invalid("input data does not fit the shape for input 'x'. Expected 2, got 3"),
  ],
  'a text behind an empty tensor': [
    texts(framed(0), [0]),
    invalid("input data does not fit the shape for input 'x'. Expected 0, got 1"),
  ],
  'a length in the other byte order': [
    texts(Buffer.of(0, 0, 0, 1, 97), [1]),
    invalid("input data does not fit the shape for input 'x'. Expected 16777220, got 5"),
  ],
  'no texts for a huge shape': [
    texts(Buffer.alloc(0), [2 ** 40]),
    invalid("input data does not fit the shape for input 'x'. Expected 1099511627776, got 0"),
  ],
  'a text with NUL': [texts(framed(3, 'a\0b', 0)), /^INVALID_ARGUMENT input 'x': element 0 holds a NUL/],
  'a text that is no UTF-8': [
    texts(Buffer.concat([framed(0, 2), Buffer.of(0xc3, 0x28)])),
    /^INVALID_ARGUMENT input 'x': element 1 is not UTF-8/,
  ],
  'typed texts of another number': [
    vector('BYTES', { bytesContents: [Buffer.from('a')] }, 'texts'),
    invalid("input 'x' has 1 elements, but its shape [2] asks for 2"),
  ],
};

export const tensorCases: Readonly<Record<string, InferCases>> = { shapes, sizes, datatypes: types, framing };
