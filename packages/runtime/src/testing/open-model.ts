// For tests: a model opened exactly as an instance's worker opens it, but in this thread, and asked with batches that the
// test puts together: what a router would have to be hurried into.
import type { WeftError } from '@weft/errors';
import type { ItemSequence } from '@weft/rpc/wire';
import { inferBatch } from '../infer/infer-batch.ts';
import type { InputLimits, ItemContext, TaskMetrics } from '../task.ts';
import { type Instance, loadInstance, type WorkerCatalogue } from '../worker/load-instance.ts';
import type { InstanceSpec, LoadedInstance } from '../worker/messages.ts';

export type ModelToOpen = Pick<InstanceSpec, 'config' | 'artifact' | 'cacheDirectory'> & {
  readonly limits?: Partial<InputLimits>;
  readonly metrics?: TaskMetrics;
};

export interface OpenedModel {
  readonly instance: Instance;
  readonly loaded: LoadedInstance;
  /** Answers encoded ModelInferRequests as one batch: encoded responses, or why there is none. */
  inferBatch(messages: readonly Buffer[], contexts?: readonly ItemContext[]): Promise<readonly (Buffer | WeftError)[]>;
  /** The same for requests of sequences. */
  inferSequences(
    items: readonly { readonly message: Buffer; readonly sequence: ItemSequence }[],
  ): Promise<readonly (Buffer | WeftError)[]>;
  close(): Promise<void>;
}

/** The context of an item that somebody waits for. */
export const attended: ItemContext = { throwIfGone() {} };

/** Loads and warms up. Rejects with what a replica would tell of the failed load. */
export async function openModel(catalogue: WorkerCatalogue, { metrics, ...model }: ModelToOpen): Promise<OpenedModel> {
  const spec: InstanceSpec = {
    model: model.config.name,
    version: '1',
    providers: ['cpu'],
    deviceId: 0,
    threads: 2,
    maxMessageBytes: 2 ** 26,
    ...model,
    limits: { maxImagePixels: 50_000_000, maxTextBytes: 1 << 20, maxTexts: 1024, ...model.limits },
  };
  const instance = await loadInstance(spec, catalogue, metrics);
  return {
    instance,
    loaded: instance.loaded,
    inferBatch: (messages, contexts = messages.map(() => attended)) =>
      inferBatch(instance, {
        method: '/inference.GRPCInferenceService/ModelInfer',
        items: messages.map((payload, index) => ({ payload, context: contexts[index] as ItemContext })),
        onDecoded() {},
        onExecuted() {},
      }),
    inferSequences: (items) =>
      inferBatch(instance, {
        method: '/inference.GRPCInferenceService/ModelInfer',
        items: items.map(({ message, sequence }) => ({ payload: message, context: attended, sequence })),
        onDecoded() {},
        onExecuted() {},
      }),
    close: () => instance.unload(),
  };
}
