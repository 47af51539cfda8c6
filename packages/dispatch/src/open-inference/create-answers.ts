// Puts the answers together: each group of calls has a file of its own.
import { WeftError } from '@weft/errors';
import type { MeshAdmin } from '../admin/mesh-admin.ts';
import type { Inventory } from '../inventory.ts';
import type { OpenInferenceAnswers } from './answers.ts';
import { indexRows } from './index-rows.ts';
import { modelMetadata, modelReady, requireName } from './model-calls.ts';
import { repositoryAnswers } from './repository-calls.ts';

export interface OpenInferenceOptions {
  readonly serverName: string;
  readonly serverVersion: string;
  readonly inventory: () => Inventory;
  readonly ready: () => boolean;
  /** Of a router: through it models are loaded and unloaded. */
  readonly admin?: MeshAdmin;
}

export function createAnswers(options: OpenInferenceOptions): OpenInferenceAnswers {
  const { serverName: name, serverVersion: version, inventory, ready, admin } = options;
  return {
    ServerLive: () => ({ live: true }),
    ServerReady: () => ({ ready: ready() }),
    ServerMetadata: () => ({ name, version, extensions: [] }),
    ModelReady(request) {
      requireName(request.name);
      return { ready: modelReady(inventory(), request.name, request.version) };
    },
    ModelMetadata(request) {
      requireName(request.name);
      return modelMetadata(inventory(), request.name, request.version);
    },
    RepositoryIndex(request) {
      if (request.repositoryName !== '')
        throw new WeftError('UNIMPLEMENTED', "there is one repository: 'repository_name' must be empty");
      return { models: indexRows(inventory(), request.ready) };
    },
    ...repositoryAnswers(admin),
  };
}
