// The custom service with models that sleep (sleeping-worker.ts), as a process of its own.
import { readSettings } from '@weft/config';
import { customSettings } from '@weft/custom';
import { runProcess } from '@weft/dispatch';
import { startModelService } from '@weft/runtime/service';

await runProcess(
  'sleeping',
  () => readSettings(customSettings, { argv: process.argv.slice(2), env: {} }),
  (settings, telemetry) =>
    startModelService({
      name: 'custom',
      workerEntry: new URL('./sleeping-worker.js', import.meta.url),
      defaults: undefined,
      typedServices: [],
      defaultRepository: '',
      npmRoots: [],
      settings,
      telemetry,
    }),
);
