// A model for tests of what the mesh does under load: a batch of b rows takes it startMs + rowMs·b, in which it sleeps and
// never spins, so that a few cores hold many replicas. It gives back its input, and tells which process worked on it. Some
// values end its process or keep it for ever (sleeping-values.ts). What it does is sleeping-worker.ts.
import { rpcMethod } from '@weft/rpc';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import { identity, writeModel } from './author-models.ts';
import { inferFloats, inferPath } from './infer-request.ts';

export interface SleepingModel {
  readonly startMs: number;
  readonly rowMs: number;
  readonly maxRows: number;
  /** 1 by default. */
  readonly instances?: number;
  /** More lines of config.pbtxt. */
  readonly config?: string;
}

const sleepingName = 'sleeping';

/** s(b), ms. */
export function sleepMs({ startMs, rowMs }: SleepingModel, rows: number): number {
  return startMs + rowMs * rows;
}

/** The most rows per second that so many instances can do. */
export function capacity(model: SleepingModel, instances: number): number {
  return (1000 * instances * model.maxRows) / sleepMs(model, model.maxRows);
}

export async function writeSleepingModel(repository: string, model: SleepingModel): Promise<void> {
  const { startMs, rowMs, maxRows, instances = 1, config = '' } = model;
  const parameters = { task: 'sleep', start_ms: startMs, row_ms: rowMs };
  const lines = Object.entries(parameters).map(([key, value]) => modelParameter(key, String(value)));
  lines.push(`max_batch_size: ${maxRows}`, `instance_group { count: ${instances} }`, config);
  // The graph is never run: a model has to have a file.
  await writeModel(repository, sleepingName, { graph: identity('FP32', ['rows', 1]), config: lines.join('\n') });
}

/** A line of config.pbtxt for `weft.<key>`. */
export function modelParameter(key: string, value: string): string {
  return `parameters { key: "weft.${key}" value { string_value: "${value}" } }`;
}

/** An encoded request of one row. */
export function sleepRequest(value: number, fields: Partial<ModelInferRequest> = {}): Buffer {
  return rpcMethod(inferPath).encodeRequest(inferFloats(sleepingName, [value], fields));
}

export interface SleepAnswer {
  readonly value: number;
  /** Of the process that slept. */
  readonly pid: number;
}

export function readSleepAnswer(response: Buffer): SleepAnswer {
  const { rawOutputContents } = rpcMethod(inferPath).decodeResponse(response) as ModelInferResponse__Output;
  const [value, pid] = rawOutputContents.map((raw) => new DataView(raw.buffer, raw.byteOffset, raw.byteLength));
  return { value: value?.getFloat32(0, true) ?? Number.NaN, pid: pid?.getInt32(0, true) ?? 0 };
}
