// For tests: an engine with replicas `a`, `b`, `c` of model `m`, whose configuration is given as text. They have granted
// nothing yet. A batch of b rows is expected to take 9 + b ms.
import { parseConfigText } from '@weft/models';
import type { ModelVersion } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { EngineOptions } from '../engine/engine-options.ts';
import { FakeReplica, type ReceivedBatch } from './fake-replica.ts';
import { startEngine, turns } from './start-engine.ts';
import { replicaState, version } from './states.ts';

export type ReplicaName = 'a' | 'b' | 'c';

export interface MeshOptions {
  /** Of a model with a maximum of 4 rows. */
  readonly config?: string;
  /** Which replicas there are, and what differs in their reports. */
  readonly replicas?: Partial<Record<ReplicaName, ModelVersion>>;
  readonly engine?: Partial<EngineOptions>;
}

/** What differs in a report; another replicaId is another process. */
interface Reported extends ModelVersion {
  readonly replicaId?: string;
}

const large = { maxQueueSize: 10_000, maxQueueBytes: 1_000_000, maxBatchBytes: 100_000 };

/** What the warm-up says of a model whose batches take so long for each row, and a start. */
export function warmup(startMs: number, perRowMs: number): ModelVersion {
  return { warmup: [1, 4].map((rows) => ({ rows, computeUs: (startMs + perRowMs * rows) * 1000 })) };
}

export async function startMesh({ config = '', replicas = { a: {} }, engine = {} }: MeshOptions = {}) {
  const started = startEngine({ ...large, ...engine });
  const fakes = { a: new FakeReplica(), b: new FakeReplica(), c: new FakeReplica() };
  const report = (name: ReplicaName, text: string, reported: Reported = {}): void => {
    const { replicaId = name, ...fields } = reported;
    const parsed = parseConfigText(`name: "m" max_batch_size: 4 ${text}`);
    const entry = version('m', '1', { config: parsed, ...warmup(9, 1), ...fields });
    started.engine.updateReplica(name, replicaState([entry], { replicaId }), fakes[name].open);
  };
  for (const [name, fields] of Object.entries(replicas)) report(name as ReplicaName, config, fields);
  await turns();
  return { ...started, ...fakes, report };
}

/** A parameter of a configuration. */
export function parameter(name: string, value: string): string {
  return `parameters { key: "weft.${name}" value { string_value: "${value}" } } `;
}

/** The batch that the replica gets for a credit; undefined when it gets none. */
export async function granted(replica: FakeReplica, instance = 0): Promise<ReceivedBatch | undefined> {
  const before = replica.batches.length;
  replica.grant('1', instance);
  await turns();
  return replica.batches[before];
}

/** The payloads of a batch. */
export function texts(batch: ReceivedBatch | undefined): string[] | undefined {
  return batch?.items.map(({ payload }) => payload.toString());
}
