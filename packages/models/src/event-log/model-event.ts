// Reads and writes the messages of the event log (proto/weft/models/v1). What comes out of a log may be anything: it is checked
// here, once, and whoever reads further may rely on it. Fields that this version of weft does not know survive a change.
import { join } from 'node:path';
import { invalidArgument } from '@weft/errors';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { DesiredVersion__Output } from '@weft/rpc/messages/weft/models/v1/DesiredVersion';
import type { ModelEvent__Output } from '@weft/rpc/messages/weft/models/v1/ModelEvent';
import type { Rollout__Output } from '@weft/rpc/messages/weft/models/v1/Rollout';
import { protoDirectory } from '@weft/rpc/wire';
import { type Message, Reader, Root, type Type } from 'protobufjs';
import { validateModelName } from '../model-name.ts';
import { validateArtifactPath } from './artifact-path.ts';

/** An event of the one kind that is known, checked. */
export type DesiredEvent = Omit<ModelEvent__Output, 'model' | 'kind'> & { readonly model: DesiredModel__Output };

/** A message as protobufjs holds it, with what it does not know: fields are set, never spread. */
export type Editable = Message & Record<string, unknown>;

/**
 * An event as it may be acted upon; undefined for a kind that this version of weft does not know. Throws INVALID_ARGUMENT that
 * names what is wrong with it.
 */
export function readModelEvent(bytes: Uint8Array): DesiredEvent | undefined {
  const event = eventType().toObject(decoded(bytes), plainForm) as ModelEvent__Output;
  const { model } = event;
  if (model === null || model === undefined) return undefined;
  checkModel(model);
  return { ...event, model };
}

/** A message of a type of proto/, such as inference.ModelConfig, from its plain form; to be set as a field of another one. */
export type CreateMessage = (type: string, fields: object) => Editable;

/** A new event after the last one (undefined: the first): `edit` changes the model's message in place, the rest is kept as it is. */
export function editModelEvent(
  last: Uint8Array | undefined,
  about: { readonly author: string; readonly atMs: number; readonly traceparent: string; readonly reason: string },
  edit: (model: Editable, create: CreateMessage) => void,
): Uint8Array {
  const type = eventType();
  const event = (last === undefined ? type.create() : decoded(last)) as Editable;
  Object.assign(event, about);
  const model = (event['model'] ?? type.lookupType('weft.models.v1.DesiredModel').create()) as Editable;
  edit(model, (name, fields) => type.root.lookupType(name).fromObject(fields) as Editable);
  event['model'] = model;
  return type.encode(event).finish();
}

const plainForm = { longs: Number, enums: String, defaults: true, arrays: true, objects: true, oneofs: true } as const;

function decoded(bytes: Uint8Array): Message {
  const reader = Reader.create(bytes);
  reader.discardUnknown = false;
  try {
    return eventType().decode(reader);
  } catch (cause) {
    throw invalidArgument(`not a model event: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function checkModel({ name, service, versions, rollout, withdrawals }: DesiredModel__Output): void {
  validateModelName(name);
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(service)) throw invalidArgument(`'${service}' is no name of a service`);
  for (const version of versions) checkVersion(version);
  const numbers = versions.map(({ version }) => version);
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (twice !== undefined) throw invalidArgument(`version ${twice} is there twice`);
  for (const { version } of withdrawals) requireVersion(version);
  if (rollout !== null) checkRollout(rollout);
}

function checkVersion({ version, files }: DesiredVersion__Output): void {
  requireVersion(version);
  if (files.length === 0) throw invalidArgument(`version ${version} has no files`);
  const paths = new Set<string>();
  for (const { path, sha256, size } of files) {
    validateArtifactPath(path);
    if (paths.has(path)) throw invalidArgument(`version ${version} has two files '${path}'`);
    paths.add(path);
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalidArgument(`'${sha256}' is no sha-256 digest of '${path}'`);
    if (!Number.isSafeInteger(size)) throw invalidArgument(`${size} is no size of '${path}'`);
  }
}

function checkRollout({ stable, canary, canaryShare, shadow, shadowShare }: Rollout__Output): void {
  for (const version of [stable, canary, shadow]) if (version !== '') requireVersion(version);
  requireShare(canaryShare, canary);
  requireShare(shadowShare, shadow);
  if (canary !== '' && canary === stable) throw invalidArgument(`version ${canary} cannot be its own canary`);
}

function requireShare(share: number, version: string): void {
  const valid = share >= 0 && share <= 1 && (version !== '' || share === 0);
  if (!valid) throw invalidArgument(`${share} is no share of the requests for version '${version}'`);
}

function requireVersion(version: string): void {
  if (!/^[1-9]\d{0,14}$/.test(version)) throw invalidArgument(`'${version}' is no version: a whole number above zero`);
}

let type: Type | undefined;

function eventType(): Type {
  if (type === undefined) {
    const root = new Root();
    root.resolvePath = (_origin, target) => join(protoDirectory, target);
    type = root.loadSync('weft/models/v1/models.proto').lookupType('weft.models.v1.ModelEvent');
  }
  return type;
}
