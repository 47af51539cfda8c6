// The nlp service: text. All it has of its own are its tasks, its models and its proto; the rest is the runtime's.
import { fileURLToPath } from 'node:url';
import { type RunningService, startModelService } from '@weft/runtime/service';
import type { Telemetry } from '@weft/telemetry';
import type { NlpSettings } from './config.ts';

/** Starts listening and loading. Rejects when the port is taken or a model repository cannot be read. */
export async function startNlp(
  settings: NlpSettings,
  telemetry: Pick<Telemetry, 'log' | 'tracing'>,
): Promise<RunningService> {
  return startModelService({
    name: 'nlp',
    workerEntry: new URL('./worker.js', import.meta.url),
    defaults: new URL('../defaults.json', import.meta.url),
    typedServices: ['weft.nlp.v1.NlpService'],
    defaultRepository: fileURLToPath(new URL('../../../models/', import.meta.url)),
    npmRoots: [fileURLToPath(new URL('..', import.meta.url))],
    settings,
    telemetry,
  });
}
