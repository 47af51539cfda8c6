// How many instances of a model, where, and how isolated: Triton's instance groups, with weft's own parameters on top.
import { WeftError } from '@weft/errors';
import { weftParameter } from '@weft/models';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { ModelInstanceGroup__Output } from '@weft/rpc/messages/inference/ModelInstanceGroup';
import type { Isolation } from './executor/worker-channel.ts';

export interface InstancePlan {
  /** One for each instance. */
  readonly placements: readonly { readonly providers: readonly string[]; readonly deviceId: number }[];
  readonly isolation: Isolation;
}

/** `providers` is what the process prefers. Throws INVALID_ARGUMENT for what the configuration cannot mean. */
export function instancePlan(config: ModelConfig__Output, providers: readonly string[]): InstancePlan {
  const isolation = weftParameter(config, 'isolation') ?? 'thread';
  if (isolation !== 'thread' && isolation !== 'process') {
    throw new WeftError('INVALID_ARGUMENT', `weft.isolation is '${isolation}'; it may be thread or process`);
  }
  const wanted =
    weftParameter(config, 'execution_providers')
      ?.split(',')
      .map((name) => name.trim()) ?? providers;
  const groups = config.instanceGroup;
  const placements =
    groups.length === 0 ? [{ providers: wanted, deviceId: 0 }] : groups.flatMap((group) => placementsOf(group, wanted));
  if (placements.length === 0) throw new WeftError('INVALID_ARGUMENT', 'instance_group asks for no instance');
  return { placements, isolation };
}

function placementsOf(group: ModelInstanceGroup__Output, wanted: readonly string[]): InstancePlan['placements'] {
  const devices = group.gpus.length > 0 ? group.gpus : [0];
  const count = group.count || 1;
  const providers = providersOf(group, wanted);
  return devices.flatMap((deviceId) => Array.from({ length: count }, () => ({ providers, deviceId })));
}

function providersOf({ kind }: ModelInstanceGroup__Output, wanted: readonly string[]): readonly string[] {
  if (kind === 'KIND_CPU') return ['cpu'];
  if (kind === 'KIND_GPU' && !wanted.some((name) => name !== 'cpu')) return ['cuda', ...wanted];
  return wanted;
}
