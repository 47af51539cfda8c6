// The `parameters` of requests, inputs and outputs, from JSON to InferParameter, less those that only the HTTP form has.
import { invalidArgument } from '@weft/errors';
import type { InferParameter } from '@weft/rpc/messages/inference/InferParameter';
import type { JsonValue } from '../json/json-reader.ts';

export type Parameters = Map<string, InferParameter>;

/** Throws INVALID_ARGUMENT naming the parameter, and whose it is. */
export function parametersOf(json: JsonValue, owner: string): Parameters {
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    throw invalidArgument(`the parameters of ${owner} must be an object`);
  return new Map(Object.entries(json).map(([name, value]) => [name, parameterOf(name, value as JsonValue, owner)]));
}

function parameterOf(name: string, value: JsonValue, owner: string): InferParameter {
  if (typeof value === 'boolean') return { boolParam: value };
  if (typeof value === 'string') return { stringParam: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { int64Param: value } : { doubleParam: value };
  // As text: numbers would not be exact.
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return { int64Param: String(value) };
  if (typeof value === 'bigint' && BigInt.asUintN(64, value) === value) return { uint64Param: String(value) };
  throw invalidArgument(`parameter '${name}' of ${owner} must be a text, a number or a truth`);
}

/** Removes the parameter. */
export function takeBoolean(parameters: Parameters, name: string, owner: string): boolean | undefined {
  const given = parameters.get(name);
  if (given === undefined) return undefined;
  parameters.delete(name);
  if (given.boolParam === undefined) throw invalidArgument(`parameter '${name}' of ${owner} must be true or false`);
  return given.boolParam;
}

/** Removes the parameter. */
export function takeSize(parameters: Parameters, name: string, owner: string): number | undefined {
  const given = parameters.get(name);
  if (given === undefined) return undefined;
  parameters.delete(name);
  const size = given.int64Param;
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size;
  throw invalidArgument(`parameter '${name}' of ${owner} must be a number of bytes`);
}
