// The nlp service as a process of its own.
import { runProcess } from '@weft/dispatch';
import { readNlpSettings } from './config.ts';
import { startNlp } from './nlp-service.ts';

await runProcess('nlp', readNlpSettings, startNlp);
