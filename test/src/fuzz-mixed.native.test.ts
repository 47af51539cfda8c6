// Mutated messages of every kind at once: see fuzz/run-fuzz.ts.
import { test } from 'node:test';
import { messageCount, runFuzz, seed } from './fuzz/run-fuzz.ts';

test(`${messageCount} mutated messages of every kind at once, seed ${seed}: none is an internal error, and nothing stays of them`, (t) =>
  runFuzz(t, 'mixed'));
