// A hand-made server as people write it: an Express route that awaits session.run. It is written with some care: bytes go in
// and out instead of JSON, and the session has the threads that all servers of the bench have.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { answerParent } from './answer-parent.ts';

export interface ExpressOptions {
  readonly modelFile: string;
  readonly threads: number;
}

export type ExpressQuestions = {
  /** Answers its port. */
  start(options: ExpressOptions): Promise<number>;
};

let server: Server | undefined;

async function start({ modelFile, threads }: ExpressOptions): Promise<number> {
  const session = await InferenceSession.create(modelFile, { intraOpNumThreads: threads, interOpNumThreads: 1 });
  const app = express();
  app.use(express.raw({ type: 'application/octet-stream' }));
  app.post('/infer', async (request: Request<object, Buffer, Buffer>, response: Response) => {
    const row = new Float32Array(request.body.length / 4);
    Buffer.from(row.buffer).set(request.body);
    const { y } = await session.run({ x: new Tensor('float32', row, [1, row.length]) });
    const { buffer, byteOffset, byteLength } = (y as Tensor).data as Float32Array<ArrayBuffer>;
    response.type('application/octet-stream').send(Buffer.from(buffer, byteOffset, byteLength));
  });
  const listening = app.listen(0, '127.0.0.1');
  server = listening;
  await once(listening, 'listening');
  return (listening.address() as AddressInfo).port;
}

answerParent({ start } satisfies ExpressQuestions, async () => {
  server?.closeAllConnections();
  server?.close();
});
