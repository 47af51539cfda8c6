// Reads a model's configuration: `config.pbtxt` (protobuf text) or `config.json` (the same message as JSON). Neither is
// required: what is missing is completed from the model file once it is loaded.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WeftError } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { Enum, Type } from 'protobufjs';
import textformat from 'protobufjs/ext/textformat.js';
import { modelConfigSchema, toModelConfig } from './config-schema.ts';
import { fieldsFromJson } from './json-fields.ts';

/**
 * The configuration in a model's folder, with defaults filled in. The folder is called like the model, unless a name is given.
 * Throws INVALID_ARGUMENT naming the file below the repository: clients may see it.
 */
export function readConfigFile(directory: string, name?: string): ModelConfig__Output {
  const folder = basename(directory);
  const named = (config: ModelConfig__Output) => withName(config, name ?? folder, name === undefined);
  const text = join(directory, 'config.pbtxt');
  const json = join(directory, 'config.json');
  if (existsSync(text) && existsSync(json))
    throw new WeftError('INVALID_ARGUMENT', `${folder} has both config.pbtxt and config.json: keep one`);
  if (existsSync(text)) return named(parsed(text, parseConfigText));
  if (existsSync(json)) return named(parsed(json, parseConfigJson));
  return named(toModelConfig({}));
}

/** A configuration from protobuf text. Throws an Error that names the field or the line. */
export function parseConfigText(text: string): ModelConfig__Output {
  const source = withoutMark(text);
  try {
    return toModelConfig(onlyKnownValues(modelConfigSchema(), textformat.fromText(modelConfigSchema(), source)));
  } catch (thrown) {
    const message = messageOf(thrown);
    throw /\(line \d+\)$/.test(message) ? thrown : new Error(`${message}${lineOf(source, message)}`, { cause: thrown });
  }
}

/** A configuration from JSON; field names in either spelling, `max_batch_size` or `maxBatchSize`. Throws an Error that names the field. */
export function parseConfigJson(text: string): ModelConfig__Output {
  const type = modelConfigSchema();
  type.root.resolveAll();
  return toModelConfig(fieldsFromJson(type, JSON.parse(withoutMark(text))));
}

/** Editors put a byte order mark before the text. */
function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** The parser reads from front to back and names no line for a wrong value: it stands where the text first fails so. */
function lineOf(text: string, message: string): string {
  const lines = text.split('\n');
  for (let count = 1; count <= lines.length; count++) {
    try {
      textformat.fromText(modelConfigSchema(), lines.slice(0, count).join('\n'));
    } catch (thrown) {
      if (messageOf(thrown) === message) return ` (line ${count})`;
    }
  }
  return '';
}

/** Numbers that name no value of their enum pass the parser. Returns the message. */
function onlyKnownValues(type: Type, message: object): object {
  for (const field of type.fieldsArray) {
    const value: unknown = (message as Record<string, unknown>)[field.name];
    if (typeof value !== 'object' && typeof value !== 'number') continue;
    const values = field.repeated ? (value as unknown[]) : field.map ? Object.values(value as object) : [value];
    for (const one of values) {
      if (
        field.resolvedType instanceof Enum &&
        typeof one === 'number' &&
        field.resolvedType.valuesById[one] === undefined
      )
        throw new Error(`${field.fullName}: ${one} is none of its values`);
      if (field.resolvedType instanceof Type && typeof one === 'object' && one !== null)
        onlyKnownValues(field.resolvedType, one);
    }
  }
  return message;
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function parsed(file: string, parse: (text: string) => ModelConfig__Output): ModelConfig__Output {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new WeftError(
      'INVALID_ARGUMENT',
      `cannot read ${join(basename(dirname(file)), basename(file))}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function withName(config: ModelConfig__Output, name: string, isFolder: boolean): ModelConfig__Output {
  if (config.name !== '' && config.name !== name) {
    const other = isFolder ? `but its folder is '${name}'` : `not '${name}'`;
    throw new WeftError('INVALID_ARGUMENT', `the configuration names the model '${config.name}', ${other}`);
  }
  return { ...config, name };
}
