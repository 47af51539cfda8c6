// Reads a model's configuration: `config.pbtxt` (protobuf text) or `config.json` (the same message as JSON). Neither is
// required: what is missing is completed from the model file once it is loaded.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WeftError } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import textformat from 'protobufjs/ext/textformat.js';
import { modelConfigSchema, toModelConfig } from './config-schema.ts';

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

/** A configuration from protobuf text. Throws whatever the parser says. */
export function parseConfigText(text: string): ModelConfig__Output {
  return toModelConfig(textformat.fromText(modelConfigSchema(), text));
}

/** A configuration from JSON; field names in either spelling, `max_batch_size` or `maxBatchSize`. */
export function parseConfigJson(text: string): ModelConfig__Output {
  const parsedJson: unknown = JSON.parse(text);
  if (typeof parsedJson !== 'object' || parsedJson === null || Array.isArray(parsedJson))
    throw new TypeError('expected a JSON object');
  return toModelConfig(camelCaseFields(parsedJson) as object);
}

/** Field names to camelCase; keys of maps, which are the user's own, are left alone. */
function camelCaseFields(value: unknown, isMap = false): unknown {
  if (Array.isArray(value)) return value.map((element) => camelCaseFields(element));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, content]) => {
    const name = isMap ? key : key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
    return [name, camelCaseFields(content, !isMap && mapFields.has(name))];
  });
  return Object.fromEntries(entries);
}

const mapFields = new Set([
  'parameters',
  'ccModelFilenames',
  'metricTags',
  'inputMap',
  'outputMap',
  'inputs',
  'priorityQueuePolicy',
]);

function parsed(file: string, parse: (text: string) => ModelConfig__Output): ModelConfig__Output {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new WeftError(
      'INVALID_ARGUMENT',
      `cannot read ${join(basename(dirname(file)), basename(file))}: ${cause instanceof Error ? cause.message : String(cause)}`,
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
