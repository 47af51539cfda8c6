// The yardstick: a grpc-js server as anyone would write it, with one unary method that answers the request's own bytes and
// neither decodes nor encodes them.
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { echoPath } from '../echo-path.ts';
import { answerParent } from './answer-parent.ts';

export type EchoQuestions = {
  /** Answers its address. */
  start(): Promise<string>;
};

const asItIs = (bytes: Buffer): Buffer => bytes;
const server = new Server();
const echo = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void => reply(null, call.request);

function start(): Promise<string> {
  server.register(echoPath, echo, asItIs, asItIs, 'unary');
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(`127.0.0.1:${port}`);
      else reject(error);
    });
  });
}

answerParent({ start } satisfies EchoQuestions, () => new Promise((resolve) => server.tryShutdown(() => resolve())));
