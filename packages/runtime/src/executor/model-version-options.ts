// What a model version is made with, and whom it serves.
import type { StreamCounts } from '@weft/dispatch';
import type { Clock } from '@weft/flow';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { Log } from '@weft/telemetry';
import type { MeasureSink } from '../metrics/observe-measures.ts';
import type { StreamMeter } from '../streams/instance-streams.ts';
import type { InstanceSpec } from '../worker/messages.ts';
import type { BatchMeasure } from './instance-host.ts';
import type { SpareWorker } from './spare-worker.ts';
import type { Isolation } from './worker-channel.ts';

/** Whoever attached to the model: grants go out and results come back on `send`. */
export interface Session {
  send(message: Buffer): void;
}

/** What to start: one spec for each instance. */
export interface LoadPlan {
  readonly isolation: Isolation;
  readonly specs: readonly InstanceSpec[];
}

export interface ModelVersionOptions {
  readonly model: string;
  readonly version: string;
  readonly config: ModelConfig__Output;
  /** Finds the model's files; throws the reason why it cannot be loaded. */
  readonly plan: () => LoadPlan;
  readonly workers: SpareWorker;
  readonly clock: Clock;
  /** How long an instance may take to load and warm up; 0: as long as it likes. */
  readonly loadTimeoutMs: number;
  /** How long streams may go on once it unloads; 0 sets no limit. */
  readonly streamGraceMs: number;
  readonly log: Log;
  /** State, reason or placements changed. */
  readonly onChange: () => void;
  /** Counts what becomes of streams, for ModelStatistics. */
  readonly streamCounts: StreamCounts;
  /** Counts their messages, for metrics. */
  readonly meter?: StreamMeter | undefined;
  /** Of each instance: hears what its task measures. */
  readonly measures?: (() => MeasureSink) | undefined;
  /** Whether onBatch wants the batches themselves: a copy of each. */
  readonly keepBodies: () => boolean;
  readonly onBatch: (
    measure: BatchMeasure,
    batch: { readonly method: string; readonly itemCount: number; readonly body: Buffer | undefined },
  ) => void;
}
