// The calls that a probe or a curious client makes all the time, and that a busy model must not delay.
import { rpcMethod } from '@weft/rpc';
import type { LoadResult } from '../children/client.ts';
import type { Client } from '../overhead/measure-target.ts';
import { slowModel } from './slow-model.ts';

const pauseMs = 20;

const calls = [
  { path: '/grpc.health.v1.Health/Check', request: {} },
  { path: '/inference.GRPCInferenceService/ModelMetadata', request: { name: slowModel.name } },
];

/** Asks every address for its health and the model's metadata, again and again; the worst of what came out. */
export async function lightCalls(
  client: Client,
  addresses: readonly string[],
  durationMs: number,
): Promise<LoadResult> {
  const asked = addresses.flatMap((address) =>
    calls.map(({ path, request }) => {
      const payload = rpcMethod(path).encodeRequest(request);
      return client.ask('load', { address, path, payload, concurrency: 1, durationMs, pauseMs });
    }),
  );
  const results = await Promise.all(asked);
  const sum = (figure: (result: LoadResult) => number): number =>
    results.reduce((total, result) => total + figure(result), 0);
  const worst = (figure: (result: LoadResult) => number): number => Math.max(...results.map(figure));
  return {
    calls: sum((result) => result.calls),
    failures: sum((result) => result.failures),
    elapsedMs: durationMs,
    p50Ms: worst((result) => result.p50Ms),
    p99Ms: worst((result) => result.p99Ms),
    maxMs: worst((result) => result.maxMs),
    answer: new Uint8Array(0),
  };
}
