// The vision service as a process of its own.
import { runProcess } from '@weft/dispatch';
import { readVisionSettings } from './config.ts';
import { startVision } from './vision-service.ts';

await runProcess('vision', readVisionSettings, startVision);
