import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { createLog } from '@weft/telemetry';
import { rpcMethod } from '../protos.ts';
import { Health } from './health.ts';
import { listenForProbes } from './listen-for-probes.ts';

const log = createLog({ level: 'silent', fields: {}, destination: { write() {} } });

async function started(t: TestContext) {
  const health = new Health((name) => ({ alive: true, ready: false })[name]);
  const probes = await listenForProbes(health, { bind: '127.0.0.1', port: 0, log });
  const client = new Client(`127.0.0.1:${probes.port}`, credentials.createInsecure());
  t.after(async () => {
    client.close();
    await probes.stop();
  });
  const ask = async (path: string, request: object, headers: Record<string, string> = {}): Promise<unknown> => {
    const method = rpcMethod(path);
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
    return new Promise((resolve) => {
      client.makeUnaryRequest(
        path,
        (message: object) => method.encodeRequest(message),
        (bytes: Buffer) => method.decodeResponse(bytes),
        request,
        metadata,
        (error: ServiceError | null, response?: object) => resolve(error === null ? response : status[error.code]),
      );
    });
  };
  return { probes, ask };
}

const check = '/grpc.health.v1.Health/Check';

test('probes are answered in the clear, name by name', async (t) => {
  const { ask } = await started(t);
  const answers = await Promise.all(['alive', 'ready', 'unknown'].map((service) => ask(check, { service })));
  assert.deepEqual(
    answers.map((answer) => (typeof answer === 'string' ? answer : (answer as { status: string }).status)),
    ['SERVING', 'NOT_SERVING', 'NOT_FOUND'],
  );
});

test('nothing but health is to be had there, with or without a token', async (t) => {
  const { ask } = await started(t);
  const infer = '/inference.GRPCInferenceService/ModelInfer';
  assert.equal(await ask(infer, {}), 'UNAUTHENTICATED');
  assert.equal(await ask(infer, {}, { authorization: 'Bearer anything' }), 'UNAUTHENTICATED');
  assert.equal(await ask('/inference.GRPCInferenceService/ServerLive', {}), 'UNIMPLEMENTED');
});

test('a port that is taken is named', async (t) => {
  const { probes } = await started(t);
  const second = listenForProbes(new Health(() => true), { bind: '127.0.0.1', port: probes.port, log });
  await assert.rejects(second, { code: 'FAILED_PRECONDITION', message: /the port is taken/ });
});
