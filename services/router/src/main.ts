// The router as a process of its own.
import { runProcess } from '@weft/dispatch';
import { readRouterSettings } from './config.ts';
import { startRouter } from './router-service.ts';

await runProcess('router', readRouterSettings, startRouter);
