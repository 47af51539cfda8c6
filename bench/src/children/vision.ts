// The vision service in a process of its own, started as its main.ts does.
import { readSettings } from '@weft/config';
import { visionSettings, startVision } from '@weft/vision';
import { answerAsService } from './answer-as-service.ts';

answerAsService('vision', (argv, telemetry) => startVision(readSettings(visionSettings, { argv, env: {} }), telemetry));
