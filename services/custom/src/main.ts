// The custom service as a process of its own.
import { runProcess } from '@weft/dispatch';
import { readCustomSettings } from './config.ts';
import { startCustom } from './custom-service.ts';

await runProcess('custom', readCustomSettings, startCustom);
