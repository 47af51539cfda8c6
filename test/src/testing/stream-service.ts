// A service with one of the workers of tests that serve streams, as a process of its own. Which one the environment says.
import { readSettings } from '@weft/config';
import { customSettings } from '@weft/custom';
import { runProcess } from '@weft/dispatch';
import { startModelService } from '@weft/runtime/service';
import { workerVariable } from './stream-processes.ts';

await runProcess(
  'streams',
  () => readSettings(customSettings, { argv: process.argv.slice(2), env: {} }),
  (settings, telemetry) =>
    startModelService({
      name: 'custom',
      workerEntry: new URL(`./${process.env[workerVariable]}-worker.js`, import.meta.url),
      defaults: undefined,
      typedServices: ['weft.nlp.v1.NlpService', 'weft.vision.v1.VisionService'],
      defaultRepository: '',
      npmRoots: [],
      settings,
      telemetry,
    }),
);
