// The admin service of a router, and the two calls of the Open Inference Protocol that load and unload models.
import { linkedAbort } from '@weft/flow';
import type { RpcServer } from '@weft/rpc';
import type { GetProfilesRequest__Output } from '@weft/rpc/messages/weft/router/v1/GetProfilesRequest';
import type { GetProfilesResponse } from '@weft/rpc/messages/weft/router/v1/GetProfilesResponse';
import type { LoadModelRequest__Output } from '@weft/rpc/messages/weft/router/v1/LoadModelRequest';
import type { LoadModelResponse } from '@weft/rpc/messages/weft/router/v1/LoadModelResponse';
import type { PushRequest__Output } from '@weft/rpc/messages/weft/router/v1/PushRequest';
import type { PushResponse } from '@weft/rpc/messages/weft/router/v1/PushResponse';
import type { SetRolloutRequest__Output } from '@weft/rpc/messages/weft/router/v1/SetRolloutRequest';
import type { SetRolloutResponse } from '@weft/rpc/messages/weft/router/v1/SetRolloutResponse';
import type { UnloadModelRequest__Output } from '@weft/rpc/messages/weft/router/v1/UnloadModelRequest';
import type { UnloadModelResponse } from '@weft/rpc/messages/weft/router/v1/UnloadModelResponse';
import type { WatchModelsRequest__Output } from '@weft/rpc/messages/weft/router/v1/WatchModelsRequest';
import type { WatchModelsResponse } from '@weft/rpc/messages/weft/router/v1/WatchModelsResponse';
import { getProfiles } from './get-profiles.ts';
import { loadModel, unloadModel } from './load-model.ts';
import type { MeshAdmin } from './mesh-admin.ts';
import { push } from './push.ts';
import { setRollout } from './set-rollout.ts';
import { watchModels } from './watch-models.ts';

const service = '/weft.router.v1.Admin';

/** `stopping` aborts when the process does: who watches is not waited for. */
export function registerAdmin(server: RpcServer, admin: MeshAdmin, stopping: AbortSignal): void {
  server.bidi<PushRequest__Output, PushResponse>(`${service}/Push`, (requests, context) =>
    push(admin, requests, context),
  );
  server.unary<SetRolloutRequest__Output, SetRolloutResponse>(`${service}/SetRollout`, (request, context) =>
    setRollout(admin, request, context),
  );
  server.unary<LoadModelRequest__Output, LoadModelResponse>(`${service}/LoadModel`, async (request, context) => ({
    outcome: await loadModel(admin, request, context),
  }));
  server.unary<UnloadModelRequest__Output, UnloadModelResponse>(
    `${service}/UnloadModel`,
    async ({ name }, context) => ({ outcome: await unloadModel(admin, name, context) }),
  );
  server.serverStream<WatchModelsRequest__Output, WatchModelsResponse>(
    `${service}/WatchModels`,
    (_request, _context, gone) => watchUntil(admin, gone, stopping),
  );
  server.unary<GetProfilesRequest__Output, GetProfilesResponse>(`${service}/GetProfiles`, (request) =>
    Promise.resolve({ profiles: getProfiles(admin.options.engine, request) }),
  );
}

/** Until the client goes, or the process stops. */
async function* watchUntil(
  admin: MeshAdmin,
  gone: AbortSignal,
  stopping: AbortSignal,
): AsyncGenerator<WatchModelsResponse, void> {
  const either = linkedAbort(gone, stopping);
  try {
    yield* watchModels(admin, either.signal);
  } finally {
    either.release();
  }
}
