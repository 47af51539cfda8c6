// POST …/infer: the JSON head of the body becomes the head of a ModelInferRequest, binary tensors are spliced in behind it as they
// are, and the answer goes the same way back.
import { invalidArgument } from '@weft/errors';
import { assemblePayload } from '../infer/assemble-payload.ts';
import { binaryPart, bytesToWrite, readInferAnswer, writeInferJson } from '../infer/infer-answer.ts';
import type { OutputWish } from '../infer/infer-plan.ts';
import type { TextPool } from '../offload/text-pool.ts';
import type { Body } from '../server/body.ts';
import { type Exchange, type HttpAnswer, type Route, textAnswer } from '../server/exchange.ts';
import { rpcPath } from './ask.ts';

export interface InferRouteOptions {
  readonly pool: TextPool;
  /** Of the request as protobuf. */
  readonly maxBytes: number;
}

/** The bytes of JSON before the binary data, in requests and answers alike. */
const headerLength = 'inference-header-content-length';

const rpc = rpcPath('ModelInfer');

export function inferRoutes(options: InferRouteOptions): readonly Route[] {
  const answer = (exchange: Exchange): Promise<HttpAnswer> => infer(exchange, options);
  return ['/v2/models/:model/infer', '/v2/models/:model/versions/:version/infer'].map((url) => ({
    verb: 'POST',
    url,
    rpc,
    compresses: true,
    answer,
  }));
}

async function infer(exchange: Exchange, { pool, maxBytes }: InferRouteOptions): Promise<HttpAnswer> {
  const target = { model: exchange.param('model'), version: exchange.param('version'), maxBytes };
  const body = await exchange.body();
  const jsonLength = headerLengthOf(exchange, body);
  const json = body.bytes(0, jsonLength);
  const plan = await pool.run('parseInfer', { json, target }, json.length >= pool.largeJsonBytes);
  const payload = assemblePayload(plan, target, body.behind(jsonLength));
  return answerOf(await exchange.call(rpc, payload), plan.wish, pool);
}

function headerLengthOf(exchange: Exchange, body: Body): number {
  const given = exchange.header(headerLength);
  if (given === undefined) return body.length;
  const length = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (length <= body.length) return length;
  throw invalidArgument(`Inference-Header-Content-Length must be a number of bytes, at most the body's ${body.length}`);
}

async function answerOf(payload: Buffer, wish: OutputWish, pool: TextPool): Promise<HttpAnswer> {
  const answer = readInferAnswer(payload, wish);
  const large = bytesToWrite(answer) >= pool.largeTensorBytes;
  const json = large ? await pool.run('writeInfer', { payload, wish }, true) : writeInferJson(answer);
  const head = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  const binary = binaryPart(answer);
  if (binary === undefined) return textAnswer(head);
  return {
    status: 200,
    headers: { 'content-type': 'application/octet-stream', [headerLength]: String(head.length) },
    pieces: [head, ...binary],
  };
}
