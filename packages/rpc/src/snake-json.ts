// Messages as the JSON that HTTP clients of the Open Inference Protocol know: the field names of the .proto files, 64-bit integers
// as numbers, no field for a message that is not there. (protobuf's own JSON form has other names, and texts for 64-bit integers.)
// The schema leads, not the names: keys of maps stay as they are.
import { join } from 'node:path';
import { Root, type Type } from 'protobufjs';
import { protoDirectory } from './proto-directory.ts';
import { rpcMethod } from './protos.ts';

let schema: Root | undefined;

/** The response of a method of the Open Inference Protocol, from the form in which its handler gives it. */
export function responseJson(path: string, response: object): unknown {
  const method = rpcMethod(path);
  const type = responseType(path);
  const json = type.toObject(type.decode(method.encodeResponse(response)), {
    longs: Number,
    enums: String,
    defaults: true,
    arrays: true,
    objects: true,
  });
  return withoutNulls(json);
}

function responseType(path: string): Type {
  const [, service = '', method = ''] = path.split('/');
  const { responseType: name = '' } = inferenceSchema().lookupService(service).methods[method] ?? {};
  return inferenceSchema().lookupType(`inference.${name}`);
}

function inferenceSchema(): Root {
  if (schema !== undefined) return schema;
  const root = new Root();
  root.resolvePath = (_origin, target) => join(protoDirectory, target);
  schema = root.loadSync('inference/grpc_service.proto', { keepCase: true });
  return schema;
}

/** protobufjs writes null for messages that are absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([name, field]) => [name, withoutNulls(field)]),
  );
}
