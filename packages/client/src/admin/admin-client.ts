// The calls of weft.router.v1.Admin: what operators ask of a router. They need the role `admin`. What changes something
// resolves once every replica has done it or failed to; the outcome tells which.
import type { ModelConfig } from '@weft/rpc/messages/inference/ModelConfig';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { GetProfilesResponse__Output } from '@weft/rpc/messages/weft/router/v1/GetProfilesResponse';
import type { LoadModelResponse__Output } from '@weft/rpc/messages/weft/router/v1/LoadModelResponse';
import type { Outcome__Output } from '@weft/rpc/messages/weft/router/v1/Outcome';
import type { ReplicaProfile__Output } from '@weft/rpc/messages/weft/router/v1/ReplicaProfile';
import type { SetRolloutResponse__Output } from '@weft/rpc/messages/weft/router/v1/SetRolloutResponse';
import type { CallOptions } from '../call-options.ts';
import type { RouterCalls } from '../router-calls.ts';
import { adminPath } from './admin-path.ts';
import { type PushOptions, type PushResult, push } from './push.ts';
import type { PushRequest } from './push-request.ts';
import { type RolloutChange, toRolloutMessage } from './rollout-change.ts';
import { type ModelsSnapshot, type WatchOptions, watchModels } from './watch-models.ts';

/** What the replicas have made of a change: settled, or not yet, each with its problem (empty: none). */
export type Outcome = Outcome__Output;
/** What the mesh should serve of a model. */
export type DesiredModel = DesiredModel__Output;
export type { ModelConfig };
/** How long the batches of one method take on one replica. */
export type ReplicaProfile = ReplicaProfile__Output;

export type AdminCallOptions = Omit<CallOptions, 'model' | 'modelVersion'>;

export interface LoadOptions extends AdminCallOptions {
  /** Takes the place of the configuration in the replicas' model repositories. */
  readonly config?: ModelConfig | undefined;
}

export interface ProfilesOptions extends AdminCallOptions {
  /** By default every version that serves. */
  readonly modelVersion?: string | undefined;
}

export interface RolloutResult {
  readonly model: DesiredModel;
  readonly outcome: Outcome;
}

export interface AdminClient {
  /**
   * Publishes a version of a model. The router says which of the files it has not got yet, and only those are sent, in
   * pieces, from disk; a push that lost its connection goes on where it was. Resolves when every replica has the version or
   * failed to get it: see `outcome`. Rejects with ALREADY_EXISTS when the version is there with other content.
   *
   * Takes up to 30 minutes unless the options say otherwise. A push that is cancelled before it is published changes nothing.
   *
   * @example
   * const { version, outcome } = await client.admin.push(
   *   { name: 'fraud', files: [{ path: 'model.onnx', file: 'out/model.onnx' }], canaryShare: 0.1 },
   *   { onProgress: (progress) => console.log(progress.stage) },
   * );
   * const failed = outcome.replicas.filter((replica) => replica.problem !== '');
   */
  push(request: PushRequest, options?: PushOptions): Promise<PushResult>;
  /**
   * Changes who gets which share of the requests that name no version. Is not tried again, whatever happens: a second
   * rollback would withdraw the version that the first one has left.
   *
   * @example
   * await client.admin.setRollout({ name: 'fraud', canary: { share: 0.2 } });
   * await client.admin.setRollout({ name: 'fraud', promote: {} });
   */
  setRollout(change: RolloutChange, options?: AdminCallOptions): Promise<RolloutResult>;
  /** Serves a model again, or reads it again from the replicas' model repositories. */
  load(name: string, options?: LoadOptions): Promise<Outcome>;
  /** Stops serving a model, everywhere, until it is loaded or pushed again. */
  unload(name: string, options?: AdminCallOptions): Promise<Outcome>;
  /**
   * The desired and the actual state of every model, now and after each change. A lost connection is made again, as long as
   * it takes once there was one. Ends when the signal aborts, the client is closed, or the reader leaves the loop.
   *
   * @example
   * for await (const { models } of client.admin.watchModels({ signal: AbortSignal.timeout(60_000) }))
   *   console.log(models.map(({ name, versions }) => `${name}: ${versions.length} versions`));
   */
  watchModels(options?: WatchOptions): AsyncIterable<ModelsSnapshot>;
  /**
   * How long batches of a model take, in milliseconds, as this router has learned: for each method and replica, the newest version
   * first. Empty while no replica serves the model, or where it batches sequences.
   *
   * @example
   * const [first] = await client.admin.profiles('fraud');
   * first?.times.map(({ rows, ms }) => `${rows} rows: ${ms} ms`);
   */
  profiles(name: string, options?: ProfilesOptions): Promise<ReplicaProfile[]>;
}

export function adminClient(calls: RouterCalls): AdminClient {
  return {
    push: (request, options = {}) => push(calls, request, options),
    async setRollout(change, options = {}) {
      const once = { ...options, once: true };
      const answer = await calls.call<SetRolloutResponse__Output>(
        adminPath('SetRollout'),
        toRolloutMessage(change),
        once,
      );
      return { model: answer.model as DesiredModel, outcome: outcomeOf(answer) };
    },
    async load(name, { config, ...options } = {}) {
      const request = { name, config: config ?? null };
      return outcomeOf(await calls.call<LoadModelResponse__Output>(adminPath('LoadModel'), request, options));
    },
    unload: async (name, options = {}) =>
      outcomeOf(await calls.call<LoadModelResponse__Output>(adminPath('UnloadModel'), { name }, options)),
    watchModels: (options = {}) => watchModels(calls, options),
    async profiles(name, { modelVersion = '', ...options } = {}) {
      const request = { name, version: modelVersion };
      return (await calls.call<GetProfilesResponse__Output>(adminPath('GetProfiles'), request, options)).profiles;
    },
  };
}

/** A router that has no replicas may leave the message out. */
function outcomeOf({ outcome }: { readonly outcome: Outcome | null }): Outcome {
  return outcome ?? { revision: 0, settled: true, replicas: [] };
}
