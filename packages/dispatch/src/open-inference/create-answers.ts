// Puts the answers together: each group of calls has a file of its own.
import { WeftError } from '@weft/errors';
import type { Log, Tracing } from '@weft/telemetry';
import type { MeshAdmin } from '../admin/mesh-admin.ts';
import type { Inventory } from '../replicas/inventory.ts';
import { resolveVersion } from '../engine/resolve-version.ts';
import type { SharedMemory } from '../shared-memory/shared-memory.ts';
import type { StatisticsBook } from '../statistics/statistics-book.ts';
import type { OpenInferenceAnswers } from './answers.ts';
import { extensions } from './extensions.ts';
import { indexRows } from './index-rows.ts';
import { logSettings } from './log-settings.ts';
import { modelMetadata, modelReady, requireName } from './model-calls.ts';
import { modelStatistics } from './model-statistics.ts';
import { repositoryAnswers } from './repository-calls.ts';
import { sharedMemoryAnswers } from './shared-memory-calls.ts';
import { traceSettings } from './trace-settings.ts';

export interface OpenInferenceOptions {
  readonly serverName: string;
  readonly serverVersion: string;
  readonly inventory: () => Inventory;
  readonly ready: () => boolean;
  readonly statistics: StatisticsBook;
  readonly log: Log;
  readonly tracing: Tracing;
  /** Of a service that offers it. */
  readonly sharedMemory?: SharedMemory | undefined;
  /** Of a router: through it models are loaded and unloaded. */
  readonly admin?: MeshAdmin;
}

export function createAnswers(options: OpenInferenceOptions): OpenInferenceAnswers {
  const { serverName: name, serverVersion: version, inventory, ready, sharedMemory, admin } = options;
  return {
    ServerLive: () => ({ live: true }),
    ServerReady: () => ({ ready: ready() }),
    ServerMetadata: () => ({ name, version, extensions: extensions(sharedMemory !== undefined) }),
    ModelReady(request) {
      requireName(request.name);
      return { ready: modelReady(inventory(), request.name, request.version) };
    },
    ModelMetadata(request) {
      requireName(request.name);
      return modelMetadata(inventory(), request.name, request.version);
    },
    ModelConfig(request) {
      requireName(request.name);
      return { config: resolveVersion(inventory(), request.name, request.version).entry.config };
    },
    ModelStatistics: (request) => ({ modelStats: modelStatistics(options, request) }),
    RepositoryIndex(request) {
      if (request.repositoryName !== '')
        throw new WeftError('UNIMPLEMENTED', "there is one repository: 'repository_name' must be empty");
      return { models: indexRows(inventory(), request.ready) };
    },
    ...repositoryAnswers(admin),
    ...sharedMemoryAnswers(sharedMemory, admin !== undefined),
    LogSettings: logSettings(options.log),
    TraceSetting: traceSettings(options),
  };
}
