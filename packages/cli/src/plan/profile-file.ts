// Measured times in a file: what `npm run bench -- profile` keeps, or anything of that form.
import { WeftError } from '@weft/errors';
import type { BatchTime } from './batch-curve.ts';
import { leastMarginMs, type ModelProfile, usualDeviation } from './model-profile.ts';

const form = '{"models": [{"name": "fraud", "maxRows": 32, "sizes": [{"rows": 1, "ms": 9.5}]}]}';

/** Throws INVALID_ARGUMENT with what is wrong with the file, NOT_FOUND when the model is not in it. */
export function profileInFile(text: string, path: string, model: string): ModelProfile {
  const wrong = (what: string, cause?: unknown): WeftError =>
    new WeftError('INVALID_ARGUMENT', `${path}: ${what}; expected ${form}`, { cause });
  const models = fieldOf(parsed(text, wrong), 'models');
  if (!Array.isArray(models)) throw wrong('there is no list "models"');
  const entry: unknown = models.find((one: unknown) => fieldOf(one, 'name') === model);
  if (entry === undefined) {
    const names = models.map((one: unknown) => String(fieldOf(one, 'name')));
    throw new WeftError('NOT_FOUND', `${path} has no times of '${model}'; it has ${names.join(', ') || 'none at all'}`);
  }
  const maxRows = fieldOf(entry, 'maxRows');
  if (typeof maxRows !== 'number' || !Number.isInteger(maxRows) || maxRows < 1)
    throw wrong(`'maxRows' of ${model} is no whole number above zero`);
  const sizes = fieldOf(entry, 'sizes');
  if (!Array.isArray(sizes) || sizes.length === 0) throw wrong(`${model} has no "sizes"`);
  const times = sizes.map((size: unknown): BatchTime => {
    const [rows, ms] = [fieldOf(size, 'rows'), fieldOf(size, 'ms')];
    if (typeof rows === 'number' && typeof ms === 'number' && rows >= 1 && ms > 0) return { rows, ms };
    throw wrong(`a size of ${model} is ${JSON.stringify(size)}`);
  });
  const method = fieldOf(entry, 'method');
  return {
    model,
    version: '',
    method: typeof method === 'string' ? method : '',
    source: path,
    ...{ maxRows, times, instances: 1, deviation: usualDeviation, marginMs: leastMarginMs },
  };
}

function parsed(text: string, wrong: (what: string, cause: unknown) => WeftError): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw wrong('it is no JSON', cause);
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
