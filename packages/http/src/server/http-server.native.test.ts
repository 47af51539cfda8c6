// Bodies that are refused while they come, as clients meet it: over real sockets, told and not only cut off.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { createGate } from '@weft/rpc';
import { createLog } from '@weft/telemetry';
import { type Route, textAnswer } from './exchange.ts';
import { HttpServer } from './http-server.ts';

const limit = 1_000_000;

/** A server that answers how long a body is. */
async function started(t: TestContext) {
  const lines: Record<string, unknown>[] = [];
  const route: Route = {
    verb: 'POST',
    url: '/length',
    rpc: '/inference.GRPCInferenceService/ModelInfer',
    answer: async (exchange) => textAnswer(Buffer.from(String((await exchange.body()).length))),
  };
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const server = new HttpServer(
    {
      gate: createGate({ boundToLoopback: true }),
      boundToLoopback: true,
      maxBodyBytes: limit,
      calls: new Map(),
      log: createLog({ level: 'debug', fields: {}, destination }),
    },
    [route],
  );
  const port = await server.listen('127.0.0.1', 0);
  t.after(() => server.stop(1_000));
  const begin = (headers: Readonly<Record<string, string>> = {}): ClientRequest =>
    httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/length', headers, agent: false });
  return { begin, lines };
}

async function answerTo(request: ClientRequest) {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return [response.statusCode, await text(response), response.headers.connection];
}

/** Writes pieces for as long as the connection takes them. */
function pour(request: ClientRequest, piece: Buffer): Promise<unknown> {
  const closed = once(request, 'close');
  request.on('error', () => {});
  const more = (): void => {
    while (!request.destroyed && request.write(piece));
  };
  request.on('drain', more);
  more();
  return closed;
}

const tooLarge = [413, '{"error":"the body is larger than 1000000 bytes"}', 'close'];
const piece = Buffer.alloc(64 * 1024, 0x20);

describe('a body without a length', () => {
  test('within the limit is read, plain and as gzip', async (t) => {
    const { begin } = await started(t);
    for (const [headers, sent] of [
      [{}, piece],
      [{ 'content-encoding': 'gzip' }, gzipSync(piece)],
    ] as const) {
      const request = begin(headers);
      request.write(sent.subarray(0, 10));
      request.end(sent.subarray(10));
      assert.deepEqual((await answerTo(request)).slice(0, 2), [200, String(piece.length)]);
    }
  });

  test('over the limit is answered 413, also to who sends on and on, whose connection then ends', async (t) => {
    const { begin } = await started(t);
    const request = begin();
    const closed = pour(request, piece);
    assert.deepEqual(await answerTo(request), tooLarge);
    await closed;
  });

  test('over the limit once inflated is answered 413', async (t) => {
    const { begin } = await started(t);
    const request = begin({ 'content-encoding': 'gzip' });
    request.write(gzipSync(Buffer.alloc(limit * 20)));
    assert.deepEqual(await answerTo(request), tooLarge);
    request.destroy();
  });

  test('that is no gzip is answered 400 before it has ended', async (t) => {
    const { begin, lines } = await started(t);
    const request = begin({ 'content-encoding': 'gzip' });
    request.write(piece);
    assert.deepEqual(await answerTo(request), [400, '{"error":"the body is not gzip"}', 'close']);
    request.destroy();
    assert.equal(lines[0]?.['code'], 'INVALID_ARGUMENT');
  });

  for (const encoding of ['identity', 'gzip'])
    test(`whose client goes in the middle of ${encoding} is CANCELLED`, async (t) => {
      const { begin, lines } = await started(t);
      const request = begin({ 'content-encoding': encoding });
      request.on('error', () => {});
      request.write(gzipSync(piece).subarray(0, 20));
      await once(request, 'socket');
      await new Promise<void>((resolve) => request.write('', () => resolve()));
      request.destroy();
      while (lines.length === 0) await new Promise(setImmediate);
      assert.equal(lines[0]?.['code'], 'CANCELLED');
    });
});

test('a body over the limit with a length is answered 413', async (t) => {
  const { begin } = await started(t);
  const request = begin({ 'content-length': String(limit * 1.5) });
  request.end(Buffer.alloc(limit * 1.5));
  assert.deepEqual(await answerTo(request), tooLarge);
});
