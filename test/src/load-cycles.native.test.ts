// Models that are loaded and unloaded over and over, with onnxruntime's sessions in worker threads, in turns one from a repository
// and one that is pushed, each time as another version that is fetched: what a load takes, the unload gives back.
// WEFT_LONG_TESTS=1 makes it 200 cycles.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readSettings } from '@weft/config';
import { encodeModel, onnxTensor, type OnnxGraph } from '@weft/convert';
import { customSettings } from '@weft/custom';
import { MemoryEventLog, encodedEvent } from '@weft/models/testing';
import type { DesiredModel } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import { startModelService } from '@weft/runtime/service';
import { startTelemetry } from '@weft/telemetry';
import { squares, temporaryFolder, writeModel } from './testing/author-models.ts';
import { dial } from './testing/dial.ts';

const cycles = process.env['WEFT_LONG_TESTS'] === '1' ? 200 : 30;
const settledAfter = 20;

/** y = x · x beside a table of 4 MB: a session that stays would show. */
function heavy(filling: number): OnnxGraph {
  const elements = new Float32Array(1_000_000).fill(filling);
  return { ...squares(), initializers: [onnxTensor('table', { datatype: 'FP32', shape: [1_000_000], elements })] };
}

/** Resident memory in MiB, without what the garbage collector would take anyway. */
function residentMiB(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage.rss() / 2 ** 20;
}

test(`${cycles} cycles of load and unload end within 15 % of the memory after the ${settledAfter}th`, async (t) => {
  const folder = temporaryFolder();
  const eventLog = new MemoryEventLog();
  await writeModel(`${folder.path}/models`, 'm', { graph: heavy(1) });
  // Two files in turns: the one is not needed any more when the other is.
  const sources = [2, 3].map((filling) => {
    const bytes = encodeModel(heavy(filling));
    writeFileSync(`${folder.path}/${filling}.onnx`, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { path: 'model.onnx', sha256, size: bytes.length, source: `file:${filling}.onnx` };
  });
  const argv = ['--bind=127.0.0.1', '--port=0', '--metrics-port=0', '--no-default-models'];
  const settings = readSettings(customSettings, {
    argv: [
      ...argv,
      `--model-repository=${folder.path}/models`,
      `--data-directory=${folder.path}/data`,
      `--artifact-roots=${folder.path}`,
      '--log-level=error',
    ],
    env: {},
  });
  const telemetry = await startTelemetry({
    component: 'custom',
    version: '0',
    logLevel: 'error',
    otlpEndpoint: undefined,
  });
  const service = await startModelService({
    name: 'custom',
    workerEntry: new URL('./testing/onnx-worker.js', import.meta.url),
    defaults: undefined,
    typedServices: [],
    defaultRepository: '',
    npmRoots: [],
    settings,
    telemetry,
    eventLog,
  });
  const client = dial(service.grpcAddress);
  const states = client.watch<ReplicaState__Output>('/weft.executor.v1.Executor/Watch', {});
  let latest: ReplicaState__Output | undefined;
  let wake: () => void = () => {};
  states.on('data', (state: ReplicaState__Output) => {
    latest = state;
    wake();
  });
  states.on('error', () => {});
  t.after(async () => {
    states.cancel();
    client.close();
    await service.stop();
    folder.remove();
  });
  const revisions = new Map<string, number>();
  /** Resolves when it serves so many versions, as the event says. */
  const become = async (name: string, desired: DesiredModel, versions: number): Promise<void> => {
    const bytes = encodedEvent({ name, service: 'custom', ...desired });
    const revision = await eventLog.append({ model: name, bytes, after: revisions.get(name) ?? 0 });
    revisions.set(name, revision);
    const holds = (): boolean =>
      latest?.applied.some((event) => event.revision === revision && event.settled && event.problem === '') === true &&
      latest.models.filter((model) => model.name === name).length === versions;
    while (!holds()) await new Promise<void>((resolve) => (wake = resolve));
  };
  await service.ready;
  const memory: number[] = [];
  for (let cycle = 1; cycle <= cycles; cycle++) {
    if (cycle % 2 === 0) {
      await become('m', { unloaded: true, loadGeneration: cycle }, 0);
      await become('m', { unloaded: false, loadGeneration: cycle }, 1);
    } else {
      const file = sources[(cycle >> 1) % 2] as (typeof sources)[number];
      await become('pushed', { versions: [{ version: String(cycle), config: {}, files: [file] }] }, 1);
      await become('pushed', { unloaded: true }, 0);
    }
    memory.push(residentMiB());
  }
  const [before = 0, after = 0] = [memory[settledAfter - 1], memory.at(-1)];
  t.diagnostic(`${Math.round(before)} MiB after ${settledAfter} cycles, ${Math.round(after)} MiB after ${cycles}`);
  assert.ok(after <= before * 1.15, `${after} MiB is more than 1.15 × ${before} MiB`);
});
