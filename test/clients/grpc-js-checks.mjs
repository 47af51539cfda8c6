// What a user of plain @grpc/grpc-js does with the public proto alone: typed contents in, raw contents out.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { credentials, loadPackageDefinition, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const text = { type: 'string', default: '' };
const { values } = parseArgs({
  options: { flavour: text, grpc: text, http: text, service: text, 'model-file': text },
});
const proto = fileURLToPath(new URL('../../proto/inference/grpc_service.proto', import.meta.url));
const folder = fileURLToPath(new URL('../../proto/', import.meta.url));
const { inference } = loadPackageDefinition(loadSync(proto, { keepCase: true, longs: Number, includeDirs: [folder] }));
const client = new inference.GRPCInferenceService(values.grpc, credentials.createInsecure());

const call = (method, request = {}) =>
  new Promise((resolve, reject) => {
    const deadline = Date.now() + 20_000;
    client[method](request, { deadline }, (error, response) => (error ? reject(error) : resolve(response)));
  });

async function check(rpc, name, seen) {
  let [ok, detail] = [true, ''];
  try {
    await seen();
  } catch (error) {
    [ok, detail] = [false, error.message.slice(0, 600)];
  }
  console.log(JSON.stringify({ client: '@grpc/grpc-js', rpc: rpc.split(' '), check: name, ok, detail }));
}

const int32s = (bytes) => Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readInt32LE(4 * at));
const numbers = Array.from({ length: 16 }, (_, at) => at);
const simple = {
  model_name: 'simple',
  id: 'js',
  inputs: ['INPUT0', 'INPUT1'].map((name) => ({
    name,
    datatype: 'INT32',
    shape: [1, 16],
    contents: { int_contents: numbers },
  })),
};

await check('ServerLive ServerReady ServerMetadata ModelReady', 'asks for health and metadata', async () => {
  assert.equal((await call('ServerLive')).live, true);
  assert.equal((await call('ServerReady')).ready, true);
  assert.notEqual((await call('ServerMetadata')).name, '');
  assert.equal((await call('ModelReady', { name: 'simple' })).ready, true);
});

await check('ModelInfer', 'infers with typed contents; the answer is raw', async () => {
  const { id, outputs, raw_output_contents: raw } = await call('ModelInfer', simple);
  assert.equal(id, 'js');
  assert.deepEqual(
    outputs.map((output) => output.name),
    ['OUTPUT0', 'OUTPUT1'],
  );
  assert.deepEqual(
    int32s(raw[0]),
    numbers.map((each) => 2 * each),
  );
});

const typed = {
  BOOL: { bool_contents: [true, false, true] },
  UINT8: { uint_contents: [0, 1, 255] },
  UINT16: { uint_contents: [0, 1, 65535] },
  UINT32: { uint_contents: [0, 1, 4294967295] },
  UINT64: { uint64_contents: ['0', '1', '18446744073709551615'] },
  INT8: { int_contents: [-128, 0, 127] },
  INT16: { int_contents: [-32768, 0, 32767] },
  INT32: { int_contents: [-2147483648, 0, 2147483647] },
  INT64: { int64_contents: ['-9223372036854775808', '0', '9223372036854775807'] },
  FP32: { fp32_contents: [0.5, -1.25, Number.POSITIVE_INFINITY] },
  FP64: { fp64_contents: [0.1, -1e300, Number.NEGATIVE_INFINITY] },
  BYTES: { bytes_contents: [Buffer.from(''), Buffer.from('line\nbreak'), Buffer.from('🚀')] },
};
const expected = {
  BOOL: Buffer.from([1, 0, 1]),
  UINT8: Buffer.from([0, 1, 255]),
  UINT16: Buffer.from(Uint16Array.of(0, 1, 65535).buffer),
  UINT32: Buffer.from(Uint32Array.of(0, 1, 4294967295).buffer),
  UINT64: Buffer.from(BigUint64Array.of(0n, 1n, 18446744073709551615n).buffer),
  INT8: Buffer.from(Int8Array.of(-128, 0, 127).buffer),
  INT16: Buffer.from(Int16Array.of(-32768, 0, 32767).buffer),
  INT32: Buffer.from(Int32Array.of(-2147483648, 0, 2147483647).buffer),
  INT64: Buffer.from(BigInt64Array.of(-9223372036854775808n, 0n, 9223372036854775807n).buffer),
  FP32: Buffer.from(Float32Array.of(0.5, -1.25, Number.POSITIVE_INFINITY).buffer),
  FP64: Buffer.from(Float64Array.of(0.1, -1e300, Number.NEGATIVE_INFINITY).buffer),
  BYTES: Buffer.concat(
    typed.BYTES.bytes_contents.flatMap((each) => [Buffer.from(Uint32Array.of(each.length).buffer), each]),
  ),
};

for (const [datatype, contents] of Object.entries(typed)) {
  await check('ModelInfer', `${datatype} in typed contents`, async () => {
    const inputs = [{ name: 'INPUT0', datatype, shape: [1, 3], contents }];
    const response = await call('ModelInfer', { model_name: `identity_${datatype.toLowerCase()}`, inputs });
    assert.deepEqual(response.raw_output_contents, [expected[datatype]]);
  });
}

await check('ModelInfer', 'typed and raw contents together are refused', async () => {
  const raw = { ...simple, raw_input_contents: [Buffer.alloc(64), Buffer.alloc(64)] };
  await assert.rejects(call('ModelInfer', raw), { code: status.INVALID_ARGUMENT });
});

await check('ModelStreamInfer', 'infers on a stream, in order', async () => {
  const stream = client.ModelStreamInfer();
  const answers = [];
  const over = new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject));
  stream.on('data', (answer) => answers.push(answer));
  for (const id of ['a', 'b', 'c']) stream.write({ ...simple, id });
  stream.end();
  await over;
  assert.deepEqual(
    answers.map((answer) => answer.infer_response.id),
    ['a', 'b', 'c'],
  );
});

await check('ModelConfig ModelStatistics RepositoryIndex', 'reads configuration, statistics and index', async () => {
  assert.equal((await call('ModelConfig', { name: 'simple' })).config.max_batch_size, 8);
  assert.equal((await call('ModelStatistics', { name: 'simple' })).model_stats[0].name, 'simple');
  assert.ok((await call('RepositoryIndex')).models.some(({ name, state }) => name === 'simple' && state === 'READY'));
});

client.close();
