// The custom service with the models of hostile-mesh.ts and typed calls (fuzz-worker.ts), as a process of its own.
import { readSettings } from '@weft/config';
import { customSettings } from '@weft/custom';
import { runProcess } from '@weft/dispatch';
import { startModelService } from '@weft/runtime/service';

await runProcess(
  'fuzz',
  () => readSettings(customSettings, { argv: process.argv.slice(2), env: {} }),
  (settings, telemetry) =>
    startModelService({
      name: 'custom',
      workerEntry: new URL('./fuzz-worker.js', import.meta.url),
      defaults: undefined,
      typedServices: ['weft.nlp.v1.NlpService'],
      defaultRepository: '',
      npmRoots: [],
      settings,
      telemetry,
    }),
);
