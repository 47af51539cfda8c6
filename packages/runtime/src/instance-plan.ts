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
  const accelerators = acceleratorsOf(config);
  // Passive instances take no requests by themselves, so they need not be there.
  const groups = config.instanceGroup.filter((group) => !group.passive);
  const placements =
    config.instanceGroup.length === 0
      ? [{ providers: accelerated(wanted, accelerators), deviceId: 0 }]
      : groups.flatMap((group) => placementsOf(group, wanted, accelerators));
  if (placements.length === 0) throw new WeftError('INVALID_ARGUMENT', 'instance_group asks for no instance');
  return { placements, isolation };
}

/** Execution providers that the configuration wants first, on each kind of device. */
interface Accelerators {
  readonly gpu: readonly string[];
  readonly cpu: readonly string[];
}

/** One that this build lacks is passed over like any provider, and the reason is told. */
function acceleratorsOf({ optimization }: ModelConfig__Output): Accelerators {
  const accelerators = optimization?.executionAccelerators;
  const names = (listed: readonly { name: string }[] | undefined): string[] => (listed ?? []).map(({ name }) => name);
  return { gpu: names(accelerators?.gpuExecutionAccelerator), cpu: names(accelerators?.cpuExecutionAccelerator) };
}

function accelerated(providers: readonly string[], { gpu, cpu }: Accelerators): readonly string[] {
  return [...new Set([...(providers.some((name) => name !== 'cpu') ? gpu : cpu), ...providers])];
}

function placementsOf(
  group: ModelInstanceGroup__Output,
  wanted: readonly string[],
  accelerators: Accelerators,
): InstancePlan['placements'] {
  const devices = group.gpus.length > 0 ? group.gpus : [0];
  const count = group.count || 1;
  const providers = accelerated(providersOf(group, wanted), accelerators);
  return devices.flatMap((deviceId) => Array.from({ length: count }, () => ({ providers, deviceId })));
}

/** `KIND_AUTO` with GPUs means those; `KIND_MODEL` leaves it to the backend, as `KIND_AUTO` does. */
function providersOf({ kind, gpus }: ModelInstanceGroup__Output, wanted: readonly string[]): readonly string[] {
  if (kind === 'KIND_CPU') return ['cpu'];
  const gpu = kind === 'KIND_GPU' || (kind === 'KIND_AUTO' && gpus.length > 0);
  if (gpu && !wanted.some((name) => name !== 'cpu')) return ['cuda', ...wanted];
  return wanted;
}
