// The custom service with a worker of the bench's own, whose streams give back what they get (echo-stream-worker.ts).
import { readSettings } from '@weft/config';
import { customSettings } from '@weft/custom';
import { startModelService } from '@weft/runtime/service';
import { answerAsService } from './answer-as-service.ts';

answerAsService('streams', (argv, telemetry) =>
  startModelService({
    name: 'custom',
    workerEntry: new URL('./echo-stream-worker.js', import.meta.url),
    defaults: undefined,
    typedServices: ['weft.vision.v1.VisionService'],
    defaultRepository: '',
    npmRoots: [],
    settings: readSettings(customSettings, { argv, env: {} }),
    telemetry,
  }),
);
