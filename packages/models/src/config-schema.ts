// The ModelConfig message as protobufjs sees it: used to read configuration files in protobuf text or JSON form into the
// same plain objects that the wire codecs make.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { protoDirectory } from '@weft/rpc/wire';
import { parse, type Type } from 'protobufjs';

let schema: Type | undefined;

export function modelConfigSchema(): Type {
  schema ??= parse(readFileSync(join(protoDirectory, 'inference/model_config.proto'), 'utf8')).root.lookupType(
    'inference.ModelConfig',
  );
  return schema;
}

/** A ModelConfig message with every default filled in, in the form of the generated types. */
export function toModelConfig(message: object): ModelConfig__Output {
  const type = modelConfigSchema();
  const options = { longs: Number, enums: String, defaults: true, arrays: true, objects: true, oneofs: true };
  return type.toObject(type.fromObject(message), options) as ModelConfig__Output;
}
