// The JSON of a load or an unload to its request, encoded. Files come with it, as base64: it runs in a worker when it is large.
import { invalidArgument } from '@weft/errors';
import { rpcMethod } from '@weft/rpc/protos';
import type { ModelRepositoryParameter } from '@weft/rpc/messages/inference/ModelRepositoryParameter';
import type { JsonObject, JsonValue } from '../json/json-reader.ts';
import { parseObject } from './read-object.ts';

export interface ChangeTarget {
  /** Full path of the method. */
  readonly rpc: string;
  readonly model: string;
}

/** Throws INVALID_ARGUMENT naming the parameter. */
export function parseChange(json: Buffer, { rpc, model }: ChangeTarget): Uint8Array {
  const { parameters = {} } = parseObject(json);
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    throw invalidArgument("'parameters' must be an object");
  const given = Object.entries(parameters as JsonObject).map(([name, value]) => [name, parameterOf(name, value)]);
  return rpcMethod(rpc).encodeRequest({ modelName: model, parameters: Object.fromEntries(given) });
}

/** A file's content is base64. */
function parameterOf(name: string, value: JsonValue): ModelRepositoryParameter {
  if (typeof value === 'string')
    return name.startsWith('file:') ? { bytesParam: Buffer.from(value, 'base64') } : { stringParam: value };
  if (typeof value === 'boolean') return { boolParam: value };
  if (typeof value === 'number' && Number.isInteger(value)) return { int64Param: value };
  throw invalidArgument(`parameter '${name}' must be a text, a whole number or a truth`);
}
