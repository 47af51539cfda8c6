// The nlp service in a process of its own, started as its main.ts does.
import { readSettings } from '@weft/config';
import { nlpSettings, startNlp } from '@weft/nlp';
import { answerAsService } from './answer-as-service.ts';

answerAsService('nlp', (argv, telemetry) => startNlp(readSettings(nlpSettings, { argv, env: {} }), telemetry));
