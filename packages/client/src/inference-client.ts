// What the Open Inference Protocol tells of models and of the server.
import type { ModelConfig } from '@weft/rpc/messages/inference/ModelConfig';
import type { ModelConfigResponse__Output } from '@weft/rpc/messages/inference/ModelConfigResponse';
import type { ModelMetadataResponse__Output } from '@weft/rpc/messages/inference/ModelMetadataResponse';
import type { ModelReadyResponse__Output } from '@weft/rpc/messages/inference/ModelReadyResponse';
import type {
  _inference_RepositoryIndexResponse_ModelIndex__Output,
  RepositoryIndexResponse__Output,
} from '@weft/rpc/messages/inference/RepositoryIndexResponse';
import type { ServerLiveResponse__Output } from '@weft/rpc/messages/inference/ServerLiveResponse';
import type { ServerMetadataResponse__Output } from '@weft/rpc/messages/inference/ServerMetadataResponse';
import type { ServerReadyResponse__Output } from '@weft/rpc/messages/inference/ServerReadyResponse';
import type { CallOptions } from './call-options.ts';
import type { RouterCalls } from './router-calls.ts';

export type ModelMetadata = ModelMetadataResponse__Output;
export type ModelIndex = _inference_RepositoryIndexResponse_ModelIndex__Output;
export type ServerMetadata = ServerMetadataResponse__Output;

/** The options of calls that ask about a model by name; `modelVersion` narrows the question to one version. */
export type ModelCallOptions = Omit<CallOptions, 'model'>;

export interface ModelsClient {
  /**
   * A model's versions, inputs and outputs; −1 in a shape stands for any size. Rejects with NOT_FOUND for an unknown one.
   *
   * @example
   * const { inputs } = await client.models.metadata('my-model');
   * inputs[0]; // { name: 'x', datatype: 'FP32', shape: [-1, 4] }
   */
  metadata(model: string, options?: ModelCallOptions): Promise<ModelMetadata>;
  /**
   * A model's configuration, completed from its file. Of a decoupled model, which only `streamInfer` can ask, its
   * `modelTransactionPolicy` says so. Rejects with NOT_FOUND for an unknown one.
   */
  config(model: string, options?: ModelCallOptions): Promise<ModelConfig>;
  /** Whether a model, or one version of it, is READY. */
  ready(model: string, options?: ModelCallOptions): Promise<boolean>;
  /**
   * Every model and version with its state and the reason for it.
   *
   * @example
   * const broken = (await client.models.index()).filter((model) => model.state === 'UNAVAILABLE');
   */
  index(options?: IndexOptions): Promise<ModelIndex[]>;
}

export interface IndexOptions extends ModelCallOptions {
  /** Only models that are READY. */
  readonly readyOnly?: boolean | undefined;
}

export interface ServerClient {
  /** Whether the router's process is alive. */
  live(options?: CallOptions): Promise<boolean>;
  /** Whether the router can take requests. */
  ready(options?: CallOptions): Promise<boolean>;
  /** The server's name and version, and the extensions of the protocol that it has. */
  metadata(options?: CallOptions): Promise<ServerMetadata>;
}

export const inferencePath = (name: string) => `/inference.GRPCInferenceService/${name}`;

export function modelsClient(calls: RouterCalls): ModelsClient {
  return {
    metadata: (name, options = {}) =>
      calls.call(inferencePath('ModelMetadata'), { name, version: options.modelVersion ?? '' }, options),
    async config(name, options = {}) {
      const request = { name, version: options.modelVersion ?? '' };
      const path = inferencePath('ModelConfig');
      return (await calls.call<ModelConfigResponse__Output>(path, request, options)).config ?? {};
    },
    async ready(name, options = {}) {
      const request = { name, version: options.modelVersion ?? '' };
      return (await calls.call<ModelReadyResponse__Output>(inferencePath('ModelReady'), request, options)).ready;
    },
    async index(options = {}) {
      const request = { ready: options.readyOnly ?? false };
      return (await calls.call<RepositoryIndexResponse__Output>(inferencePath('RepositoryIndex'), request, options))
        .models;
    },
  };
}

export function serverClient(calls: RouterCalls): ServerClient {
  return {
    live: async (options = {}) =>
      (await calls.call<ServerLiveResponse__Output>(inferencePath('ServerLive'), {}, options)).live,
    ready: async (options = {}) =>
      (await calls.call<ServerReadyResponse__Output>(inferencePath('ServerReady'), {}, options)).ready,
    metadata: (options = {}) => calls.call(inferencePath('ServerMetadata'), {}, options),
  };
}
