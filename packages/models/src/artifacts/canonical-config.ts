// A model's configuration in one form only, for signatures: protobuf's own bytes may differ between implementations. It is the JSON
// form of protobuf, with the keys of every object sorted, without blanks, and without what is not set:
// - fields by their lowerCamelCase names; absent are null messages, empty lists and maps, and scalars of the value zero, unless
//   the scalar is the chosen one of a oneof; a message that is set but empty is {};
// - 64-bit integers as decimal strings, floats as the double that the 32 bits stand for, bytes in base64, enums by name.
// Fields that this version of weft does not know are not in it: who signs one does not vouch for what is unknown here, and
// unknown fields have no effect here either.
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { Field, Type } from 'protobufjs';
import { modelConfigSchema } from '../config-schema.ts';

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

export function canonicalConfig(config: ModelConfig__Output | null): string {
  return canonicalJson(config === null ? {} : canonicalMessage(modelConfigSchema(), config));
}

/** JSON with sorted keys and no blanks. */
function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value as Record<string, Json>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, content]) => `${JSON.stringify(key)}:${canonicalJson(content)}`).join(',')}}`;
}

function canonicalMessage(type: Type, message: object): Json {
  const values = message as Readonly<Record<string, unknown>>;
  const entries: [string, Json][] = [];
  for (const field of type.fieldsArray) {
    const value = values[field.name];
    field.resolve();
    const isSet = field.map || field.repeated ? isFilled(value) : isPresent(field, value);
    if (isSet) entries.push([field.name, canonicalField(field, value)]);
  }
  return Object.fromEntries(entries);
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function isPresent(field: Field, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (field.partOf !== null || isMessage(field)) return true;
  return !isZero(field, value);
}

function isZero(field: Field, value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  if (field.resolvedType !== null && 'values' in field.resolvedType)
    return value === 0 || field.resolvedType.values[String(value)] === 0;
  return value === '' || value === false || Number(value) === 0;
}

function isMessage(field: Field): boolean {
  return field.resolvedType !== null && 'fields' in field.resolvedType;
}

function canonicalField(field: Field, value: unknown): Json {
  const one = (element: unknown): Json => canonicalValue(field, element);
  if (field.map)
    return Object.fromEntries(Object.entries(value as object).map(([key, element]) => [key, one(element)]));
  return field.repeated ? (value as unknown[]).map(one) : one(value);
}

function canonicalValue({ type, resolvedType }: Field, value: unknown): Json {
  if (resolvedType !== null && 'fields' in resolvedType) return canonicalMessage(resolvedType, value as object);
  if (resolvedType !== null && 'values' in resolvedType)
    return typeof value === 'number' ? (resolvedType.valuesById[value] ?? value) : String(value);
  if (type.endsWith('64')) return String(value);
  if (type === 'float' || type === 'double')
    return canonicalNumber(type === 'float' ? Math.fround(Number(value)) : Number(value));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value as Json;
}

function canonicalNumber(value: number): Json {
  // Minus zero is zero; JSON has no other number that is two.
  return Number.isFinite(value) ? value + 0 : String(value);
}
