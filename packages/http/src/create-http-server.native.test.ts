// The listener over real sockets, in front of a data plane that answers what a test says.
// oxlint-disable id-denylist -- `data` is the protocol's name for the elements of a tensor
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import type { Caller, UnaryCall } from '@weft/dispatch';
import { WeftError } from '@weft/errors';
import { createGate, type Gate, requiredRole, rpcMethod, rpcMethods } from '@weft/rpc';
import type { ModelInferRequest__Output } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { LogFields } from '@weft/telemetry';
import { allRoutes, createHttpServer, type HttpOptions } from './create-http-server.ts';
import { TextPool } from './offload/text-pool.ts';

const inferPath = '/inference.GRPCInferenceService/ModelInfer';
const codec = rpcMethod(inferPath);

/** Answers each input as an output of the same name. */
const echo: UnaryCall = (payload, _caller, reply) => {
  const { modelName, inputs, rawInputContents } = codec.decodeRequest(payload) as ModelInferRequest__Output;
  const outputs = inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
  reply(undefined, codec.encodeResponse({ modelName, outputs, rawOutputContents: rawInputContents }));
};

const failing =
  (error: unknown): UnaryCall =>
  (_payload, _caller, reply) =>
    reply(
      error instanceof WeftError
        ? error
        : new WeftError('INTERNAL', 'internal error', { cause: error, requestId: 'r-1' }),
    );

interface Started {
  readonly port: number;
  readonly logged: (readonly [string, LogFields | undefined])[];
  ask(path: string, options?: AskOptions): Promise<Answered>;
}

interface AskOptions {
  readonly method?: string;
  readonly body?: string | Buffer | object;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** Undefined where there is no body. */
  readonly json: unknown;
}

async function started(
  t: TestContext,
  options: Partial<HttpOptions> & { readonly infer?: UnaryCall } = {},
): Promise<Started> {
  const logged: [string, LogFields | undefined][] = [];
  const write = (event: string, fields?: LogFields): void => void logged.push([event, fields]);
  const log = { debug: write, info: write, warn: write, error: write } as unknown as HttpOptions['log'];
  const http = createHttpServer({
    gate: createGate({ boundToLoopback: true }),
    boundToLoopback: true,
    maxMessageBytes: 1_000_000,
    front: { answers: {} as HttpOptions['front']['answers'], calls: new Map([[inferPath, options.infer ?? echo]]) },
    log,
    ...options,
  });
  const port = await http.listen('127.0.0.1', 0);
  t.after(() => http.stop(1000));
  return { port, logged, ask: (path, how) => ask(port, path, how) };
}

/** Not fetch, which changes paths, adds headers, and inflates by itself. */
async function ask(
  port: number,
  path: string,
  { method = 'GET', body, headers = {} }: AskOptions = {},
): Promise<Answered> {
  const content = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const length = content === undefined ? {} : { 'content-length': String(Buffer.byteLength(content)) };
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    path,
    method,
    headers: { ...length, ...headers },
    agent: false,
  });
  request.end(content);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const json =
    /json/.test(response.headers['content-type'] ?? '') && response.headers['content-encoding'] === undefined;
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    bytes,
    json: json ? (JSON.parse(bytes.toString()) as unknown) : undefined,
  };
}

const infer = '/v2/models/m/infer';
const one = { inputs: [{ name: 'x', shape: [1], datatype: 'UINT8', data: [7] }] };
const post = (body: AskOptions['body'], headers: Readonly<Record<string, string>> = {}): AskOptions => ({
  method: 'POST',
  ...(body === undefined ? {} : { body }),
  headers,
});

describe('the gate', () => {
  const routes = allRoutes({ answers: {}, pool: new TextPool(), maxBytes: 1000 });

  test('stands before every route, which names a method of the protos, and nothing behind it runs', async (t) => {
    const asked: string[] = [];
    const refusing: Gate = {
      admit(path) {
        asked.push(path);
        throw new WeftError('PERMISSION_DENIED', `no ${path}`);
      },
    };
    const { ask: askServer } = await started(t, { gate: refusing, infer: () => assert.fail('it ran') });
    for (const { verb, url, rpc } of routes) {
      assert.ok(rpcMethods().has(rpc), rpc);
      const { status, json } = await askServer(url.replaceAll(/:\w+/g, 'm'), { method: verb });
      assert.equal(status, 403, url);
      const { error } = json as { error: string | { message: string } };
      assert.equal(typeof error === 'string' ? error : error.message, `no ${rpc}`);
    }
    assert.deepEqual(
      asked,
      routes.map(({ rpc }) => rpc),
    );
  });

  test('asks for more than health only of those who may have it', () => {
    const open = routes.filter(({ rpc }) => requiredRole(rpc) === 'public').map(({ url }) => url);
    assert.deepEqual(open, ['/v2/health/live', '/v2/health/ready']);
    const administration = routes.filter(({ rpc }) => requiredRole(rpc) === 'admin').map(({ url }) => url);
    assert.ok(administration.includes('/v2/repository/models/:model/load'));
    assert.ok(!administration.includes(infer.replace('/m/', '/:model/')));
  });

  test('sees tokens, tenants and priorities, and an authorization that is given twice', async (t) => {
    const seen: (readonly (string | Buffer)[])[] = [];
    const gate: Gate = {
      admit(_path, { metadata }) {
        seen.push(metadata.get('authorization'), metadata.get('weft-tenant'));
        throw new WeftError('UNAUTHENTICATED', 'no');
      },
    };
    const { port } = await started(t, { gate });
    const socket = connect(port, '127.0.0.1');
    socket.end(
      'GET /v2 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\nWeft-Tenant: t\r\n\r\n',
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1.1 401 /);
    assert.deepEqual(seen, [['Bearer a', 'Bearer b'], ['t']]);
  });

  test('is not asked for what pages of other sites send, nor for names that are not of this machine', async (t) => {
    const { ask: askServer, port } = await started(t);
    const own = `127.0.0.1:${port}`;
    const statusOf = async (headers: Readonly<Record<string, string>>) =>
      (await askServer(infer, post(one, headers))).status;
    assert.equal(await statusOf({ origin: 'https://evil.example' }), 403);
    assert.equal(await statusOf({ origin: 'null' }), 403);
    assert.equal(await statusOf({ 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await statusOf({ host: 'evil.example' }), 403);
    for (const headers of [{ origin: `http://${own}` }, { host: 'localhost:8000' }, { host: '[::1]:8000' }])
      assert.equal(await statusOf(headers), 200);
  });
});

describe('errors', () => {
  test('have the status of their code and the text of gRPC, and tell when to come back', async (t) => {
    const error = new WeftError('RESOURCE_EXHAUSTED', 'Exceeds maximum queue size', { retryAfterMs: 1200 });
    const { ask: askServer } = await started(t, { infer: failing(error) });
    const { status, json, headers } = await askServer(infer, post(one));
    assert.deepEqual([status, json], [429, { error: 'Exceeds maximum queue size' }]);
    assert.deepEqual([headers['retry-after'], headers['retry-after-ms']], ['2', '1200']);
  });

  test('that nobody expected say nothing but the id under which the log tells more', async (t) => {
    const { ask: askServer, logged } = await started(t, { infer: failing(new Error('/etc/passwd')) });
    const { status, json, headers } = await askServer(infer, post(one));
    assert.deepEqual([status, json, headers['x-request-id']], [500, { error: 'internal error' }, 'r-1']);
    assert.deepEqual(
      logged.map(([event, fields]) => [event, fields?.['requestId']]),
      [['rpc.failed', 'r-1']],
    );
  });

  test("are in OpenAI's form for OpenAI's clients", async (t) => {
    const { ask: askServer } = await started(t);
    const { status, json } = await askServer('/v1/embeddings', post({ input: 5 }));
    const error = {
      message: "'input' must be a text or an array of texts",
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_argument',
    };
    assert.deepEqual([status, json], [400, { error }]);
  });

  test('of paths that lead nowhere are 404, of malformed ones 400, whatever they look like', async (t) => {
    const { ask: askServer } = await started(t);
    for (const path of [
      '/',
      '/v3',
      '/v2/models/m/inferr',
      '/v2/../../etc/passwd',
      '/v2/models/a/b/c/d',
      '/metrics',
      '/v2//models/m',
    ])
      assert.equal((await askServer(path)).status, 404, path);
    assert.equal((await askServer('/v2/models/%ff%/ready')).status, 400);
    assert.equal((await askServer(infer, { method: 'DELETE' })).status, 404);
    assert.equal((await askServer(`/v2/models/${'m'.repeat(2000)}/infer`, post(one))).status, 400);
  });
});

describe('bodies', () => {
  test('are taken as gzip and deflate', async (t) => {
    const { ask: askServer } = await started(t);
    const text = JSON.stringify(one);
    for (const [encoding, body] of [
      ['gzip', gzipSync(text)],
      ['deflate', deflateSync(text)],
      ['identity', Buffer.from(text)],
    ] as const) {
      const { status, json } = await askServer(infer, post(body, { 'content-encoding': encoding }));
      assert.deepEqual([status, (json as { outputs: { data: number[] }[] }).outputs[0]?.data], [200, [7]], encoding);
    }
  });

  test('that are not what they say, or more than the limit once inflated, are refused', async (t) => {
    const { ask: askServer } = await started(t);
    const send = async (body: Buffer, encoding: string) => {
      const { status, json } = await askServer(infer, post(body, { 'content-encoding': encoding }));
      return [status, (json as { error: string }).error];
    };
    assert.deepEqual(await send(Buffer.from('{}'), 'gzip'), [400, 'the body is not gzip']);
    assert.deepEqual(await send(gzipSync('{"inputs": []}').subarray(0, 20), 'gzip'), [400, 'the body is not gzip']);
    assert.deepEqual(await send(Buffer.from('{}'), 'br'), [
      400,
      "unknown Content-Encoding 'br': expected gzip or deflate",
    ]);
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
    assert.deepEqual(await send(bomb, 'gzip'), [413, 'the body is larger than 1000000 bytes']);
    assert.deepEqual(await send(Buffer.alloc(1_000_001, ' '), 'identity'), [
      413,
      'the body is larger than 1000000 bytes',
    ]);
  });

  test('of hostile JSON get INVALID_ARGUMENT, and the server lives on', async (t) => {
    const { ask: askServer } = await started(t);
    const bodies = [
      '',
      '{',
      '[]',
      'null',
      '\0',
      '{"inputs": 5}',
      '['.repeat(500_000),
      `{"inputs":${'['.repeat(101)}`,
      '{"__proto__": {"a": 1}}',
      '{"inputs": [{"name": "x", "__proto__": {}}]}',
      '{"inputs": [{"name": "x", "datatype": "constructor", "shape": [1], "data": [1]}]}',
      '{"inputs": [{"name": "x", "datatype": "UINT8", "shape": [1e400], "data": [1]}]}',
      '{"parameters": {"binary_data_output": "yes"}}',
    ];
    for (const body of bodies) {
      const { status, json } = await askServer(infer, post(body));
      assert.equal(status, 400, `${body.slice(0, 60)}: ${JSON.stringify(json)}`);
    }
    assert.equal((await askServer(infer, post(one))).status, 200);
  });

  test('split where the header says: a length that cannot be is refused', async (t) => {
    const { ask: askServer } = await started(t);
    const json = JSON.stringify({
      parameters: { binary_data_output: true },
      inputs: [{ name: 'x', shape: [3], datatype: 'UINT8', parameters: { binary_data_size: 3 } }],
    });
    const body = Buffer.concat([Buffer.from(json), Buffer.of(1, 2, 255)]);
    const { status, headers, bytes } = await askServer(
      infer,
      post(body, { 'inference-header-content-length': String(json.length) }),
    );
    const head = Number(headers['inference-header-content-length']);
    assert.deepEqual(
      [status, headers['content-type'], [...bytes.subarray(head)]],
      [200, 'application/octet-stream', [1, 2, 255]],
    );
    const { outputs } = JSON.parse(bytes.toString('utf8', 0, head)) as { outputs: object[] };
    assert.deepEqual(outputs, [{ name: 'x', datatype: 'UINT8', shape: [3], parameters: { binary_data_size: 3 } }]);
    for (const length of ['-1', 'x', '1e1', String(body.length + 1), '99999999999999999999', ''])
      assert.equal(
        (await askServer(infer, post(body, { 'inference-header-content-length': length }))).status,
        400,
        length,
      );
  });

  test('large JSON, in and out, is worked on elsewhere: others are answered meanwhile', async (t) => {
    const { ask: askServer } = await started(t, {
      maxMessageBytes: 64_000_000,
      texts: { largeJsonBytes: 1000, largeTensorBytes: 1000 },
    });
    const many = Array.from({ length: 1_000_000 }, (_, index) => index % 200);
    const large = { inputs: [{ name: 'x', shape: [many.length], datatype: 'FP32', data: many }] };
    const order: string[] = [];
    const first = askServer(infer, post(large)).then((answer) => {
      order.push('large');
      return answer;
    });
    const small = Array.from({ length: 5 }, async () => {
      assert.equal((await askServer(infer, post(one))).status, 200);
      order.push('small');
    });
    await Promise.all(small);
    const { json } = await first;
    assert.equal(order.at(-1), 'large');
    assert.deepEqual((json as { outputs: { data: number[] }[] }).outputs[0]?.data, many);
    const broken = `${JSON.stringify(large).slice(0, -1)},}`;
    assert.equal((await askServer(infer, post(broken))).status, 400);
  });
});

describe('answers', () => {
  test('are compressed for who asks, where it is worth it', async (t) => {
    const { ask: askServer } = await started(t);
    const large = { inputs: [{ name: 'x', shape: [5000], datatype: 'UINT8', data: Array(5000).fill(1) }] };
    const plain = await askServer(infer, post(large));
    const zipped = await askServer(infer, post(large, { 'accept-encoding': 'deflate;q=0.5, gzip' }));
    assert.deepEqual([plain.headers['content-encoding'], zipped.headers['content-encoding']], [undefined, 'gzip']);
    assert.deepEqual(gunzipSync(zipped.bytes), plain.bytes);
    const small = await askServer(infer, post(one, { 'accept-encoding': 'gzip' }));
    assert.equal(small.headers['content-encoding'], undefined);
  });
});

describe('a call', () => {
  /** A data plane that never answers, and tells what it was asked and when the client has gone. */
  function silent() {
    const callers: Caller[] = [];
    let gone = (): void => {};
    const cancelled = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const calls: UnaryCall = (_payload, caller) => {
      callers.push(caller);
      caller.onCancelled(gone);
    };
    return { callers, cancelled, calls };
  }

  test('has the deadline of grpc-timeout, and is cancelled when it passes', async (t) => {
    const { calls, callers, cancelled } = silent();
    const { ask: askServer } = await started(t, { infer: calls });
    const { status, json } = await askServer(infer, post(one, { 'grpc-timeout': '20m' }));
    assert.deepEqual([status, json], [504, { error: 'Deadline exceeded' }]);
    await cancelled;
    // Timers count whole milliseconds, and may be one early.
    assert.ok((callers[0]?.deadlineMs ?? Infinity) < performance.now() + 2);
    for (const timeout of ['20', 'm', '1.5S', '-1S', '123456789S', '5 S'])
      assert.equal((await askServer(infer, post(one, { 'grpc-timeout': timeout }))).status, 400, timeout);
  });

  test('is cancelled when its client goes', async (t) => {
    const { calls, callers, cancelled } = silent();
    const { port } = await started(t, { infer: calls });
    const text = JSON.stringify(one);
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST ${infer} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${text.length}\r\ntraceparent: t\r\n\r\n${text}`,
    );
    while (callers.length === 0) await new Promise(setImmediate);
    socket.destroy();
    await cancelled;
    const [{ path, label, traceparent, deadlineMs } = {}] = callers as Partial<Caller>[];
    assert.deepEqual(
      [path, label, traceparent, deadlineMs],
      [inferPath, 'POST /v2/models/:model/infer', 't', Number.POSITIVE_INFINITY],
    );
  });
});
