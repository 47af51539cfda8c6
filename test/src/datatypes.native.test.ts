// Elements of every datatype go through a real model and back without a bit changed, whatever they are: NaN with its payload,
// infinities, −0, subnormals, half-precision, no elements at all; alone and in batches with others, in raw and in typed form.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Datatype, datatypes as table, decodeRaw } from '@weft/tensor';
import type { InferTensorContents } from '@weft/rpc/messages/inference/InferTensorContents';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import fc from 'fast-check';
import { identity, temporaryFolder, writeConfig, writeModel } from './testing/author-models.ts';
import { inferPath } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh } from './testing/local-mesh.ts';
import { datatypes } from './testing/tensor-samples.ts';

const folder = temporaryFolder();
let mesh: LocalMesh;

before(async () => {
  for (const datatype of datatypes) {
    await writeModel(folder.path, `single-${datatype}`, {
      graph: identity(datatype, [-1, -1, -1]),
      config: 'max_batch_size: 0',
    });
    await writeModel(folder.path, `rows-${datatype}`, {
      graph: identity(datatype, ['rows', -1]),
      config: 'max_batch_size: 8',
    });
  }
  const tensor = (kind: string) =>
    `${kind} { name: "${kind === 'input' ? 'x' : 'y'}" data_type: TYPE_BF16 dims: [ -1, -1, -1 ] }`;
  await writeConfig(folder.path, 'single-BF16', `backend: "identity" ${tensor('input')} ${tensor('output')}`);
  mesh = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

/** Text that onnxruntime can carry: UTF-8 without NUL. */
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.includes('\0'));

/** The raw form of so many elements. */
function elements(datatype: Datatype, count: number): fc.Arbitrary<Buffer> {
  if (datatype === 'BYTES')
    return fc.array(text, { minLength: count, maxLength: count }).map((texts) => Buffer.concat(texts.map(framed)));
  const octet = datatype === 'BOOL' ? fc.nat(1) : fc.nat(255);
  const size = count * table[datatype].byteSize;
  return fc.array(octet, { minLength: size, maxLength: size }).map((octets) => Buffer.from(octets));
}

function framed(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from(Uint32Array.of(bytes.length).buffer), bytes]);
}

const sizes = fc.array(fc.nat(4), { minLength: 3, maxLength: 3 });
const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1);
const tensor = (datatype: Datatype) =>
  sizes.chain((shape) => elements(datatype, product(shape)).map((raw) => ({ shape, raw })));

function request(
  modelName: string,
  datatype: Datatype,
  { shape, raw }: { shape: number[]; raw: Buffer },
): ModelInferRequest {
  return { modelName, inputs: [{ name: 'x', datatype, shape }], rawInputContents: [raw] };
}

async function roundTrip(sent: ModelInferRequest): Promise<unknown> {
  const { outputs, rawOutputContents } = await mesh.client.ask<ModelInferResponse__Output>(inferPath, sent);
  return [outputs[0]?.datatype, outputs[0]?.shape, rawOutputContents.map((raw) => raw.toString('hex'))];
}

const typedFields: Readonly<Partial<Record<Datatype, keyof InferTensorContents>>> = {
  BOOL: 'boolContents',
  INT8: 'intContents',
  INT16: 'intContents',
  INT32: 'intContents',
  INT64: 'int64Contents',
  UINT8: 'uintContents',
  UINT16: 'uintContents',
  UINT32: 'uintContents',
  UINT64: 'uint64Contents',
  FP64: 'fp64Contents',
  BYTES: 'bytesContents',
};

/** The elements as proto-loader takes them: 64-bit integers as text. */
function typedOf(datatype: Datatype, shape: readonly number[], raw: Buffer): readonly unknown[] {
  const decoded = Array.from(decodeRaw(datatype, shape, raw).elements as Iterable<unknown>);
  return decoded.map((one) => (typeof one === 'bigint' ? String(one) : datatype === 'BOOL' ? one === 1 : one));
}

const runs = { numRuns: 15 };

for (const datatype of [...datatypes, 'BF16'] as const)
  describe(datatype, () => {
    test('comes back bit by bit, of any shape, dimensions of size 0 too', async () => {
      await fc.assert(
        fc.asyncProperty(tensor(datatype), async ({ shape, raw }) => {
          const expected = [datatype, shape, [raw.toString('hex')]];
          assert.deepEqual(await roundTrip(request(`single-${datatype}`, datatype, { shape, raw })), expected);
        }),
        runs,
      );
    });
  });

for (const datatype of datatypes) {
  test(`${datatype} in batches: each request gets its own rows, bit by bit`, async () => {
    const row = fc
      .tuple(fc.nat(3), fc.nat(3))
      .chain(([rows, width]) => elements(datatype, rows * width).map((raw) => ({ shape: [rows, width], raw })));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (requests) => {
        const answers = await Promise.all(
          requests.map(({ shape, raw }) => roundTrip(request(`rows-${datatype}`, datatype, { shape, raw }))),
        );
        assert.deepEqual(
          answers,
          requests.map(({ shape, raw }) => [datatype, shape, [raw.toString('hex')]]),
        );
      }),
      runs,
    );
  });

  const contents = typedFields[datatype];
  if (contents === undefined) continue;
  test(`${datatype} in typed form come back as the same elements`, async () => {
    await fc.assert(
      fc.asyncProperty(tensor(datatype), async ({ shape, raw }) => {
        const inputs = [{ name: 'x', datatype, shape, contents: { [contents]: typedOf(datatype, shape, raw) } }];
        const expected = [datatype, shape, [sameAsTyped(datatype, shape, raw).toString('hex')]];
        assert.deepEqual(await roundTrip({ modelName: `single-${datatype}`, inputs }), expected);
      }),
      runs,
    );
  });
}

/** JavaScript may not keep the payload of a NaN on its way into the request: the comparison has to lose it too. */
function sameAsTyped(datatype: Datatype, shape: readonly number[], raw: Buffer): Buffer {
  if (datatype !== 'FP64') return raw;
  const copy = Float64Array.from(decodeRaw(datatype, shape, raw).elements as Float64Array);
  return Buffer.from(copy.buffer);
}

test('the floats at which conversions go wrong keep their bits, raw and typed', async () => {
  const bits = {
    FP32: Uint32Array.of(0x80000000, 1, 0x807fffff, 0x7f800000, 0xff800000, 0x7fc00001, 0xffedcba9, 0x7f7fffff),
    FP16: Uint16Array.of(0x8000, 1, 0x83ff, 0x7c00, 0xfc00, 0x7e01, 0xfedc, 0x7bff),
    BF16: Uint16Array.of(0x8000, 1, 0x807f, 0x7f80, 0xff80, 0x7fc1, 0xffed, 0x7f7f),
    FP64: BigUint64Array.of(
      1n << 63n,
      1n,
      0x800fffffffffffffn,
      0x7ff0000000000000n,
      0xfff0000000000000n,
      0x7ff8000000000001n,
      0xfffedcba98765432n,
      0x7fefffffffffffffn,
    ),
  };
  for (const [datatype, { buffer }] of Object.entries(bits)) {
    const [shape, raw] = [[2, 2, 2], Buffer.from(buffer as ArrayBuffer)];
    const expected = [datatype, shape, [raw.toString('hex')]];
    assert.deepEqual(await roundTrip(request(`single-${datatype}`, datatype as Datatype, { shape, raw })), expected);
  }
  // Packed typed floats are the raw form: a message that is written by hand has every bit.
  const typed = {
    modelName: 'single-FP32',
    inputs: [
      {
        name: 'x',
        datatype: 'FP32',
        shape: [2, 2, 2],
        contents: { fp32Contents: [-0, 1e-45, -Infinity, 3.5, 0, 1, 2, 3] },
      },
    ],
  };
  const raw = Buffer.from(Float32Array.of(-0, 1e-45, -Infinity, 3.5, 0, 1, 2, 3).buffer);
  assert.deepEqual(await roundTrip(typed), ['FP32', [2, 2, 2], [raw.toString('hex')]]);
});
