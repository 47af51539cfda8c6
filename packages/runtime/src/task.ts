// A task turns typed requests into tensors and back: it tokenizes, decodes images, suppresses overlapping boxes. It
// lives in an instance's worker together with its backend models, one object for each instance, so it may keep buffers.
import { toWeftError, type WeftError } from '@weft/errors';
import type { TensorMap, TensorSpec } from '@weft/tensor';
import type { BackendModel } from './backend.ts';

/** Makes a task for one loaded model version. Rejects with a WeftError that says what is missing in the configuration. */
export type TaskFactory = (context: TaskContext) => Promise<Task>;

export interface TaskContext {
  readonly modelName: string;
  readonly modelVersion: string;
  /** A setting of the model: the string value of its parameter `weft.<name>`, undefined when absent. */
  parameter(name: string): string | undefined;
  /** Loads the model's own file, or the part that the parameter `weft.part.<part>` refers to. The runtime unloads it. */
  openModel(part?: string): Promise<BackendModel>;
  /** Rows of one batch of this model, as its configuration says; at least 1. */
  maxRows(model: Pick<BackendModel, 'inputs' | 'outputs'>): number;
  /** Absolute path of the file that the parameter `weft.file.<name>` refers to. Throws INVALID_ARGUMENT without one. */
  file(name: string): string;
  readonly limits: InputLimits;
}

/** What a request may hold; over it the answer is INVALID_ARGUMENT with the limit. */
export interface InputLimits {
  readonly maxImagePixels: number;
  readonly maxTextBytes: number;
  readonly maxTexts: number;
}

export interface Task {
  /** The typed methods this task serves. */
  readonly methods: readonly TaskMethod[];
  /** What ModelInfer offers; absent means the tensors of the model's own file. */
  readonly tensors?: TensorInterface;
  /** Runs real-shaped requests of `rows` rows together, as one batch: its time is what the router plans with. */
  warmup(rows: number): Promise<void>;
}

export interface TensorInterface {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  run(feeds: TensorMap, outputNames?: readonly string[]): Promise<TensorMap>;
}

export interface TaskMethod {
  /** Full path: `/weft.nlp.v1.NlpService/Embed`. */
  readonly path: string;
  /**
   * Answers a batch: one outcome for each request, in order. Requests and responses are proto-loader's objects (the
   * generated types); `model` and `model_version` of the response are filled in by the runtime.
   */
  infer(requests: readonly unknown[], items: readonly ItemContext[]): Promise<readonly (object | WeftError)[]>;
}

/** What is known of one request of a batch while it is computed. */
export interface ItemContext {
  /** Throws CANCELLED or DEADLINE_EXCEEDED when nobody waits for this item any more. Call it between costly steps. */
  throwIfGone(): void;
}

/** A method that computes its items one after the other; one that fails, or that nobody waits for, leaves the others alone. */
export function itemwise<Request, Response extends object>(
  path: string,
  answer: (request: Request, item: ItemContext) => Promise<Response>,
): TaskMethod {
  return {
    path,
    async infer(requests, items) {
      const outcomes: (Response | WeftError)[] = [];
      for (const [index, request] of requests.entries()) {
        const item = items[index] as ItemContext;
        try {
          // Lets the thread hear of cancellations that arrived during the item before.
          await new Promise(setImmediate);
          item.throwIfGone();
          outcomes.push(await answer(request as Request, item));
        } catch (thrown) {
          outcomes.push(toWeftError(thrown));
        }
      }
      return outcomes;
    },
  };
}
