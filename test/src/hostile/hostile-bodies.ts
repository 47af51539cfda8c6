// REST requests that mean no good: paths, verbs, headers that lie, JSON that is none or too much of it, binary data that is not there.
// oxlint-disable id-denylist -- `data` is the protocol's name for the elements of a tensor
import { deflateSync, gzipSync } from 'node:zlib';
import { maxMessageBytes } from './hostile-mesh.ts';

export interface HostileBody {
  readonly what: string;
  readonly verb?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly status: number;
  /** Of the whole answer. */
  readonly text?: RegExp;
}

const infer = '/v2/models/plain/infer';
const input = (fields: object): string =>
  JSON.stringify({ inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2], ...fields }] });
const good = input({});
const json = (what: string, body: string | Buffer, text: RegExp): HostileBody => ({
  what,
  path: infer,
  body,
  status: 400,
  text,
});
const deep = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
const int64 = (digits: string): HostileBody => ({
  ...json(
    `an integer of ${digits.length} digits`,
    `{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[${digits}]}]}`,
    /INT64/,
  ),
  path: '/v2/models/int64/infer',
});

const texts: readonly HostileBody[] = [
  json('nothing', '', /malformed JSON/),
  json('no JSON', 'name=x', /malformed JSON/),
  json('half of it', good.slice(0, 30), /malformed JSON/),
  json('more behind it', `${good} {}`, /malformed JSON/),
  json('no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /no UTF-8/),
  json('UTF-16', Buffer.from(good, 'utf16le'), /malformed JSON/),
  json('a control character in a text', '{"id": "a\nb"}', /malformed JSON/),
  json('a comma too many', good.replace(']}', ',]}'), /malformed JSON/),
  json('single quotes', "{'inputs': []}", /malformed JSON/),
  json('a comment', `${good}// more`, /malformed JSON/),
  json('101 levels', `{"inputs": ${deep(100)}}`, /./),
  json('a hundred thousand levels', deep(100_000), /./),
  json('a hundred thousand levels where nobody looks', `{"other": ${deep(100_000)}}`, /100/),
  json('101 levels of elements', input({}).replace('[1,2]}', `${deep(100)}}`), /100/),
  json('an array', '[]', /malformed JSON|object/),
  json('a text', '"inputs"', /malformed JSON|object/),
  json('null', 'null', /malformed JSON|object/),
  json('the prototype as a key', '{"__proto__": {"inputs": []}}', /__proto__/),
  json('the prototype as a parameter', good.replace('{', '{"parameters": {"__proto__": {"x": 1}},'), /__proto__/),
  json('inputs that are no array', '{"inputs": {}}', /'inputs' must be an array/),
  json('inputs that are no objects', '{"inputs": [1]}', /'inputs' must hold objects/),
  json('an input without a name', input({ name: undefined }), /every input needs a name/),
  json('a name that is a number', input({ name: 5 }), /'name' must be a text/),
  json('no elements', input({ data: undefined }), /neither 'data' nor the parameter 'binary_data_size'/),
  json('a shape that is a number', input({ shape: 2 }), /'shape' must be an array/),
  json('a shape of texts', input({ shape: ['2'] }), /'shape' must hold whole numbers/),
  json('a shape of fractions', input({ shape: [1.5, 2] }), /'shape' must hold whole numbers/),
  json(
    'a shape beyond 64 bits',
    good.replace('[1,2],"d', '[1,18446744073709551616],"d'),
    /'shape' must hold whole numbers/,
  ),
  json('a negative shape', input({ shape: [-1, 2] }), /negative size/),
  json('a datatype that there is not', input({ datatype: 'FLOAT' }), /FLOAT/),
  json('a datatype of the prototype', input({ datatype: '__proto__' }), /__proto__/),
  json('texts as numbers', input({ data: ['a', 'b'] }), /FP32/),
  json('objects as numbers', input({ data: [{}, {}] }), /FP32|malformed/),
  json('elements too few', input({ data: [1] }), /Expected 8, got 4/),
  json('elements too many', input({ data: [1, 2, 3] }), /Expected 8, got 12/),
  json('a parameter that is an object', good.replace('{', '{"parameters": {"a": {}},'), /parameter 'a'/),
  json('parameters that are an array', good.replace('{', '{"parameters": [],'), /must be an object/),
  json(
    'a priority that is text',
    good.replace('{', '{"parameters": {"priority": "high"},'),
    /invalid value type for 'priority' parameter/,
  ),
  json(
    'a reserved parameter',
    good.replace('{', '{"parameters": {"triton_x": 1},'),
    /parameter 'triton_x' is reserved/,
  ),
  json('outputs that are texts', good.replace('{', '{"outputs": ["y"],'), /'outputs' must hold objects/),
  json('an unknown output', good.replace('{', '{"outputs": [{"name": "z"}],'), /unexpected inference output 'z'/),
  json('half a character', good.replace('"x"', String.raw`"\ud800"`), /unexpected inference input/),
  int64('9223372036854775808'),
  int64('9'.repeat(1_000_000)),
  json(
    'a number of a million digits behind the point',
    input({}).replace('[1,2]}', `[1.${'1'.repeat(1_000_000)},]}`),
    /malformed JSON/,
  ),
];

const binary = (size: unknown): string => input({ data: undefined, parameters: { binary_data_size: size } });
const cut = (
  what: string,
  { size, length, bytes }: { size: unknown; length?: string; bytes: number },
  text: RegExp,
): HostileBody => ({
  ...json(what, Buffer.concat([Buffer.from(binary(size)), Buffer.alloc(bytes)]), text),
  headers: { 'inference-header-content-length': length ?? String(binary(size).length) },
});
const parts: readonly HostileBody[] = [
  cut('more than there is', { size: 16, bytes: 8 }, /binary|16|bytes/),
  cut('less than there is', { size: 8, bytes: 16 }, /unexpected additional input data/),
  cut('a size below 0', { size: -8, bytes: 8 }, /must be a number of bytes/),
  cut('a size that is text', { size: '8', bytes: 8 }, /must be a number of bytes/),
  cut('a size that is a fraction', { size: 8.5, bytes: 8 }, /must be a number of bytes/),
  cut('a size of 2^53', { size: 2 ** 53, bytes: 8 }, /must be a number of bytes/),
  cut('a size of 2^52', { size: 2 ** 52, bytes: 8 }, /./),
  cut('a head beyond the body', { size: 8, length: '100000', bytes: 8 }, /Inference-Header-Content-Length/),
  cut('a head of negative length', { size: 8, length: '-1', bytes: 8 }, /Inference-Header-Content-Length/),
  cut('a head of no length', { size: 8, length: '0', bytes: 8 }, /malformed JSON/),
  cut('a head that ends in the middle', { size: 8, length: '20', bytes: 8 }, /malformed JSON/),
  cut('a head that goes on', { size: 8, length: String(binary(8).length + 4), bytes: 8 }, /malformed JSON/),
  cut('a length that is no number', { size: 8, length: '0x20', bytes: 8 }, /Inference-Header-Content-Length/),
  cut('a length of many digits', { size: 8, length: '9'.repeat(400), bytes: 8 }, /Inference-Header-Content-Length/),
  {
    ...json('half-precision in JSON', input({ datatype: 'FP16' }), /FP16 via JSON is not supported|FP16/),
    path: '/v2/models/half/infer',
  },
];

const bomb = Buffer.alloc(maxMessageBytes * 8, 0x20);
const bodies: readonly HostileBody[] = [
  { ...json('a bomb of gzip', gzipSync(bomb), /larger than/), status: 413, headers: { 'content-encoding': 'gzip' } },
  {
    ...json('a bomb of deflate', deflateSync(bomb), /larger than/),
    status: 413,
    headers: { 'content-encoding': 'deflate' },
  },
  { ...json('a body that is no gzip', good, /not gzip/), headers: { 'content-encoding': 'gzip' } },
  { ...json('half of a gzip', gzipSync(good).subarray(0, 20), /not gzip/), headers: { 'content-encoding': 'gzip' } },
  { ...json('an unknown encoding', good, /unknown Content-Encoding/), headers: { 'content-encoding': 'br' } },
  {
    ...json('two encodings', gzipSync(good), /unknown Content-Encoding/),
    headers: { 'content-encoding': 'gzip, gzip' },
  },
  { ...json('a body over the limit', Buffer.alloc(maxMessageBytes + 1, 0x20), /larger than/), status: 413 },
  { ...json('a timeout that is none', good, /grpc-timeout/i), headers: { 'grpc-timeout': 'soon' } },
];

/** `POST /path`, or a path that is gotten. */
const get = (call: string, status: number, text?: RegExp): HostileBody => ({
  what: call.slice(0, 60),
  verb: call.startsWith('/') ? 'GET' : (call.split(' ')[0] ?? ''),
  path: call.slice(call.indexOf('/')),
  status,
  ...(text === undefined ? {} : { text }),
});
const load = (name: string, verb: 'load' | 'unload', status: number): HostileBody =>
  get(`POST /v2/repository/models/${name}/${verb}`, status);
const leaving = [
  '%2e%2e%2fetc',
  '..%2fetc',
  '..%2Fetc',
  'a%2f..%2fb',
  '%2fetc%2fpasswd',
  'model%2fsub',
  'model%2f',
  '%20..',
  '..%20',
  'a%5Cb',
  'rows%00',
  '..',
  '%2e%2e',
  '%2E.',
  '.',
];
const paths: readonly HostileBody[] = [
  ...leaving.flatMap((name) => [
    get(`/v2/models/${name}/config`, 404),
    load(name, 'load', 400),
    load(name, 'unload', 400),
  ]),
  ...['...', '..my_model', 'model..1', '%252e%252e%252f', '__proto__'].map((name) => load(name, 'load', 404)),
  ...['abc', '-1', '01', '0', '1%2f..', '%20', '99999999999999999999'].map((version) =>
    get(`/v2/models/plain/versions/${version}`, 404, /Request for unknown model/),
  ),
  get('/v2/models/%ff', 400, /malformed URL/),
  get('/v2/models/%', 400, /malformed URL/),
  get(`/v2/models/${'m'.repeat(1000)}`, 404, /unknown model/),
  get(`/v2/models/${'m'.repeat(2000)}`, 400, /malformed URL/),
  get('POST /v2/models//infer', 400),
  get('PUT /v2/models/plain/infer', 404),
  get('DELETE /v2/models/plain/infer', 404),
  get('POST /v2/models/plain', 404),
  get('/v2/../../etc/passwd', 404),
  get('//v2/models/plain', 404),
  get('/', 404),
  get('POST /v2/systemsharedmemory/region/..%2fr/register', 400, /'key' must be a text/),
  {
    ...get('POST /v2/systemsharedmemory/region/r/register', 501, /not offered/),
    body: '{"key": "/../mem", "offset": 0, "byte_size": 1}',
  },
  { ...get('POST /v2/logging', 501, /log file location/), body: '{"log_file": "/etc/passwd"}' },
  {
    ...get('POST /v2/logging', 400, /unknown log setting/),
    what: 'an unknown log setting',
    body: '{"log_path": "/"}',
  },
  { ...get('POST /v2/logging', 400), what: 'a log setting that is an object', body: '{"log_info": {}}' },
  { ...get('POST /v2/trace/setting', 501, /trace file location/), body: '{"trace_file": "/etc/passwd"}' },
  { ...get('POST /v2/repository/index', 400), body: '{"ready": 1}' },
  {
    ...load('rows', 'load', 400),
    what: 'a file without a configuration',
    body: '{"parameters": {"file:../model.onnx": "AAAA"}}',
  },
  {
    ...load('rows', 'load', 400),
    what: 'a file that leaves',
    body: '{"parameters": {"config": "{}", "file:1/../../x": "AAAA"}}',
  },
  { ...get('POST /v1/embeddings', 400), body: '{"input": {}}' },
];

export const hostileBodies: Readonly<Record<string, readonly HostileBody[]>> = {
  texts,
  'binary data': parts,
  bodies,
  paths,
};
