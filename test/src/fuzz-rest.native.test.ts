// Mutated messages of REST: see fuzz/run-fuzz.ts.
import { test } from 'node:test';
import { messageCount, runFuzz, seed } from './fuzz/run-fuzz.ts';

test(`${messageCount} mutated messages of REST, seed ${seed}: none is an internal error, and nothing stays of them`, (t) =>
  runFuzz(t, 'rest'));
