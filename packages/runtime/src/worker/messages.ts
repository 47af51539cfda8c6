// What a service's main thread and an instance's worker say to each other. Everything survives a structured clone, so the
// worker may be a thread or a process.
import type { ComputedBatch } from '@weft/dispatch';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { Artifact } from '@weft/models';
import type { TensorSpec } from '@weft/tensor';
import type { StreamFrame, StreamStart } from '../streams/stream-frame.ts';
import type { Measure } from '../metrics/task-metrics.ts';
import type { InputLimits } from '../task.ts';

/** Everything a worker must know to load one model version. */
export interface InstanceSpec {
  readonly model: string;
  readonly version: string;
  readonly config: ModelConfig__Output;
  readonly artifact: Artifact;
  readonly providers: readonly string[];
  readonly deviceId: number;
  readonly threads: number;
  readonly limits: InputLimits;
  /** Largest response. */
  readonly maxMessageBytes: number;
  /** Where converted models are kept. */
  readonly cacheDirectory: string;
}

export type { ComputedBatch };

/** What a worker reports of the model once it is loaded and warm. */
export interface LoadedInstance {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly methods: readonly string[];
  readonly streamMethods: readonly string[];
  /** Streams that it takes at once; 0: none. */
  readonly streamSlots: number;
  readonly placement: { readonly provider: string; readonly fallbackReason: string };
  /** Measured batches of the warm-up. */
  readonly warmup: readonly { readonly rows: number; readonly computeUs: number }[];
}

export type ToWorker =
  | { readonly kind: 'load'; readonly spec: InstanceSpec }
  /** `body` is an encoded Batch; `receivedMs` is when it came, in milliseconds since the epoch. */
  | { readonly kind: 'batch'; readonly ticket: number; readonly body: Uint8Array; readonly receivedMs: number }
  | { readonly kind: 'cancel'; readonly ticket: number; readonly items: readonly number[] }
  | { readonly kind: 'stream_open'; readonly stream: number; readonly start: StreamStart }
  | { readonly kind: 'stream'; readonly stream: number; readonly frame: StreamFrame }
  /** Answered by `unloaded`; then the worker waits for the next `load`, or for its end. */
  | { readonly kind: 'unload' }
  | { readonly kind: 'end' }
  /** Ends it whatever it does: nobody waits for it. */
  | { readonly kind: 'quit' };

export type FromWorker =
  | { readonly kind: 'loaded'; readonly instance: LoadedInstance }
  | { readonly kind: 'failed'; readonly reason: string }
  /** `messages` are encoded ReplicaMessages with the batch's Results; `computeMs` and `rows` measure the whole batch. */
  | {
      readonly kind: 'result';
      readonly ticket: number;
      readonly messages: readonly Uint8Array[];
      readonly rows: number;
      readonly startedMs: number;
      readonly computeMs: number;
      readonly computed: ComputedBatch;
      /** That the instance remembers. */
      readonly sequences: number;
    }
  /** The cause of an answer that only said "internal error". */
  | { readonly kind: 'incident'; readonly requestId: string; readonly method: string; readonly cause: string }
  | { readonly kind: 'stream'; readonly stream: number; readonly frame: StreamFrame }
  | { readonly kind: 'measures'; readonly measures: readonly Measure[] }
  | { readonly kind: 'unloaded' };
