// The wire contract, loaded from proto/ once per thread: every method of every service, with what a byte shuttle must
// know of it (does it stream, which field counts its rows) and the codecs for whoever looks inside.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { loadSync, type PackageDefinition, type ServiceDefinition } from '@grpc/proto-loader';
import { Root, type Type } from 'protobufjs';
import { protoDirectory } from './proto-directory.ts';

export interface RpcMethod {
  /** Full path: `/weft.nlp.v1.NlpService/Embed`. */
  readonly path: string;
  /** Full name of the service: `weft.nlp.v1.NlpService`. */
  readonly service: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  /** Number of the request's field whose length is its number of rows; 0: every request is one row. */
  readonly rowsField: number;
  encodeRequest(request: object): Buffer;
  decodeRequest(bytes: Buffer): object;
  encodeResponse(response: object): Buffer;
  decodeResponse(bytes: Buffer): object;
}

const codecOptions = {
  keepCase: false,
  longs: Number,
  enums: String,
  defaults: true,
  arrays: true,
  objects: true,
  oneofs: true,
} as const;

let definition: PackageDefinition | undefined;
let methods: ReadonlyMap<string, RpcMethod> | undefined;

/** proto-loader's definition of everything under proto/: what grpc-js and its tools take. */
export function loadProtos(): PackageDefinition {
  definition ??= loadSync(protoFiles(), { ...codecOptions, includeDirs: [protoDirectory] });
  return definition;
}

/** Every method by its path. */
export function rpcMethods(): ReadonlyMap<string, RpcMethod> {
  methods ??= readMethods();
  return methods;
}

/** One method by its path. A path that is in no proto is a mistake of the caller: TypeError. */
export function rpcMethod(path: string): RpcMethod {
  const method = rpcMethods().get(path);
  if (method === undefined) throw new TypeError(`no method ${path} in proto/`);
  return method;
}

function readMethods(): ReadonlyMap<string, RpcMethod> {
  const root = loadSchema();
  const found = new Map<string, RpcMethod>();
  for (const [service, entry] of Object.entries(loadProtos())) {
    if ('format' in entry) continue;
    const schema = root.lookupService(service);
    for (const method of Object.values(entry as ServiceDefinition)) {
      const requestType = schema.methods[method.path.slice(method.path.lastIndexOf('/') + 1)]?.requestType;
      found.set(method.path, {
        path: method.path,
        service,
        requestStream: method.requestStream,
        responseStream: method.responseStream,
        rowsField: requestType === undefined ? 0 : rowsFieldOf(schema.lookupType(requestType)),
        encodeRequest: method.requestSerialize,
        decodeRequest: method.requestDeserialize,
        encodeResponse: method.responseSerialize,
        decodeResponse: method.responseDeserialize,
      });
    }
  }
  return found;
}

function rowsFieldOf(type: Type): number {
  const field = type.fieldsArray.find((candidate) => candidate.getOption('(weft.options.v1.rows)') === true);
  return field?.id ?? 0;
}

/** The schema itself: proto-loader's definition leaves out options that descriptor.proto does not know. */
function loadSchema(): Root {
  const root = new Root();
  const locate = createRequire(import.meta.url);
  root.resolvePath = (_origin, target) =>
    target.startsWith('google/') ? locate.resolve(`protobufjs/${target}`) : join(protoDirectory, target);
  return root.loadSync(protoFiles());
}

function protoFiles(): string[] {
  return readdirSync(protoDirectory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.proto'));
}
