// Calls a server as its users would: over gRPC on one channel, with the deadline, or over HTTP/1.1 on connections that are
// kept. HTTP has no deadline to tell; a client that hangs up instead has to connect again, which costs both sides more than a
// late answer, so this one waits.
import { Agent, request } from 'node:http';
import { Client, credentials } from '@grpc/grpc-js';
import type { GrpcTarget, HttpTarget, Target } from './target.ts';

export type Outcome = 'right' | 'wrong' | 'failed';

export interface Caller {
  /** Sends the request whose turn it is; never rejects. `deadlineMs` is from now on. */
  readonly call: (turn: number, deadlineMs: number) => Promise<Outcome>;
  readonly close: () => void;
}

/** Over HTTP a request that is not answered by then has failed. */
const patienceMs = 1_000;
/** Rows are of 256 FP32 values, and every server answers these last. */
const answerBytes = 1024;

export function openCaller(target: Target): Caller {
  return target.kind === 'grpc' ? grpcCaller(target) : httpCaller(target);
}

function outcomeOf(answer: Buffer, expected: number): Outcome {
  if (answer.length < answerBytes) return 'wrong';
  const value = answer.readFloatLE(answer.length - answerBytes);
  // A batch adds up in another order than a single row.
  return Math.abs(value - expected) <= 1e-3 * Math.max(1, Math.abs(expected)) ? 'right' : 'wrong';
}

function grpcCaller({ address, path, payloads, firstValues }: GrpcTarget): Caller {
  const client = new Client(address, credentials.createInsecure());
  const asItIs = (bytes: Buffer): Buffer => bytes;
  const requests = payloads.map((payload) => Buffer.from(payload));
  return {
    call: (turn, deadlineMs) =>
      new Promise((resolve) => {
        const at = turn % requests.length;
        const deadline = Date.now() + deadlineMs;
        client.makeUnaryRequest(path, asItIs, asItIs, requests[at] as Buffer, { deadline }, (error, answer) => {
          resolve(error !== null || answer === undefined ? 'failed' : outcomeOf(answer, firstValues[at] as number));
        });
      }),
    close: () => client.close(),
  };
}

function httpCaller({ port, path, payloads, firstValues }: HttpTarget): Caller {
  const agent = new Agent({ keepAlive: true });
  const requests = payloads.map((payload) => Buffer.from(payload));
  return {
    call: (turn) =>
      new Promise((resolve) => {
        const at = turn % requests.length;
        const body = requests[at] as Buffer;
        const headers = { 'content-type': 'application/octet-stream', 'content-length': body.length };
        const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('error', () => resolve('failed'));
          response.on('end', () => {
            const answer = Buffer.concat(pieces);
            resolve(response.statusCode === 200 ? outcomeOf(answer, firstValues[at] as number) : 'failed');
          });
        });
        sent.setTimeout(patienceMs, () => sent.destroy(new Error('no answer in time')));
        sent.on('error', () => resolve('failed'));
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}
