// The custom service in a process of its own, started as its main.ts does.
import { readSettings } from '@weft/config';
import { customSettings, startCustom } from '@weft/custom';
import { answerAsService } from './answer-as-service.ts';

answerAsService('custom', (argv, telemetry) => startCustom(readSettings(customSettings, { argv, env: {} }), telemetry));
