// What the protocol asks of models and needs no replica for: answered from the inventory.
import { WeftError } from '@weft/errors';
import type { ModelMetadataResponse } from '@weft/rpc/messages/inference/ModelMetadataResponse';
import type { Inventory } from '../replicas/inventory.ts';
import { readyVersion, resolveVersion } from '../engine/resolve-version.ts';

export function requireName(model: string): void {
  if (model === '') throw new WeftError('INVALID_ARGUMENT', 'Model name cannot be empty');
}

/** Whether a version, or with an empty one any that serves, is READY. An unknown model is not. */
export function modelReady(inventory: Inventory, model: string, version: string): boolean {
  return readyVersion(inventory, model, version) !== undefined;
}

export function modelMetadata(inventory: Inventory, model: string, version: string): ModelMetadataResponse {
  const view = resolveVersion(inventory, model, version);
  const ready = (inventory.models.get(model) ?? []).filter((other) => other.ready).map((other) => other.version);
  return { ...view.entry.metadata, versions: version === '' ? ready : [version] };
}
