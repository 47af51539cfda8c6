// A backend is an adapter to one inference runtime. It runs inside an instance's worker, never on a main thread: most
// runtimes block the thread that calls them. One contract suite (testing/backend-contract.ts) holds for all of them.
import type { TensorMap, TensorSpec } from '@weft/tensor';
import type { StreamContext } from './item-context.ts';

export interface Backend {
  /** Triton's name of the backend: `onnxruntime`, `tensorflowjs`. */
  readonly name: string;
  /**
   * Loads a model file. Tries `providers` in order and falls back to the next one when a provider cannot be had.
   * Rejects with INVALID_ARGUMENT when the file is no model of this backend, UNAVAILABLE when no provider works.
   */
  load(path: string, options: BackendOptions): Promise<BackendModel>;
}

export interface BackendOptions {
  /** Where to run, the best first, in the runtime's own names: `cuda`, `tensorrt`, `webgpu`, `wasm`, `cpu`. */
  readonly providers: readonly string[];
  readonly deviceId: number;
  /** Threads that one run may use. */
  readonly threads: number;
  /** The tensors as the configuration has them, for backends that have no file to read them from. */
  readonly configured?: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] };
  /** What the model's configuration says of its runs; a backend obeys what it knows. */
  readonly tuning?: BackendTuning;
}

/** What is absent is as the backend thinks best. */
export interface BackendTuning {
  /** Instead of the threads of the options. */
  readonly threads?: number;
  /** Operators of a graph run side by side, on so many threads. */
  readonly parallel?: boolean;
  readonly interOpThreads?: number;
  readonly graphOptimization?: 'basic' | 'extended' | 'disabled';
  readonly memoryArena?: boolean;
  readonly memoryPattern?: boolean;
  /** Weights are allocated on the device without its arena. */
  readonly deviceInitializers?: boolean;
}

export interface BackendModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Where it runs, and why not where it was asked to. */
  readonly placement: { readonly provider: string; readonly fallbackReason: string };
  /**
   * Runs the model once. `outputNames` chooses outputs; absent means all. Every input must be fed, and only inputs:
   * anything else, an unknown output, a wrong datatype or rank rejects with INVALID_ARGUMENT naming it.
   */
  run(feeds: TensorMap, outputNames?: readonly string[]): Promise<TensorMap>;
  /** As in TensorInterface, of a model that can give more than one response. */
  stream?(feeds: TensorMap, context: StreamContext): AsyncIterable<TensorMap>;
  readonly streamSlots?: number;
  /** Frees the memory. Not to be called during a run. */
  unload(): Promise<void>;
}

/** Whether a model runs on the processor: there, much data in one run costs as much as in several, or more. */
export function runsOnProcessor({ placement }: Pick<BackendModel, 'placement'>): boolean {
  return processors.has(placement.provider);
}

const processors: ReadonlySet<string> = new Set(['cpu', 'wasm', 'tensorflow']);
