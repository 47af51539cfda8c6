// The generator service as a process of its own.
import { runProcess } from '@weft/dispatch';
import { readGeneratorSettings } from './config.ts';
import { startGenerator } from './generator-service.ts';

await runProcess('generator', readGeneratorSettings, startGenerator);
