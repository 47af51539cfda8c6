// The generator service in a process of its own, started as its main.ts does.
import { readSettings } from '@weft/config';
import { generatorSettings, startGenerator } from '@weft/generator';
import { answerAsService } from './answer-as-service.ts';

answerAsService('generator', (argv, telemetry) =>
  startGenerator(readSettings(generatorSettings, { argv, env: {} }), telemetry),
);
