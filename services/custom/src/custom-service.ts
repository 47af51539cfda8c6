// The custom service: users' own models, asked by the Open Inference Protocol alone. It has no typed API, no tasks and no default models.
import { fileURLToPath } from 'node:url';
import { type RunningService, startModelService } from '@weft/runtime/service';
import type { Telemetry } from '@weft/telemetry';
import type { CustomSettings } from './config.ts';

/** Starts listening and loading. Rejects when the port is taken or a model repository cannot be read. */
export async function startCustom(
  settings: CustomSettings,
  telemetry: Pick<Telemetry, 'log' | 'tracing'>,
): Promise<RunningService> {
  return startModelService({
    name: 'custom',
    workerEntry: new URL('./worker.js', import.meta.url),
    defaults: undefined,
    typedServices: [],
    defaultRepository: fileURLToPath(new URL('../../../models/', import.meta.url)),
    npmRoots: [fileURLToPath(new URL('..', import.meta.url))],
    settings,
    telemetry,
  });
}
