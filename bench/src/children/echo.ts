// The yardstick: a grpc-js server as anyone would write it, with a unary and a bidirectional method that answer the request's own
// bytes and neither decode nor encode them.
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { echoPath, echoStreamPath } from '../echo-path.ts';
import { answerParent } from './answer-parent.ts';

export type EchoQuestions = {
  /** Answers its address. */
  start(): Promise<string>;
};

const asItIs = (bytes: Buffer): Buffer => bytes;
const server = new Server();
const echo = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void => reply(null, call.request);

const echoStream = (call: ServerDuplexStream<Buffer, Buffer>): void => {
  call.on('data', (message: Buffer) => void call.write(message));
  call.on('end', () => call.end());
};

function start(): Promise<string> {
  server.register(echoPath, echo, asItIs, asItIs, 'unary');
  server.register(echoStreamPath, echoStream, asItIs, asItIs, 'bidi');
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(`127.0.0.1:${port}`);
      else reject(error);
    });
  });
}

answerParent({ start } satisfies EchoQuestions, () => new Promise((resolve) => server.tryShutdown(() => resolve())));
