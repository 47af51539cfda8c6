// What one event changes of a model's desired state. Whatever asks for a change (a call of the admin service, the judge of
// canaries) makes one of these from what it knows; writing it keeps all that it does not mention, also fields that this version of weft does not know.
import type { CreateMessage, Editable } from '@weft/models';
import type { ModelConfig } from '@weft/rpc/messages/inference/ModelConfig';
import type { DesiredVersion } from '@weft/rpc/messages/weft/models/v1/DesiredVersion';
import type { Rollout__Output } from '@weft/rpc/messages/weft/models/v1/Rollout';
import type { Withdrawal } from '@weft/rpc/messages/weft/models/v1/Withdrawal';

export interface ModelChange {
  /** For people: "rolled back version 3: …". */
  readonly reason: string;
  /** Of a model that has no event yet. */
  readonly service: string;
  readonly rollout?: Rollout__Output;
  readonly withdrawals?: readonly Withdrawal[];
  readonly newVersion?: DesiredVersion;
  /** Pushed versions to forget. */
  readonly dropped?: readonly string[];
  readonly unloaded?: boolean;
  readonly loadGeneration?: number;
  /** null: that of the model repositories. */
  readonly configOverride?: ModelConfig | null;
}

/** Changes the message of a DesiredModel in place. */
export function applyChange(
  name: string,
  change: ModelChange,
  { model, create }: { readonly model: Editable; readonly create: CreateMessage },
): void {
  const { service, rollout, withdrawals, newVersion, dropped = [], unloaded, loadGeneration, configOverride } = change;
  model['name'] = name;
  if (!model['service']) model['service'] = service;
  if (rollout !== undefined) model['rollout'] = Object.assign(model['rollout'] ?? create(types.rollout, {}), rollout);
  if (withdrawals !== undefined) model['withdrawals'] = withdrawals.map((one) => create(types.withdrawal, one));
  if (newVersion !== undefined || dropped.length > 0) {
    const versions = (model['versions'] ?? []) as Editable[];
    const kept = versions.filter((one) => !dropped.includes(one['version'] as string));
    model['versions'] = newVersion === undefined ? kept : [...kept, create(types.version, newVersion)];
  }
  if (unloaded !== undefined) model['unloaded'] = unloaded;
  if (loadGeneration !== undefined) model['loadGeneration'] = loadGeneration;
  if (configOverride !== undefined)
    model['configOverride'] = configOverride === null ? null : create(types.config, configOverride);
}

const types = {
  rollout: 'weft.models.v1.Rollout',
  withdrawal: 'weft.models.v1.Withdrawal',
  version: 'weft.models.v1.DesiredVersion',
  config: 'inference.ModelConfig',
} as const;
