// A task turns typed requests into tensors and back: it tokenizes, decodes images, suppresses overlapping boxes. It
// lives in an instance's worker together with its backend models, one object for each instance, so it may keep buffers.
import { toWeftError, type WeftError } from '@weft/errors';
import type { TensorMap, TensorSpec } from '@weft/tensor';
import type { BackendModel } from './backend.ts';
import type { ItemContext, StreamContext } from './item-context.ts';
import type { TaskMetrics } from './metrics/task-metrics.ts';
import { turn } from './turn.ts';

export type { ItemContext, StreamContext, TaskMetrics };

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
  readonly metrics: TaskMetrics;
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
  /** The typed methods that it serves as streams. */
  readonly streams?: readonly StreamMethod[];
  /** What ModelInfer offers; absent means the tensors of the model's own file. */
  readonly tensors?: TensorInterface;
  /** Runs real-shaped requests of `rows` rows together, as one batch: its time is what the router plans with. */
  warmup(rows: number): Promise<void>;
}

export interface TensorInterface {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  run(feeds: TensorMap, outputNames?: readonly string[]): Promise<TensorMap>;
  /** Of a model that gives any number of responses to each request. It is asked where the configuration says `decoupled`. */
  stream?(feeds: TensorMap, context: StreamContext): AsyncIterable<TensorMap>;
  /** Streams that one instance takes at once, where the configuration says nothing of it. */
  readonly streamSlots?: number;
}

/** A method whose requests or responses are many. It runs beside batches and other streams of its instance. */
export interface StreamMethod {
  /** Full path: `/weft.nlp.v1.NlpService/Generate`. */
  readonly path: string;
  /** Streams that one instance takes at once; a further one waits. */
  readonly slots: number;
  /**
   * Answers one stream. Requests and responses as in TaskMethod; `requests` has one where the method streams only responses. It is
   * asked for the next response when the client has room for it. What it throws ends the stream; to leave it early (the client has
   * gone) calls its `return`, once it has come back from what it awaits.
   */
  infer(requests: AsyncIterable<unknown>, context: StreamContext): AsyncIterable<object>;
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
          await turn();
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
