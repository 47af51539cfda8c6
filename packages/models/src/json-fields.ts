// A message in JSON form, checked field by field against its schema before protobufjs makes a message of it: that would pass over a
// misspelt field or value in silence, and a model would be served by other settings than its file says.
import { nearestName } from '@weft/config';
import { Enum, type Field, MapField, type Type } from 'protobufjs';

/**
 * The fields in protobufjs's spelling. Takes names in either spelling, `max_batch_size` or `maxBatchSize`; null counts as absent.
 * Throws a TypeError that names the field by its path: `input[0].data_type`.
 */
export function fieldsFromJson(type: Type, json: unknown, path = ''): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw expected(path, 'a JSON object', json);
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(json)) {
    if (value === null) continue;
    const name = key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
    const at = path === '' ? key : `${path}.${key}`;
    if (field === undefined) throw unknownField(type, key, at);
    if (Object.hasOwn(fields, name)) throw new TypeError(`field '${at}' is given twice`);
    fields[name] = fieldValue(field.resolve(), value, at);
  }
  return fields;
}

function fieldValue(field: Field, value: unknown, path: string): unknown {
  if (field instanceof MapField) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw expected(path, 'a JSON object', value);
    // Keys of maps are the user's own.
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, singleValue(field, entry, `${path}["${key}"]`)]),
    );
  }
  if (!field.repeated) return singleValue(field, value, path);
  if (!Array.isArray(value)) throw expected(path, 'an array', value);
  return value.map((element, index) => singleValue(field, element, `${path}[${index}]`));
}

function singleValue(field: Field, value: unknown, path: string): unknown {
  const { resolvedType } = field;
  if (resolvedType instanceof Enum) return enumValue(resolvedType, value, path);
  if (resolvedType !== null) return fieldsFromJson(resolvedType, value, path);
  switch (field.type) {
    case 'string':
      if (typeof value !== 'string') throw expected(path, 'text', value);
      return value;
    case 'bool':
      if (typeof value !== 'boolean') throw expected(path, 'true or false', value);
      return value;
    default:
      return numberValue(field.type, value, path);
  }
}

function enumValue({ values }: Enum, value: unknown, path: string): unknown {
  const known =
    typeof value === 'string' ? Object.hasOwn(values, value) : Object.values(values).includes(value as number);
  if (!known) throw expected(path, `one of ${Object.keys(values).join(', ')}`, value);
  return value;
}

/** Numbers may be written as text, as 64-bit integers are in protobuf's own JSON. */
function numberValue(type: string, value: unknown, path: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw expected(path, 'a number', value);
  if (type === 'float' || type === 'double') return number;
  const least = type.startsWith('u') ? 0 : type.endsWith('64') ? Number.MIN_SAFE_INTEGER : -(2 ** 31);
  const most = type.endsWith('64') ? Number.MAX_SAFE_INTEGER : type.startsWith('u') ? 2 ** 32 - 1 : 2 ** 31 - 1;
  if (!Number.isInteger(number) || number < least || number > most)
    throw expected(path, least === 0 ? 'a whole number, not below 0' : 'a whole number', value);
  return number;
}

function unknownField(type: Type, key: string, path: string): TypeError {
  const near = nearestName(
    key,
    Object.keys(type.fields).map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
  );
  return new TypeError(`unknown field '${path}'${near === undefined ? '' : `: did you mean ${near}?`}`);
}

function expected(path: string, what: string, value: unknown): TypeError {
  const where = path === '' ? '' : `${path}: `;
  return new TypeError(`${where}expected ${what}, got ${JSON.stringify(value)?.slice(0, 80) ?? typeof value}`);
}
