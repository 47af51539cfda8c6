// Entry of an instance's worker.
import { serveInstance } from '@weft/runtime';
import { catalogue } from './catalogue.ts';

serveInstance(catalogue);
